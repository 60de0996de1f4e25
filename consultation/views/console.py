"""The chair's and recorder's console: one page, plain forms."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from consultation import attendance, meetings, practice, tabling, voting
from consultation.amendments import held_up
from consultation.board import read_board, results_of
from consultation.documents import may_lay_before
from consultation.eligibility import (
    may_chair,
    may_check_in,
    may_count,
    may_hand_over,
    may_settle,
    offices_in,
)
from consultation.errors import Invalid, MeetingError
from consultation.floor import may_moderate
from consultation.forms import GuestForm, HandOverForm, ReasonForm
from consultation.guides import role_names
from consultation.models import Attendance, Meeting, Motion, Officer
from consultation.substitutes import may_still_change
from consultation.tabling import referred_to
from consultation.tabling_forms import MotionForm
from consultation.unvoted_forms import ConclusionForm, ReservedForm, UnvotedForm
from consultation.wording import opinion_in_words

from .acting import by_household, standing_grants
from .desks import desks_of, handed_out
from .doors import Factor, belongs, door
from .kiosks import kiosk_desk
from .meeting import trail, watching
from .own_floor import floor_desk, question_desk, temperature_desk
from .standing import places_desk, required_place

FOUND_AT_MOST = 30
UNASKED = 6  # without a search a few of those still missing, to show what the list looks like


def in_console(user: Any, meeting: Meeting) -> bool:
    return may_count(user, meeting) or may_hand_over(user, meeting)


def asked_for(sent: QueryDict, name: str = "q") -> str:
    """What somebody searches for: 60 characters, without what no name has in it."""
    return "".join(sign for sign in sent.get(name, "")[:60] if sign.isprintable())


def _found(meeting: Meeting, words: str) -> list[Any]:
    """Roster lines answering to a name, pinyin, initials or number, with whether they are there."""
    if not hasattr(meeting, "roster"):
        return []
    here = Attendance.objects.filter(entry=OuterRef("pk")).present()
    entries = meeting.roster.entries.named_like(words) if words else meeting.roster.entries.all()
    represented = Exists(here.filter(method=Attendance.Method.PROXY))
    place = here.values("session__number")[:1], here.values("session__place")[:1]
    entries = (
        entries.annotate(
            here=Exists(here), represented=represented, place=Subquery(place[0]), place_name=Subquery(place[1])
        )
        .select_related("resident")
        .order_by("here", "number")
    )
    return list(entries[: FOUND_AT_MOST if words else UNASKED])


def _context(request: HttpRequest, meeting: Meeting, **more: Any) -> dict[str, Any]:
    motion = meeting.motions.running().first()
    results = {result.motion.pk: result for result in results_of(meeting)}
    typed = more.pop("typed", {})
    words = asked_for(request.GET)
    desks = desks_of(motion, typed) if motion else {}
    return {
        "meeting": meeting,
        "village": meeting.village,
        "board": read_board(meeting) if hasattr(meeting, "roster") else None,
        "follows": watching(request, meeting) if belongs(request.user, meeting) else {},
        "offices": offices_in(request.user, meeting),
        "may_chair": may_chair(request.user, meeting),
        "may_check_in": may_check_in(request.user, meeting),
        "may_count": may_count(request.user, meeting),
        "may_settle": may_settle(request.user, meeting),
        "officers": meeting.officers.serving().select_related("resident"),
        "query": words,
        "found": _found(meeting, words),
        "may_send_another": may_still_change(meeting),
        "group_numbers": _groups_of(meeting),
        "places_desk": places_desk(request, meeting),
        "guests": meeting.guests.all(),
        "guest_form": GuestForm(prefix="guest"),
        "motion": motion,
        "motions": [
            (put, results.get(put.pk), opinion_in_words(referred_to(put), voted=put.is_voted))
            for put in _motions(meeting, may_moderate(request.user, meeting), more)
        ],
        "may_moderate": may_moderate(request.user, meeting),
        "unvoted_form": UnvotedForm(auto_id="unvoted-%s"),
        "desks": desks,
        "all_counted": all(desk.done for desk in desks.values()),
        "handed_out": handed_out(motion),
        "papers_url": meeting.address("papers", motion.number) if motion else "",
        "ballots_url": meeting.address("paper_ballots", motion.number) if motion else "",
        "tally_url": meeting.address("tally_form", motion.number) if motion else "",
        "grants": standing_grants(meeting),
        "by_household": by_household(meeting),
        "kiosk_desk": kiosk_desk(meeting),
        "floor_desk": floor_desk(request.user, meeting, asked_for(request.GET, "speaker")),
        **temperature_desk(meeting),
        "question_desk": question_desk(request.user, meeting),
        "key": secrets.token_urlsafe(16),
        "motion_form": MotionForm(village=meeting.village, ranks=tabling.may_rank(meeting)),
        "secret_warning": _warning(meeting),
        "hand_over_form": HandOverForm(village=meeting.village),
        "reason_form": ReasonForm(),
        "cancel_form": _cancel_form(),
        "agenda": meeting.agenda.all(),
        "trail": trail(meeting, itself=True),
        "rules": meeting.procedure,
        "office_labels": [Officer.Role(role).label for role in sorted(offices_in(request.user, meeting))],
        "may_hand_over": may_hand_over(request.user, meeting),
        "may_still_hand_over": meeting.state in (Meeting.State.PREPARING, Meeting.State.NOTICED, Meeting.State.LIVE),
        "takes_motions": meeting.state in (Meeting.State.PREPARING, Meeting.State.NOTICED, Meeting.State.LIVE),
        "quorum_confirmed": meeting.phase not in ("", Meeting.Phase.CHECK_IN),
        "guides": role_names(),
        "minutes": getattr(meeting, "minutes", None),
        "minutes_url": meeting.address("minutes"),
        "documents_url": meeting.address("documents") if may_lay_before(request.user, meeting) else "",
        "notice_url": meeting.address("notice"),
        "sheet_url": meeting.address("sign_in_sheet"),
        "hall_url": meeting.address("hall"),
    } | more


def _motions(meeting: Meeting, moderates: bool, typed: dict[str, Any]) -> list[Motion]:
    """With what the list offers for each; `typed` holds a form that was refused, beside its motion's key."""
    found = list(
        meeting.motions.select_related("amends", "reserved_category").prefetch_related(
            "amendments__decisions", "decisions"
        )
    )
    takes = meeting.state in (Meeting.State.PREPARING, Meeting.State.NOTICED, Meeting.State.LIVE)
    for motion in found:
        motion.meeting = meeting  # with its preset
        motion.held_up = held_up(motion)
        waits = motion.state == Motion.State.ANNOUNCED
        if moderates and meeting.is_live and not motion.is_voted:
            motion.conclusion_form = _typed(typed, "concluding", motion) or ConclusionForm(
                motion=motion, decides=referred_to(motion)
            )
        if moderates and takes and waits and motion.amends_id is None:
            motion.reserved_form = _typed(typed, "reserving", motion) or ReservedForm(
                village=meeting.village, motion=motion, initial={"category": motion.reserved_category_id}
            )
    return found


