"""A draft edited article by article: its table of contents with the steps on it, and one page for each article."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from residents.rights import Act, letters_of
from ui.answers import STATUS, refuse
from villagerules import editing, opinion_reads
from villagerules.changes import pieces_of
from villagerules.checking import check_rules
from villagerules.editing_forms import MoveForm, PieceForm, StandardsForm, lineage_in
from villagerules.errors import Incomplete, RulesError, Stale, WrongState
from villagerules.life_cycle import why_not
from villagerules.life_reads import reviews_for
from villagerules.models import ReviewFinding, RuleVersion
from villagerules.standards import written

from .commenting import reading
from .doors import View, back_to, reader_of, trail, working_door


def _door(*methods: str) -> Any:
    """Whoever drafts, while the words may be changed."""

    def wrap(view: View) -> View:
        @working_door(*methods, act=Act.DRAFT_RULES)
        def guarded(request: HttpRequest, version: RuleVersion, **extra: Any) -> HttpResponse:
            early = why_not(letters_of(request.user, version.village), version.state, "revise_text")
            if early is not None and request.method in ("GET", "HEAD"):
                return refuse(request, early.code, early.message, back=version.address("making"))
            return view(request, version, **extra)

        return guarded

    return wrap


def _context(version: RuleVersion) -> dict[str, Any]:
    return {
        "village": version.village,
        "version": version,
        "trail": trail(version.village, (version.shown_title, version.address("making"))),
    }


@_door("GET")
def contents(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    """All articles in their order, each with what stands against it."""
    return _contents(request, version)


def _contents(
    request: HttpRequest,
    version: RuleVersion,
    *,
    error: str = "",
    status: int = 200,
    standards: StandardsForm | None = None,
) -> HttpResponse:
    pieces = pieces_of(version)
    findings = check_rules(version.whole_text())
    risky = {one.anchor for one in findings}
    said = opinion_reads.counts(version)
    rows = [
        {"piece": one, "risky": one.anchor in risky, "said": said.get(one.lineage, 0),  # type: ignore[call-overload]
         "new_part": one.part != (pieces[at - 1].part if at else "")}
        for at, one in enumerate(pieces)
    ]  # fmt: skip
    standards = standards or StandardsForm(initial={"standards": written(version.standards)})
    context = _context(version) | {"rows": rows, "findings": findings, "error": error, "standards_form": standards}
    response = render(request, "villagerules/edit.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@_door("POST")
def standards(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    """The figures that the draft advocates; what is refused stays typed."""
    form = StandardsForm(request.POST)
    if form.is_valid():
        try:
            editing.set_standards(version, form.cleaned_data["standards"], by=request.user)
        except Incomplete as error:
            form.add_error("standards", str(error.message))
        except RulesError as error:
            return refuse(request, error.code, error.message, back=version.address("making"))
        else:
            messages.success(request, _("提倡标准改好了。"))
            return back_to(f"{version.address('edit')}#standards")
    return _contents(request, version, status=422, standards=form)


@_door("GET", "POST")
def piece(request: HttpRequest, version: RuleVersion, lineage: uuid.UUID) -> HttpResponse:
    """One article with what was said and found on it. What is refused stays typed, beside what others saved."""
    row = editing.row_of(version, lineage)
    if row is None:
        return _gone(request, version)
    if request.method != "POST":
        return _piece(request, version, row, PieceForm(version=version, row=row))
    form = PieceForm(request.POST, version=version, row=row)
    if not form.is_valid():
        return _piece(request, version, row, form, status=422)
    try:
        editing.revise_piece(version, lineage, form.words, seen=form.cleaned_data["seen"], by=request.user)
    except Stale as error:
        form.add_error(None, error.message)
        row = editing.row_of(version, lineage) or row
        form.with_seen(editing.fingerprint(row.title, row.text))
        return _piece(request, version, row, form, status=STATUS[error.code], theirs=True)
    except RulesError as error:
        form.add_error(None, error.message)
        return _piece(request, version, row, form, status=STATUS[error.code])
    messages.success(request, _("保存了。"))
    return back_to(request.path)


def _gone(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    """It was removed, perhaps while somebody was writing: the words stay to be copied."""
    context = _context(version) | {
        "left": request.POST.get("text", "")[: editing.ARTICLE_MOST], "back": version.address("edit"),
        "why": _("这一条已经被删掉了。您写的话没有保存，请复制出来，看看要不要另加一条。"),
    }  # fmt: skip
    return render(request, "villagerules/too_late.html", context, status=STATUS["wrong_state"])


def _piece(
    request: HttpRequest, version: RuleVersion, row: editing.Row, form: PieceForm, *, status: int = 200,
    theirs: bool = False,
) -> HttpResponse:  # fmt: skip
    pieces = pieces_of(version)
    at = next(place for place, one in enumerate(pieces) if one.lineage == row.lineage)
    here = pieces[at]
    reader = reader_of(request.user, version.village)
    found = ReviewFinding.objects.of(version.village).filter(review__in=reviews_for(version), lineage=row.lineage)
    context = _context(version) | {
        "row": row, "piece": here, "form": form, "theirs": theirs,
        "seen": editing.fingerprint(row.title, row.text),
        "earlier": pieces[at - 1] if at else None, "later": pieces[at + 1] if at + 1 < len(pieces) else None,
        "said": opinion_reads.said_on(version, row.lineage, reader),
        "township": found.select_related("review").order_by("-pk"),
        "findings": [one for one in check_rules(version.whole_text()) if one.anchor == here.anchor],
    } | reading(request.user, version, reader)  # fmt: skip
    response = render(request, "villagerules/edit_piece.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@_door("GET", "POST")
def add(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    """A new article behind the one whose lineage stands in `after`, or at the end."""
    asked = request.GET.get("after", "")
    after = lineage_in(asked) if asked else None
    previous = next((one for one in pieces_of(version) if one.lineage == after), None)
    form, status = PieceForm(request.POST or None, version=version), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = editing.add_piece(version, form.words, after=after, by=request.user)
            except RulesError as error:
                form.add_error(None, error.message)
                status = STATUS[error.code]
            else:
                messages.success(request, _("加好了。"))
                return back_to(version.address("edit_piece", made.lineage))
    context = _context(version) | {"form": form, "previous": previous, "after": asked}
    response = render(request, "villagerules/edit_add.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _done(request: HttpRequest, version: RuleVersion, act: Any, words: str) -> HttpResponse:
    """Do it and go back to the contents; what is refused is said there."""
    try:
        act()
    except RulesError as error:
        return _contents(request, version, error=error.message, status=STATUS[error.code])
    messages.success(request, words)
    return back_to(version.address("edit"))


@_door("POST")
def remove(request: HttpRequest, version: RuleVersion, lineage: uuid.UUID) -> HttpResponse:
    seen = request.POST.get("seen", "")
    return _done(
        request, version, lambda: editing.remove_piece(version, lineage, seen=seen, by=request.user), _("删掉了。")
    )


@_door("POST")
def move(request: HttpRequest, version: RuleVersion, lineage: uuid.UUID) -> HttpResponse:
    form = MoveForm(request.POST)

    def act() -> None:
        if not form.is_valid():
            raise WrongState(_("请填要挪到第几条，例如 3。"))
        editing.move_piece(version, lineage, to=form.cleaned_data["to"], by=request.user)

    return _done(request, version, act, _("挪好了。"))


@_door("POST")
def renumber(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    return _done(request, version, lambda: editing.renumber(version, by=request.user), _("重新编好了号。"))
