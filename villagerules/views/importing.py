"""Bringing rules in: a file or a text, what it was understood as, and only then a draft."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from residents.models import User, Village
from residents.rights import Act
from residents.views.doors import village_door
from ui.answers import STATUS, refuse, wants_json
from ui.limits import too_many_uploads
from villagerules.bodies import kind_by_title
from villagerules.errors import RulesError
from villagerules.forms import DRAFT, IN_FORCE, KeepForm, SourceForm
from villagerules.keeping import Life, document_of, save_draft
from villagerules.models import RuleVersion, VillageRules
from villagerules.reading import Reading, read_rules
from villagerules.sources import read_source
from villagerules.structure import clean_line, tidy
from villagerules.word import LARGEST_BYTES

from .doors import back_to, trail

SHOWN_REMARKS = 200
SHOWN_WORDS = 16


@village_door("GET", "POST", act=Act.DRAFT_RULES, or_act=Act.PUBLISH_RULES)
@never_cache
def bring_in(request: HttpRequest, village: Village) -> HttpResponse:
    """First the file or text; then, from what was read, the page on which it is mended and kept.

    Nothing is kept before that: the text travels in the form, what was typed is never lost.
    """
    if request.method == "POST" and request.POST.get("step") in ("look", "save"):
        return _mend(request, village, save=request.POST["step"] == "save")
    form = SourceForm(request.POST or None, request.FILES or None)
    if request.method != "POST":
        return _ask(request, village, form)
    file: UploadedFile | None = request.FILES.get("file")
    if file is not None and too_many_uploads(request.user.pk):
        return refuse(request, "slow_down", _("一小时最多上传 20 次，请过一会儿再试。"), retry_after=3600)
    if not form.is_valid():
        return _ask(request, village, form, status=422)
    try:
        reading, text = _read(file, form.cleaned_data["text"])
    except RulesError as error:
        form.add_error("file", error.message)
        return _ask(request, village, form, status=STATUS[error.code])
    return _preview(request, village, _begun(village, reading, text, as_old=request.GET.get("as") == IN_FORCE), reading)


def _read(file: UploadedFile | None, text: str) -> tuple[Reading, str]:
    if file is None:
        text = tidy(text)
        return read_rules(text), text
    # One byte more than may be, so that a larger one is told apart without being read whole.
    return read_source(file.name or "", file.read(LARGEST_BYTES + 1))


def _begun(village: Village, reading: Reading, text: str, *, as_old: bool) -> KeepForm:
    """The second form, with all that the paper told."""
    title, told = reading.rules.title, reading.adoption
    same = VillageRules.objects.of(village).filter(title=title).first()
    initial = {
        "text": text,
        "document": same.slug if same else "",
        "kind": kind_by_title(title, village),
        "purpose": IN_FORCE if as_old else DRAFT,
        "adopted_by": told.body,
        "adopted_on": told.on,
        "effective_on": told.effective_on or told.on,
    }
    return KeepForm(initial=initial, village=village, today=timezone.localdate())


def _ask(request: HttpRequest, village: Village, form: SourceForm, *, status: int = 200) -> HttpResponse:
    if status != 200 and wants_json(request):
        return refuse(request, "invalid", str(next(iter(form.errors.values()))[0]))
    context = {
        "village": village, "trail": trail(village), "form": form,
        "drafts": RuleVersion.objects.of(village).drafts().select_related("rules", "village").order_by("-pk"),
    }  # fmt: skip
    return render(request, "villagerules/import.html", context, status=status)


def _preview(
    request: HttpRequest, village: Village, form: KeepForm, reading: Reading | None, *, status: int = 200
) -> HttpResponse:
    lines = (form["text"].value() or "").replace("\r\n", "\n").split("\n")
    told = [(one, _beginning(lines, one.line), one.stops) for one in reading.remarks] if reading else []
    stops, others = ([one[:2] for one in told if one[2] is stop] for stop in (True, False))
    context: dict[str, Any] = {
        "village": village, "trail": trail(village), "form": form, "reading": reading,
        "stops": stops[:SHOWN_REMARKS], "remarks": others[:SHOWN_REMARKS],
        "more_remarks": max(len(others) - SHOWN_REMARKS, 0),
    }  # fmt: skip
    return render(request, "villagerules/import_preview.html", context, status=status)


def _beginning(lines: list[str], line: int) -> str:
    """The first words of a line, by which it is found in the text."""
    words = clean_line(lines[line - 1]) if 0 < line <= len(lines) else ""
    return words if len(words) <= SHOWN_WORDS else f"{words[:SHOWN_WORDS]}…"


def _mend(request: HttpRequest, village: Village, *, save: bool) -> HttpResponse:
    form = KeepForm(request.POST, village=village, today=timezone.localdate())
    valid = form.is_valid()
    reading = None
    if "text" in form.cleaned_data:
        text = tidy(form.cleaned_data["text"])
        reading = read_rules(text, style=form.cleaned_data.get("style", ""))
    if not save:
        if "text" not in form.errors:
            form.errors.clear()  # what is still to be filled in is asked for when it is kept
        return _preview(request, village, form, reading, status=422 if form.errors else 200)
    if reading is None or reading.stops or not valid:
        return _preview(request, village, form, reading, status=422)
    if not reading.rules.title:
        form.add_error("text", _("请在第一行写上名称，例如“%(name)s%(rules)s”。") % {
            "name": village.name, "rules": village.rules_name,
        })  # fmt: skip
        return _preview(request, village, form, reading, status=422)
    try:
        version = _keep(village, form, reading, by=request.user)
    except RulesError as error:
        form.add_error(None, error.message)
        return _preview(request, village, form, reading, status=STATUS[error.code])
    if version.imported:
        messages.success(request, _("存好了，还没有公布。请核对全文，再提交给第二个人确认。"))
    else:
        messages.success(request, _("存成了草案（第 %(number)s 版）。") % {"number": version.number})
    return back_to(version.get_absolute_url())


def _keep(village: Village, form: KeepForm, reading: Reading, *, by: User) -> RuleVersion:
    data = form.cleaned_data
    rules = form.documents.get(data["document"])
    if rules is None:
        rules = document_of(village, kind=data["kind"], title=reading.rules.title)
    life = Life(**{name: data[name] for name in KeepForm.LIFE}) if data["purpose"] == IN_FORCE else None
    return save_draft(rules, reading.rules, by=by, life=life, note=data["note"])