def _typed(typed: dict[str, Any], name: str, motion: Motion) -> Any:
    key, form = typed.get(name, (0, None))
    return form if key == motion.pk else None


def _groups_of(meeting: Meeting) -> list[int]:
    if not hasattr(meeting, "roster"):
        return []
    numbers = meeting.roster.entries.order_by("group_number").values_list("group_number", flat=True).distinct()
    return list(numbers)


@door("GET", right=in_console, factor=Factor.CONSOLE)
def console(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    return render(request, "consultation/console.html", _context(request, meeting))


@door("GET", right=may_check_in, factor=Factor.CONSOLE)
def search_roster(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The list alone, for htmx as somebody types."""
    return _rows(request, meeting, asked_for(request.GET))


def _rows(request: HttpRequest, meeting: Meeting, words: str) -> HttpResponse:
    context = {
        "meeting": meeting,
        "found": _found(meeting, words),
        "query": words,
        "may_check_in": True,
        "may_send_another": may_still_change(meeting),
        "places_desk": places_desk(request, meeting),
    }
    return render(request, "consultation/partials/roster_rows.html", context)


def back_to_console(meeting: Meeting, part: str = "") -> HttpResponse:
    return HttpResponseRedirect(meeting.address("console") + part, status=303)


def answer_again(
    request: HttpRequest, meeting: Meeting, error: MeetingError | None, *, status: int = 422, **forms: Any
) -> HttpResponse:
    """The console with what was typed, and the refusal beside it."""
    if error is not None:
        messages.error(request, str(error.message))
    return render(request, "consultation/console.html", _context(request, meeting, **forms), status=status)


def _act(right: Callable[..., bool], act: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """A button that does one thing to the meeting."""

    @door("POST", right=right, back="console", factor=Factor.CONSOLE)
    def pressed(request: HttpRequest, meeting: Meeting) -> HttpResponse:
        act(meeting, by=request.user)
        return back_to_console(meeting)

    return pressed


open_meeting = _act(may_chair, meetings.open_meeting)
confirm_quorum = _act(may_chair, attendance.confirm_quorum)
close_meeting = _act(may_chair, meetings.close_meeting)


def _cancel_form(sent: QueryDict | None = None) -> ReasonForm:
    """With ids of its own: before the notice the page asks for another reason as well."""
    return ReasonForm(sent, auto_id="cancel_%s")


def _act_with_reason(
    right: Callable[..., bool], act: Callable[..., Any], *, shown: str, ask: Callable[[QueryDict], ReasonForm]
) -> Callable[..., HttpResponse]:
    @door("POST", right=right, back="console", factor=Factor.CONSOLE)
    def pressed(request: HttpRequest, meeting: Meeting) -> HttpResponse:
        form = ask(request.POST)
        if not form.is_valid():
            return answer_again(request, meeting, None, **{shown: form})
        try:
            act(meeting, by=request.user, reason=form.cleaned_data["reason"])
        except MeetingError as error:
            return answer_again(request, meeting, error, **{shown: form})
        return back_to_console(meeting)

    return pressed


adjourn = _act_with_reason(may_chair, meetings.adjourn_meeting, shown="reason_form", ask=ReasonForm)
cancel = _act_with_reason(may_hand_over, meetings.cancel_meeting, shown="cancel_form", ask=_cancel_form)


@door("POST", right=may_chair, back="console", factor=Factor.CONSOLE)
def go_to_item(request: HttpRequest, meeting: Meeting, item: int) -> HttpResponse:
    meetings.go_to_item(meeting, item, by=request.user)
    return back_to_console(meeting)


@door("POST", right=may_check_in, back="console", factor=Factor.CONSOLE)
def check_in(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """One line, several ticked ones, or a whole group in bulk."""
    entries = meeting.roster.entries.select_related("roster")
    numbers = [int(text) for text in request.POST.getlist("entry")[:500] if text.isdecimal() and len(text) < 8]
    group = request.POST.get("group", "")
    chosen = (
        entries.filter(group_number=int(group))
        if group.isdecimal() and len(group) < 5
        else entries.filter(number__in=numbers)
    )
    found = list(chosen)
    if not found:
        raise Invalid(_("没有选中任何人，请先勾选或者搜索姓名。"))
    place = required_place(request, meeting)
    added = attendance.check_in(meeting, found, method=Attendance.Method.RECORDER, by=request.user, session=place)
    messages.success(request, _("签到 %(added)s 人。") % {"added": added})
    if request.htmx:
        return search_roster_after(request, meeting)
    return back_to_console(meeting, "#check-in")


def search_roster_after(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The list again after a check-in by script, with the search that led to it."""
    list(messages.get_messages(request))  # said by the row itself
    return _rows(request, meeting, asked_for(request.POST))


def _entry(meeting: Meeting, number: int) -> Any:
    entry = meeting.roster.entries.filter(number=number).first()
    if entry is None:
        raise Invalid(_("名册上没有这个号码，请核对。"))
    return entry


@door("POST", right=may_check_in, back="console", factor=Factor.CONSOLE)
def undo_check_in(request: HttpRequest, meeting: Meeting, entry: int) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("撤销原因里有看不懂的符号或者太长，请重写。"), field="reason")
    attendance.undo_check_in(meeting, _entry(meeting, entry), by=request.user, reason=form.cleaned_data["reason"])
    return search_roster_after(request, meeting) if request.htmx else back_to_console(meeting, "#check-in")


@door("POST", right=may_check_in, back="console", factor=Factor.CONSOLE)
def check_out(request: HttpRequest, meeting: Meeting, entry: int) -> HttpResponse:
    attendance.check_out(meeting, _entry(meeting, entry), by=request.user)
    return search_roster_after(request, meeting) if request.htmx else back_to_console(meeting, "#check-in")


@door("POST", right=may_hand_over, back="console", factor=Factor.CONSOLE)
def hand_over(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    form = HandOverForm(request.POST, village=meeting.village)
    if not form.is_valid():
        return answer_again(request, meeting, None, hand_over_form=form)
    try:
        officer = meetings.hand_over(
            meeting, role=form.cleaned_data["role"], to=form.cleaned_data["to"], by=request.user
        )
    except MeetingError as error:
        return answer_again(request, meeting, error, hand_over_form=form)
    messages.success(
        request, _("%(role)s已交给%(name)s。") % {"role": officer.get_role_display(), "name": officer.resident.name}
    )
    if in_console(request.user, meeting):
        return back_to_console(meeting)
    return HttpResponseRedirect(meeting.get_absolute_url(), status=303)


@door("POST", right=may_chair, back="console", factor=Factor.CONSOLE)
def table_motion(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    form = MotionForm(request.POST, village=meeting.village, ranks=tabling.may_rank(meeting))
    if not form.is_valid():
        return answer_again(request, meeting, None, motion_form=form)
    try:
        motion = voting.table_motion(meeting=meeting, by=request.user, **form.cleaned_data)
    except MeetingError as error:
        if error.field in form.fields:
            form.add_error(error.field, str(error.message))
        return answer_again(request, meeting, error, motion_form=form)
    if motion.secret and (warning := _warning(meeting)):
        messages.warning(request, warning)
    return back_to_console(meeting, "#motions")


def _warning(meeting: Meeting) -> str:
    """What to say before a secret vote among few."""
    return voting.secret_warning(meeting.roster.entitled_count) if hasattr(meeting, "roster") else ""


def find_motion(meeting: Meeting, number: int) -> Motion:
    motion = meeting.motions.filter(number=number).select_related("meeting__village", "agenda_item").first()
    if motion is None:
        raise Invalid(_("没有这一项表决。"))
    return motion


def _act_on_motion(act: Callable[..., Any], *, part: str = "#motion") -> Callable[..., HttpResponse]:
    @door("POST", right=may_chair, back="console", factor=Factor.CONSOLE)
    def pressed(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
        act(find_motion(meeting, motion), by=request.user)
        return back_to_console(meeting, part)

    return pressed


open_motion = _act_on_motion(voting.open_motion)
close_motion = _act_on_motion(voting.close_motion)
announce_result = _act_on_motion(voting.announce_result)
withdraw_motion = _act_on_motion(voting.withdraw_motion)
table_runoff = _act_on_motion(tabling.table_runoff, part="#motions")
pause_motion = _act_on_motion(voting.pause_motion)
resume_motion = _act_on_motion(voting.resume_motion)


@door("POST", right=may_chair, back="console", factor=Factor.CONSOLE)
def practice_votes(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
    """In practice the made-up residents vote at a press of a button."""
    cast = practice.let_them_vote(find_motion(meeting, motion), besides=request.user)
    messages.success(request, _("%(cast)s 位练习村民投了票。") % {"cast": cast})
    return back_to_console(meeting, "#motion")
