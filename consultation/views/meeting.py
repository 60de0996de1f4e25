"""What residents and visitors see of a meeting: its page, its board, the hall's screen, their own code."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from consultation import attendance
from consultation.arrival import arrival_code, entry_of_code
from consultation.board import read_board, results_of
from consultation.calendar_file import calendar_of
from consultation.continuing import next_of
from consultation.documents import PREPARING, documents_of
from consultation.eligibility import (
    may_call,
    may_check_in,
    may_settle,
    may_watch,
    offices_in,
    own_entries,
)
from consultation.follow_ups import Shown, begun, by_urgency, shown
from consultation.guides import guide_for
from consultation.live import socket_token
from consultation.models import Attendance, Meeting, Motion, RosterEntry, Sheet
from consultation.models.presets import Electorate
from consultation.pictures import token_of
from consultation.places import by_place
from consultation.replies import expected, open_notice
from consultation.wording import share_in_words, unit_words
from residents.models import Village
from residents.rights import Act, may
from ui.answers import wants_json
from ui.pdf import offers_pdf

from .acting import acting_of
from .doors import Factor, belongs, door
from .own_floor import asking, leaning
from .own_papers import own_part
from .photos import may_see_count
from .standing import required_place

UNSETTLED = (Motion.State.DISPUTED, Motion.State.INTERRUPTED)


def village_trail(village: Village) -> list[tuple[str, str]]:
    """Home and village (practice villages have no page)."""
    page = getattr(village, "page", None)
    return [(_("首页"), "/"), *([(village.name, page.url)] if page else [])]


def trail(meeting: Meeting, *, itself: bool = False) -> list[tuple[str, str]]:
    """The way to the meeting, or with `itself` through it."""
    way = village_trail(meeting.village)
    return [*way, (meeting.title, meeting.get_absolute_url())] if itself else way


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


def _goes_on(meeting: Meeting, *, knows: bool) -> Meeting | None:
    """Where a meeting that was put off goes on; while that one is in preparation few know of it."""
    if meeting.state == Meeting.State.PREPARING or not meeting.state_reason:
        return None
    following = next_of(meeting)
    hidden = following is not None and following.state == Meeting.State.PREPARING and not knows
    return None if hidden else following


def _promised(meeting: Meeting, *, inside: bool) -> list[Shown]:
    if not inside and meeting.state not in Meeting.PUBLIC:
        return []
    found = list(by_urgency(meeting.follow_ups.select_related("village")))
    return shown(found, inside=inside, on=meeting.village.local_date(timezone.now()))


def _documents(meeting: Meeting, *, inside: bool, prepares: bool) -> dict[str, Any]:
    """The papers this account may read, how many more there are for the village, the way to add one."""
    every = list(documents_of(meeting, inside=True).select_related("village", "meeting"))
    shown = [one for one in every if inside or not one.village_only]
    return {
        "documents": shown,
        "documents_kept": len(every) - len(shown),
        "documents_url": meeting.address("documents") if prepares else "",
    }


def _tally_photos(request: HttpRequest, meeting: Meeting) -> list[dict[str, Any]]:
    """The photos of tally forms that this account may look at."""
    kept = Sheet.objects.of(meeting.village).confirmed().filter(motion__meeting=meeting, photo__isnull=False)
    shown = kept.select_related("motion__meeting__village", "session", "photo")
    return [
        {"motion": sheet.motion, "place": sheet.session, "method": sheet.get_method_display(),
         "url": reverse("consultation:photo", args=[meeting.village.slug, token_of(sheet.photo)])}
        for sheet in shown
        if may_see_count(request.user, sheet.motion)
    ]  # fmt: skip


@door("GET")
def meeting(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Notice, agenda, documents, who is entitled, the live board, the ballot, minutes when there."""
    inside = belongs(request.user, meeting)
    rules = meeting.procedure
    board = read_board(meeting) if hasattr(meeting, "roster") and meeting.is_live and inside else None
    minutes = getattr(meeting, "minutes", None)
    offices = offices_in(request.user, meeting)
    calls = request.user.is_authenticated and may_call(request.user, meeting.village)
    own_replies = open_notice(request.user, meeting)
    own = own_part(request, meeting, board)
    speakers = own["speakers"]
    over = meeting.state in (Meeting.State.CLOSED, Meeting.State.ADJOURNED)
    context = {
        "meeting": meeting,
        "village": meeting.village,
        "trail": trail(meeting),
        "sessions": meeting.sessions.prefetch_related("groups"),
        "goes_on": _goes_on(meeting, knows=calls or bool(offices)),
        "board": board,
        "rules": rules,
        "demanded": meeting.petitions.select_related("village").order_by("number"),
        "entitled_unit": unit_words(rules["electorate"]),
        "electorate_label": Electorate(rules["electorate"]).label,
        "quorum_sentence": _("要到%(share)s才能表决。")
        % {"share": share_in_words(rules["quorum_op"], rules["quorum_num"], rules["quorum_den"])},
        "follows": watching(request, meeting) if board else {},
        **own,
        **leaning(speakers, board),
        **asking(request.user, meeting, speakers, inside=inside),
        "to_settle": list(meeting.motions.filter(state__in=UNSETTLED)) if inside else [],
        "may_settle": request.user.is_authenticated and may_settle(request.user, meeting),
        "tally_photos": _tally_photos(request, meeting) if inside else [],
        "decided": results_of(meeting) if inside or meeting.state in Meeting.PUBLIC else [],
        "promised": _promised(meeting, inside=inside),
        "replies": own_replies,
        "expected": expected(meeting) if own_replies or (offices and meeting.state == Meeting.State.NOTICED) else None,
        "replies_url": meeting.address("replies") if meeting.state == Meeting.State.NOTICED else "",
        "may_assign": begun(meeting) and may(request.user, Act.FOLLOW_UP, meeting.village),
        "results_url": meeting.address("results_sheet") if meeting.state in Meeting.PUBLIC else "",
        "words": getattr(meeting, "page", None),
        **_documents(meeting, inside=inside, prepares=calls or bool(offices & PREPARING)),
        "agenda": meeting.agenda.select_related("topic__village").prefetch_related("motions"),
        "officers": meeting.officers.serving().select_related("resident"),
        "offices": offices,
        "may_call": calls,
        "may_draft": over and bool(offices & {"chair", "recorder"}),
        "inside": inside,
        "minutes": minutes if minutes and (inside or minutes.state in ("published", "archived")) else None,
        "console_url": meeting.address("console"),
        "hall_url": meeting.address("hall"),
        "notice_url": meeting.address("notice"),
        "calendar_url": meeting.address("calendar") if meeting.state == Meeting.State.NOTICED else "",
        "minutes_url": meeting.address("minutes"),
        "draft_url": meeting.address("draft_minutes"),
        "acting": acting_of(request.user, meeting) if inside else {},
        "sign_in_url": f"{reverse('account_login')}?{urlencode({'next': meeting.get_absolute_url()})}",
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
        "join_address": (settings.PUBLIC_URL + meeting.get_absolute_url()).split("//")[-1],
    }
    return render(request, "consultation/hall.html", context)


