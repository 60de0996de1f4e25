"""Bulletins for everybody: the village's list, one with its downloads, the list for the wall."""

from __future__ import annotations

import functools
from collections.abc import Callable
from itertools import groupby
from typing import Any

import segno
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from consultation import checker
from consultation.board import shown_result
from consultation.bulletin_reads import chain_lines, mark_of, open_bulletin, readable
from consultation.models import Bulletin, Decision
from residents.models import User, Village
from ui.answers import refuse

from .doors import belongs
from .meeting import village_trail

PER_PAGE = 20
LISTED = 3000  # numbers that stand on a bulletin's own page; longer lists have theirs
KEPT = "private, max-age=300"

View = Callable[..., HttpResponse]


def may_read(user: User, village: Village) -> bool:
    """Everybody reads bulletins; those of a practice village only who may know of it."""
    return not village.is_practice or any(belongs(user, meeting) for meeting in village.meetings.all()[:5])


def bulletin_door(view: View) -> View:
    """Guard `view(request, village, …)`; with `number` in the address, `view(request, village, bulletin)`."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, village: str, number: int | None = None) -> HttpResponse:
        place = get_object_or_404(Village.objects.select_related("region__parent"), slug=village)
        if not may_read(request.user, place):
            raise Http404
        found = () if number is None else (get_object_or_404(readable(place), number=number),)
        if request.method not in ("GET", "HEAD"):
            response = refuse(request, "wrong_method", _("请从页面上的按钮操作。"), back=place_url(place))
            response["Allow"] = "GET"
            return response
        return view(request, place, *found)

    return guarded


def place_url(village: Village) -> str:
    return reverse("consultation:bulletins", args=[village.slug])


def trail(village: Village) -> list[tuple[str, str]]:
    return [*village_trail(village), (_("公示单"), place_url(village))]


@bulletin_door
def bulletins(request: HttpRequest, village: Village) -> HttpResponse:
    """The village's bulletins, newest first, each with its place in the chain."""
    page = Paginator(readable(village).order_by("-number"), PER_PAGE).get_page(request.GET.get("page"))
    decisions = {
        (decision.motion_id, decision.version): decision
        for decision in Decision.objects.of(village)
        .filter(motion__in=[one.motion_id for one in page])
        .select_related("motion")
    }
    rows = [
        {
            "bulletin": one,
            "mark": mark_of(one),
            "decision": decisions.get((one.motion_id, one.version)),
        }
        for one in page
    ]
    return render(
        request,
        "consultation/bulletins.html",
        {
            "village": village,
            "trail": village_trail(village),
            "page": page,
            "rows": rows,
            "chain_url": reverse("consultation:bulletin_chain", args=[village.slug]),
            "check_url": reverse("check:page"),
        },
    )


def _opened(village: Village, bulletin: Bulletin) -> dict[str, Any]:
    """What the page and the wall's list both show."""
    opened = open_bulletin(bulletin)
    meeting = bulletin.motion.meeting
    decision = Decision.objects.of(village).get(motion=bulletin.motion, version=bulletin.version)
    numbers = opened.numbers
    rows = list(enumerate(numbers, 1))
    return {
        "village": village,
        "bulletin": bulletin,
        "opened": opened,
        "body": opened.body,
        "mark": mark_of(bulletin),
        "meeting": meeting,
        "motion_text": opened.body["definition"]["text"],
        "decision": shown_result(decision, meeting.procedure),
        "numbers": numbers,
        "groups": [(digit, list(group)) for digit, group in groupby(rows, key=lambda row: row[1][0])],
    }


@bulletin_door
def bulletin(request: HttpRequest, village: Village, bulletin: Bulletin) -> HttpResponse:
    """One bulletin: what was counted, its root, its downloads, and whether a number is in the box."""
    versions = list(readable(village).filter(motion=bulletin.motion).order_by("version"))
    shown = _opened(village, bulletin)
    place = [village.slug, bulletin.number]
    context = shown | {
        "trail": trail(village),
        "listed": len(shown["numbers"]) <= LISTED,
        "newer": next((one for one in reversed(versions) if one.version > bulletin.version), None),
        "older": next((one for one in reversed(versions) if one.version < bulletin.version), None),
        "file_url": reverse("consultation:bulletin_file", args=place),
        "wall_url": reverse("consultation:bulletin_wall", args=place),
        "chain_url": reverse("consultation:bulletin_chain", args=[village.slug]),
        "check_url": f"{reverse('check:page')}#file={reverse('consultation:bulletin_file', args=place)}",
        "script_url": reverse("check:script"),
        "script_hash": checker.script_hash(),
    }
    return render(request, "consultation/bulletin.html", context)


@bulletin_door
def bulletin_wall(request: HttpRequest, village: Village, bulletin: Bulletin) -> HttpResponse:
    """Every number on paper, large enough for old eyes, with the root and the result."""
    context = _opened(village, bulletin) | {"trail": [*trail(village), (str(bulletin.number), "../")]}
    return render(request, "consultation/print/bulletin_wall.html", context)


def _attached(content: Any, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse if isinstance(content, bytes) else StreamingHttpResponse
    response = answer(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = KEPT
    return response


@bulletin_door
def bulletin_file(request: HttpRequest, village: Village, bulletin: Bulletin) -> HttpResponse:
    """The bulletin itself, letter by letter."""
    name = f"bulletin-{village.slug}-{bulletin.number}.json"
    return _attached(bulletin.body.encode(), "application/json; charset=utf-8", name)


@bulletin_door
def bulletin_chain(request: HttpRequest, village: Village) -> HttpResponse:
    """All of the village's bulletins, one to a line."""
    lines = (line.encode() for line in chain_lines(village))
    return _attached(lines, "application/jsonl; charset=utf-8", f"bulletins-{village.slug}.jsonl")


@bulletin_door
def bulletin_qr(request: HttpRequest, village: Village, bulletin: Bulletin) -> HttpResponse:
    """The QR code of the root, for the hall's screen."""
    mark = mark_of(bulletin)
    code = segno.make(mark.link, error="m", micro=False).svg_inline(border=4, omitsize=True, dark="#000", light="#fff")
    picture = code.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    response = HttpResponse(picture, content_type="image/svg+xml")
    response["Cache-Control"] = KEPT
    return response
