"""A sheet on its way into the roll: upload, match the columns, look at what would happen, ask a second person."""

from __future__ import annotations

import base64
import secrets
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from residents.forms import ColumnsForm, SheetForm
from residents.models import SheetMapping, Village
from residents.phones import open_text, seal_text
from residents.rights import Act
from residents.roll_imports import propose_import
from residents.sheets.applying import ImportRefused
from residents.sheets.files import roll_sheet
from residents.sheets.headings import LABELS, Layout, with_mapping
from residents.sheets.people import People, read_people
from residents.sheets.plan import Plan, plan_import
from residents.sheets.reading import Sheet, SheetRefused
from residents.sheets.writing import blank_sheet, problem_sheet
from ui.answers import STATUS, refuse
from ui.limits import too_often

from .doors import village_door
from .roll import attachment, trail

UPLOADS_AN_HOUR = 20
KEPT_SECONDS = 3600
SHOWN_ROWS = 50
SHOWN_REMARKS = 200


def _where(village: Village, name: str, **more: Any) -> str:
    return reverse(f"residents:{name}", kwargs={"village": village.slug, **more})


@village_door("GET", "POST", act=Act.IMPORT_ROLL)
def upload(request: HttpRequest, village: Village) -> HttpResponse:
    """Take a sheet in. It is only kept sealed and for an hour, until somebody has looked at it."""
    form = SheetForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if too_often(f"upload:{request.user.pk}", limit=UPLOADS_AN_HOUR, seconds=3600):
            return refuse(request, "slow_down", _("一小时最多上传 20 次，请过一会儿再试。"), retry_after=3600)
        if form.is_valid():
            file = form.cleaned_data["file"]
            content = file.read()
            try:
                _sheet, layout = roll_sheet(file.name, content)
            except SheetRefused as refused:
                form.add_error("file", refused.message)
                status = STATUS[refused.code]
            else:
                token = secrets.token_urlsafe(16)
                kept = {
                    "name": file.name,
                    "content": base64.b64encode(seal_text(content)).decode(),
                    "village": village.pk,
                    "user": request.user.pk,
                    "whole": form.cleaned_data["whole"],
                }
                cache.set(f"roll-sheet:{token}", kept, KEPT_SECONDS)
                unknown = [
                    words for column, words in enumerate(layout.headings) if words and column not in layout.columns
                ]
                remembered = _mapping(village, layout) is not None
                step = "import_columns" if unknown and not remembered else "import_preview"
                return redirect(_where(village, step, token=token))
    context = {"form": form, "village": village, "trail": trail(village)}
    return render(request, "residents/roll/import.html", context, status=status)


class _Lost(Exception):
    """The sheet is no longer kept."""


def _kept(request: HttpRequest, village: Village, token: str) -> tuple[Sheet, Layout, bool]:
    kept = cache.get(f"roll-sheet:{token}")
    if kept is None or kept["village"] != village.pk or kept["user"] != request.user.pk:
        raise _Lost
    sheet, layout = roll_sheet(kept["name"], open_text(base64.b64decode(kept["content"])))
    mapping = _mapping(village, layout)
    return sheet, with_mapping(layout, mapping) if mapping is not None else layout, kept["whole"]


def _mapping(village: Village, layout: Layout) -> dict[str, str] | None:
    found = SheetMapping.objects.of(village).filter(headings=layout.fingerprint).first()
    return found.columns if found else None


def _again(request: HttpRequest, village: Village) -> HttpResponse:
    messages.warning(request, _("这个表格已经过了一小时，请重新上传。"))
    return redirect(_where(village, "import"))


@village_door("GET", "POST", act=Act.IMPORT_ROLL)
def columns(request: HttpRequest, village: Village, token: str) -> HttpResponse:
    """Say by hand what each column means; remembered for the next sheet with the same headings."""
    try:
        _sheet, layout, _whole = _kept(request, village, token)
    except _Lost:
        return _again(request, village)
    form = ColumnsForm(request.POST or None, layout=layout)
    if request.method == "POST" and form.is_valid():
        SheetMapping.objects.update_or_create(
            village=village, headings=layout.fingerprint, defaults={"columns": form.mapping()}
        )
        return redirect(_where(village, "import_preview", token=token))
    context = {"form": form, "village": village, "trail": trail(village)}
    return render(request, "residents/roll/import_columns.html", context, status=422 if form.is_bound else 200)


def _compared(village: Village, sheet: Sheet, layout: Layout, whole: bool) -> tuple[People, Plan]:
    today = timezone.localdate()
    people = read_people(sheet, layout, today=today)
    headings = {field: layout.heading(field) for field in LABELS}
    return people, plan_import(village, people, on=today, whole=whole, headings=headings)


@village_door("GET", "POST", act=Act.IMPORT_ROLL)
def preview(request: HttpRequest, village: Village, token: str) -> HttpResponse:
    """What the sheet would do. Nothing changes here: a second person is asked."""
    try:
        sheet, layout, whole = _kept(request, village, token)
        people, plan = _compared(village, sheet, layout, whole)
    except _Lost:
        return _again(request, village)
    except SheetRefused as refused:
        return refuse(request, refused.code, refused.message, back=_where(village, "import"))
    if request.method == "POST":
        try:
            propose_import(village, people, plan, whole=whole, by=request.user)
        except ImportRefused as refused:
            messages.error(request, str(refused))
        else:
            cache.delete(f"roll-sheet:{token}")
            messages.success(request, _("已提交。请另一位村（社区）管理员在“待确认事项”里核对、确认，名册才会改。"))
            return redirect(_where(village, "proposals"))
    told = plan.as_json()
    context = {
        "village": village,
        "trail": trail(village),
        "token": token,
        "plan": plan,
        "told": told,
        "whole": whole,
        "added": plan.add[:SHOWN_ROWS],
        "changed": [(step, _in_words(step.fields)) for step in plan.change[:SHOWN_ROWS]],
        "leaving": plan.leave[:SHOWN_ROWS],
        "problems": told["problems"][:SHOWN_REMARKS],
        "notes": told["notes"][:SHOWN_REMARKS],
        "nothing": not (plan.steps or plan.leave),
    }
    return render(request, "residents/roll/import_preview.html", context, status=422 if plan.problems else 200)


def _in_words(fields: dict[str, Any]) -> str:
    """The changed fields by their names in the sheet; of a phone or identity only that it changes."""
    names = {
        "name": "name", "nickname": "nickname", "gender": "gender", "born_on": "birth", "household": "household",
        "relation_to_head": "relation", "is_head": "head", "is_local": "local", "lives_here": "lives_here",
        "phone_hash": "phone", "identity_hash": "identity", "note": "note",
    }  # fmt: skip
    return "、".join(LABELS[names[name]] for name in fields if name in names) or LABELS["representative"]


@village_door("GET", act=Act.IMPORT_ROLL)
def problems(request: HttpRequest, village: Village, token: str) -> HttpResponse:
    """The same sheet with its problems beside the rows, to be mended and sent again."""
    try:
        sheet, layout, whole = _kept(request, village, token)
        _people, plan = _compared(village, sheet, layout, whole)
    except _Lost:
        return _again(request, village)
    return attachment(problem_sheet(sheet, layout, plan.problems, plan.notes), "problems.xlsx")


@village_door("GET", act=Act.IMPORT_ROLL)
def blank(request: HttpRequest, village: Village) -> HttpResponse:
    return attachment(blank_sheet(), "roll-blank.xlsx")