def _own_entry(request: HttpRequest, meeting: Meeting, entry: int) -> RosterEntry | None:
    """A line the account comes in for itself or for family; a grant lets somebody vote, not sign the other in."""
    return own_entries(request.user, meeting).filter(number=entry).first()


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
    return render(
        request,
        "consultation/my_code.html",
        {"meeting": meeting, "entry": unit, "code_url": url, "trail": trail(meeting, itself=True)},
    )


@door("POST", right=may_watch)
def attend_remotely(request: HttpRequest, meeting: Meeting, entry: int) -> HttpResponse:
    """Somebody far away says that they are there, where the meeting allows it."""
    unit = _own_entry(request, meeting, entry)
    if unit is not None:
        attendance.check_in(meeting, [unit], method=Attendance.Method.REMOTE, by=request.user)
        messages.success(request, _("%(name)s已远程签到。") % {"name": unit.name})
    return HttpResponseRedirect(meeting.get_absolute_url(), status=303)


@door("GET", "POST", right=may_check_in, back="console", factor=Factor.CONSOLE)
def arrive(request: HttpRequest, meeting: Meeting, code: str) -> HttpResponse:
    """What the recorder's phone opens after scanning an attendee's code: who it is, and one button."""
    entry = entry_of_code(meeting, code)
    if entry is None:
        messages.error(request, _("这个签到码已经过期或者不属于这次会议，请让对方刷新页面再扫，或者按姓名签到。"))
        return HttpResponseRedirect(meeting.address("console"), status=303)
    if request.method == "POST":
        place = required_place(request, meeting)
        added = attendance.check_in(meeting, [entry], method=Attendance.Method.QR, by=request.user, session=place)
        messages.success(
            request, (_("%(name)s签到成功。") if added else _("%(name)s早已签到。")) % {"name": entry.name}
        )
        return HttpResponseRedirect(meeting.address("console"), status=303)
    context = {
        "meeting": meeting,
        "entry": entry,
        "present": entry.attendances.present().exists(),
        "trail": trail(meeting, itself=True),
        "console_url": meeting.address("console"),
    }
    return render(request, "consultation/arrive.html", context)


@door("GET", right=may_check_in, back="console", factor=Factor.CONSOLE)
def sign_in_sheet(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The roster to sign on paper."""
    entries = list(meeting.roster.entries.all()) if hasattr(meeting, "roster") else []
    context = {"meeting": meeting, "sheets": by_place(meeting, entries), "trail": trail(meeting, itself=True)}
    return render(request, "consultation/print/sign_in_sheet.html", context)


@door("GET")
def notice(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The A4 notice for the wall."""
    return notice_page(request, meeting)


def notice_page(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """What `notice` answers."""
    rules = meeting.procedure
    context = {
        "meeting": meeting,
        "village": meeting.village,
        "trail": trail(meeting, itself=True),
        "rules": rules,
        "sessions": meeting.sessions.prefetch_related("groups"),
        "demanded": meeting.petitions.exists(),
        "electorate_label": Electorate(rules["electorate"]).label,
        "agenda": meeting.agenda.all(),
        "motions": meeting.motions.all(),
        "join_url": settings.PUBLIC_URL + meeting.get_absolute_url(),
        "pdf_url": meeting.address("notice_pdf") if offers_pdf(request) else "",
    }
    return render(request, "consultation/print/notice.html", context)


@door("GET")
def calendar(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """For the calendar of a phone, which takes it in when it is opened."""
    told = calendar_of(meeting, address=settings.PUBLIC_URL + meeting.get_absolute_url())
    name = f"{meeting.village.slug}-{meeting.number}.ics"
    return HttpResponse(
        told,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )


@door("GET")
def guide(request: HttpRequest, meeting: Meeting, role: str) -> HttpResponse:
    """One page per role, to print and keep beside the table."""
    page = guide_for(role)
    if page is None:
        return HttpResponseRedirect(meeting.get_absolute_url(), status=303)
    context = {"meeting": meeting, "guide": page, "trail": trail(meeting, itself=True)}
    return render(request, "consultation/print/guide.html", context)
