"""What residents and visitors see of a meeting: its page, its board, the hall's screen, their own code."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from consultation import meetings
from consultation.arrival import arrival_code, entry_of_code
from consultation.board import read_board
from consultation.eligibility import acting_entries, may_call, may_chair, may_check_in, may_watch, offices_in
from consultation.live import socket_token
from consultation.models import Attendance, Ballot, Choice, Meeting, Motion, RosterEntry
from ui.answers import wants_json

from .doors import belongs, door


def watching(request: HttpRequest, meeting: Meeting) -> dict[str, Any]:
    """What the page's script needs to follow the meeting; empty for those who may not watch."""
    if not belongs(request.user, meeting):
        return {}
    token = socket_token(
        meeting_id=meeting.pk, user_id=request.user.pk, language=translation.get_language() or settings.LANGUAGE_CODE
    )
    base = settings.SOCKET_URL
    return {
        "token": token,
        "socket_path": f"{base}/ws/meetings/{meeting.pk}/",
        "board_path": meeting.address("board"),
    }


def _papers(request: HttpRequest, meeting: Meeting, motion: Motion | None) -> list[dict[str, Any]]:
    """One ballot paper for each unit the account acts for: there already, voted already, or still to vote."""
    entries = list(acting_entries(request.user, meeting).prefetch_related("attendances"))
    ballots: dict[int, Ballot] = {}
    if motion is not None:
        ballots = {b.entry_id: b for b in Ballot.objects.filter(motion=motion, entry__in=entries)}
    papers = []
    for entry in entries:
        stays = [stay for stay in entry.attendances.all() if stay.voided_at is None]
        ballot = ballots.get(entry.pk)
        papers.append(
            {
                "entry": entry,
                "present": any(stay.out_at is None for stay in stays),
                "may_vote": motion is not None
                and motion.opening is not None
                and any(
                    stay.came_after < motion.opening and (stay.left_after is None or stay.left_after >= motion.opening)
                    for stay in stays
                ),
                "voted": Choice(ballot.choice).label if ballot else "",
                "key": secrets.token_urlsafe(16),
            }
        )
    return papers


