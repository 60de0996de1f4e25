"""The table where papers are handed out: who gets one, who fetches another, who hands one back unused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from consultation import paper
from consultation.eligibility import may_check_in
from consultation.errors import Invalid
from consultation.models import Mark, Meeting, Motion, PaperIssue, RosterEntry

from .console import FOUND_AT_MOST, asked_for, find_motion
from .desks import handed_out
from .doors import Factor, door
from .meeting import trail

A_PAGE = 8  # yes/no ballots on a sheet of A4
A_LINE = 18  # characters of a ballot a quarter of a page large
# Lines that find room on a ballot, and how many such ballots a page has; longer ones run over pages of their own.
LAYOUTS = ((10, 4, "quarters"), (18, 2, "halves"), (10_000, 1, "pages"))
PAGES_AT_MOST = 50


def _found(motion: Motion, words: str) -> list[RosterEntry]:
    """Roster lines answering to a name or number, with what the table may do for each."""
    if not words or motion.opening is None:
        return []
    out = PaperIssue.objects.filter(motion=motion, entry=OuterRef("pk"), state=PaperIssue.State.OUT)
    marks = Mark.objects.filter(motion=motion, entry=OuterRef("pk"))
    stays = motion.meeting.attendances.present_at(motion.opening).filter(entry=OuterRef("pk"))
    found = motion.meeting.roster.entries.named_like(words).annotate(
        holds=Exists(out), voted=Exists(marks.filter(paper=False)), came=Exists(stays)
    )
    return list(found.order_by("number")[:FOUND_AT_MOST])


def _context(request: HttpRequest, meeting: Meeting, motion: Motion, words: str) -> dict[str, Any]:
    is_open = motion.state == Motion.State.OPEN
    return {
        "meeting": meeting,
        "village": meeting.village,
        "motion": motion,
        "query": words,
        "found": _found(motion, words),
        "handed_out": handed_out(motion),
        # Who voted on paper is nobody's business once the box is closed.
        "holders": paper.holders(motion) if is_open else [],
        "is_open": is_open,
        "ballots_url": meeting.address("paper_ballots", motion.number),
        "console_url": meeting.address("console"),
        "trail": trail(meeting, itself=True),
    }


@door("GET", right=may_check_in, back="console", factor=Factor.CONSOLE)
def papers(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
    """Find somebody by name or number, and hand out, exchange or take back."""
    put = find_motion(meeting, motion)
    if not put.by_paper:
        raise Invalid(_("这一项不用纸票。"))
    context = _context(request, meeting, put, asked_for(request.GET))
    name = "partials/paper_table.html" if request.htmx else "papers.html"
    response = render(request, f"consultation/{name}", context)
    response["Cache-Control"] = "no-store"
    return response


def _act(act: Callable[..., Any], done: Callable[[RosterEntry], str]) -> Callable[..., HttpResponse]:
    """A button that does one thing with one unit's paper."""

    @door("POST", right=may_check_in, back="console", factor=Factor.CONSOLE)
    def pressed(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
        put = find_motion(meeting, motion)
        entry = _entry(meeting, request.POST.get("entry", ""))
        act(motion=put, entry=entry, by=request.user)
        messages.success(request, done(entry))
        return HttpResponseRedirect(meeting.address("papers", put.number), status=303)

    return pressed


def _entry(meeting: Meeting, number: str) -> RosterEntry:
    """By the number on the roster."""
    sound = number.strip()
    entries = meeting.roster.entries.select_related("roster")
    entry = entries.filter(number=int(sound)).first() if sound.isdecimal() and len(sound) < 8 else None
    if entry is None:
        raise Invalid(_("名册上没有这个号码，请核对。"), field="entry")
    return entry


issue_paper = _act(paper.issue_paper, lambda entry: _("已给%(name)s发一张纸票。") % {"name": entry.name})
spoil_paper = _act(
    paper.spoil_paper,
    lambda entry: _("已给%(name)s换一张纸票。请把写坏的那张收好，计票时要对数。") % {"name": entry.name},
)
return_paper = _act(
    paper.return_unused,
    lambda entry: _("%(name)s的纸票已收回，现在可以用手机投，也可以再领。") % {"name": entry.name},
)


def _layout(motion: Motion) -> tuple[int, str]:
    """How many ballots a page has, and the name of that layout (none: three boxes)."""
    if not motion.form.keys:
        return A_PAGE, ""
    lines = sum(-(-len(text) // A_LINE) for text in (motion.text, *(label for _key, label in motion.choices)))
    return next((number, name) for most, number, name in LAYOUTS if lines <= most)


@door("GET", right=may_check_in, back="console", factor=Factor.CONSOLE)
def paper_ballots(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
    """Ballots to print and cut: the question, its boxes, a place for the village's stamp; no number and no name."""
    put = find_motion(meeting, motion)
    if not put.by_paper:
        raise Invalid(_("这一项不用纸票。"))
    asked = request.GET.get("pages", "1")
    pages = min(int(asked), PAGES_AT_MOST) if asked.isdecimal() and len(asked) < 5 else 1
    a_page, layout = _layout(put)
    context = {
        "meeting": meeting,
        "motion": put,
        "village": meeting.village,
        "ballots": range(a_page * max(pages, 1)),
        "pages": max(pages, 1),
        "a_page": a_page,
        "layout": layout,
        "trail": trail(meeting, itself=True),
    }
    return render(request, "consultation/print/paper_ballots.html", context)