@door("GET")
def meeting(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Notice, agenda, documents, who is entitled, the live board, the ballot, minutes when there."""
    has_roster = hasattr(meeting, "roster")
    board = read_board(meeting) if has_roster and meeting.state != Meeting.State.NOTICED else None
    follows = watching(request, meeting) if meeting.is_live else {}
    minutes = getattr(meeting, "minutes", None)
    context = {
        "meeting": meeting,
        "village": meeting.village,
        "board": board,
        "rules": meeting.procedure,
        "follows": follows,
        "papers": _papers(request, meeting, board.motion if board else None) if request.user.is_authenticated else [],
        "voting_open": board is not None and board.motion is not None and board.motion.state == Motion.State.OPEN,
        "words": getattr(meeting, "page", None),
        "agenda": meeting.agenda.prefetch_related("motions"),
        "motions": meeting.motions.prefetch_related("decisions"),
        "officers": meeting.officers.serving().select_related("resident"),
        "offices": offices_in(request.user, meeting),
        "may_call": request.user.is_authenticated and may_call(request.user, meeting.village),
        "inside": belongs(request.user, meeting),
        "minutes": minutes
        if minutes and (minutes.state in ("published", "archived") or belongs(request.user, meeting))
        else None,
    }
    return render(request, "consultation/meeting.html", context)


@door("GET", right=may_watch)
def board(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The board again, for phones whose socket is gone: the same fragment, and a fresh token in a header."""
    shown = read_board(meeting)
    if wants_json(request):
        response: HttpResponse = JsonResponse(shown.pulse.as_tally())
    else:
        response = render(request, "consultation/partials/board.html", {"board": shown, "meeting": meeting})
        response["X-Board-Version"] = str(shown.pulse.version)
        response["X-Board-Motion"] = str(shown.pulse.motion_id or "")
        response["X-Socket-Token"] = watching(request, meeting)["token"]
    response["Cache-Control"] = "no-store"
    return response


@door("GET", right=may_watch)
def hall(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The projector's screen."""
    context = {
        "meeting": meeting,
        "village": meeting.village,
        "board": read_board(meeting),
        "follows": watching(request, meeting),
        "join_url": settings.PUBLIC_URL + meeting.get_absolute_url(),
    }
    return render(request, "consultation/hall.html", context)


def _own_entry(request: HttpRequest, meeting: Meeting, entry: int) -> RosterEntry | None:
    return acting_entries(request.user, meeting).filter(number=entry).first()


@door("GET", right=may_watch)
def my_code(request: HttpRequest, meeting: Meeting, entry: int) -> HttpResponse:
    """The attendee's own code, shown to the recorder at the door; the page goes on by itself once checked in."""
    unit = _own_entry(request, meeting, entry)
    if unit is None:
        return HttpResponseRedirect(meeting.get_absolute_url(), status=303)
    if unit.attendances.present().exists():
        messages.success(request, _("%(name)s已签到。") % {"name": unit.name})
        return HttpResponseRedirect(meeting.get_absolute_url(), status=303)
    url = settings.PUBLIC_URL + meeting.address("arrive", arrival_code(unit))
    return render(request, "consultation/my_code.html", {"meeting": meeting, "entry": unit, "code_url": url})


@door("POST", right=may_watch)
def attend_remotely(request: HttpRequest, meeting: Meeting, entry: int) -> HttpResponse:
    """Somebody far away says that they are there, where the meeting allows it."""
    unit = _own_entry(request, meeting, entry)
    if unit is not None:
        meetings.check_in(meeting, [unit], method=Attendance.Method.REMOTE, by=request.user)
        messages.success(request, _("%(name)s已远程签到。") % {"name": unit.name})
    return HttpResponseRedirect(meeting.get_absolute_url(), status=303)


@door("GET", "POST", right=may_check_in, back="console")
def arrive(request: HttpRequest, meeting: Meeting, code: str) -> HttpResponse:
    """What the recorder's phone opens after scanning an attendee's code: who it is, and one button."""
    entry = entry_of_code(meeting, code)
    if entry is None:
        messages.error(request, _("这个签到码已经过期或者不属于这次会议,请让对方刷新页面再扫,或者按姓名签到。"))
        return HttpResponseRedirect(meeting.address("console"), status=303)
    if request.method == "POST":
        added = meetings.check_in(meeting, [entry], method=Attendance.Method.QR, by=request.user)
        messages.success(
            request, (_("%(name)s签到成功。") if added else _("%(name)s早已签到。")) % {"name": entry.name}
        )
        return HttpResponseRedirect(meeting.address("console"), status=303)
    context = {"meeting": meeting, "entry": entry, "present": entry.attendances.present().exists()}
    return render(request, "consultation/arrive.html", context)


@door("GET", right=may_chair, back="console")
def sign_in_sheet(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The roster to sign on paper."""
    entries = meeting.roster.entries.all() if hasattr(meeting, "roster") else []
    return render(request, "consultation/print/sign_in_sheet.html", {"meeting": meeting, "entries": entries})


@door("GET")
def notice(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The A4 notice for the wall."""
    context = {
        "meeting": meeting,
        "rules": meeting.procedure,
        "join_url": settings.PUBLIC_URL + meeting.get_absolute_url(),
    }
    return render(request, "consultation/print/notice.html", context)


GUIDES = ("chair", "recorder", "teller", "scrutineer", "resident")


@door("GET")
def guide(request: HttpRequest, meeting: Meeting, role: str) -> HttpResponse:
    """One page per role, to print and keep beside the table."""
    if role not in GUIDES:
        return HttpResponseRedirect(meeting.get_absolute_url(), status=303)
    return render(request, f"consultation/print/guide_{role}.html", {"meeting": meeting, "rules": meeting.procedure})
