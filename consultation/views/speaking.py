"""Asking to speak, and the chair's and recorder's side of it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from consultation import speaking as rules
from consultation.board import read_board
from consultation.eligibility import own_entries
from consultation.errors import Invalid, MeetingError, NotEntitled
from consultation.floor import may_moderate
from consultation.floor_forms import GuestForm, SpeechRulesForm, SummaryForm
from consultation.models import Meeting, RosterEntry
from ui.answers import refuse
from ui.limits import too_often

from .console import answer_again, asked_for
from .doors import Factor, belongs, door
from .own_floor import floor_desk, found_speakers

REQUESTS_A_MINUTE = 10


def number_in(words: str) -> int:
    """A number as a form sends it; -1 for anything else."""
    return int(words) if words.isascii() and words.isdecimal() and len(words) < 8 else -1


def own_unit(request: HttpRequest, meeting: Meeting) -> RosterEntry:
    """The unit that the form names, if it is the account's own or of somebody it helps."""
    number = number_in(request.POST.get("entry", ""))
    entry = own_entries(request.user, meeting).select_related("roster").filter(number=number).first()
    if entry is None:
        raise NotEntitled(_("名册上没有您（或者您代办的这一户），不能在这次会上发言。有疑问请找记录员。"))
    return entry


@door("POST", right=belongs)
def ask(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """One unit wants to speak."""
    back = f"{meeting.get_absolute_url()}#speak"
    if too_often(f"speak:{request.user.pk}", limit=REQUESTS_A_MINUTE, seconds=60):
        return refuse(request, "slow_down", _("按得太快了，请过一分钟再试。"), back=back, retry_after=60)
    rules.ask_to_speak(meeting, entry=own_unit(request, meeting), by=request.user)
    return HttpResponseRedirect(back, status=303)


@door("POST", right=belongs)
def withdraw(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    rules.withdraw(meeting, own_unit(request, meeting))
    return HttpResponseRedirect(f"{meeting.get_absolute_url()}#speak", status=303)


# the console


def _back(meeting: Meeting, part: str = "#floor") -> HttpResponse:
    return HttpResponseRedirect(meeting.address("console") + part, status=303)


def _part(request: HttpRequest, meeting: Meeting, template: str) -> HttpResponse:
    context = {
        "meeting": meeting,
        "village": meeting.village,
        "board": read_board(meeting) if hasattr(meeting, "roster") else None,
        "floor_desk": floor_desk(request.user, meeting),
    }
    response = render(request, f"consultation/partials/{template}.html", context)
    response["Cache-Control"] = "no-store"
    return response


@door("GET", right=may_moderate, back="console", factor=Factor.CONSOLE)
def desk(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Who speaks and who waits, alone, for a console whose board has moved on."""
    return _part(request, meeting, "console_speakers")


@door("GET", right=may_moderate, back="console", factor=Factor.CONSOLE)
def spoken(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """What was said, alone."""
    return _part(request, meeting, "console_spoken")


@door("GET", right=may_moderate, back="console", factor=Factor.CONSOLE)
def search(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Who of those present answers to a name, for htmx as somebody types."""
    words = asked_for(request.GET, "speaker")
    context = {"meeting": meeting, "found": found_speakers(meeting, words), "words": words}
    return render(request, "consultation/partials/speaker_rows.html", context)


@door("POST", right=may_moderate, back="console", factor=Factor.CONSOLE)
def enter(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Somebody without a phone, or a guest, stands in line."""
    if "entry" in request.POST:
        number = number_in(request.POST["entry"])
        entry = meeting.roster.entries.select_related("roster").filter(number=number).first()
        if entry is None:
            raise Invalid(_("名册上没有这个号码，请核对。"))
        speech = rules.ask_to_speak(meeting, entry=entry, by=request.user)
    else:
        form = GuestForm(request.POST, auto_id="speaker-%s")
        if not form.is_valid():
            return _again(request, meeting, guest=form)
        speech = rules.ask_to_speak(meeting, guest=form.cleaned_data["guest"], by=request.user)
    messages.success(request, _("%(name)s排上了。") % {"name": speech.speaker})
    return _back(meeting)


def _again(
    request: HttpRequest, meeting: Meeting, error: MeetingError | None = None, *, status: int = 422, **forms: object
) -> HttpResponse:
    """The console with what was typed."""
    return answer_again(request, meeting, error, status=status, floor_desk=floor_desk(request.user, meeting, **forms))


def _pressed(act: Callable[[Meeting, int, QueryDict], bool]) -> Callable[..., HttpResponse]:
    """A button about one speech. Who was a moment too late gets the state as it is, and is told."""

    @door("POST", right=may_moderate, back="console", factor=Factor.CONSOLE)
    def view(request: HttpRequest, meeting: Meeting, speech: int = 0) -> HttpResponse:
        if not act(meeting, speech, request.POST):
            messages.info(request, _("别人刚刚按过了，现在的情况在下面。"))
        return _back(meeting)

    return view


def _seen(sent: QueryDict) -> int:
    """What whoever pressed had before their eyes."""
    return number_in(sent.get("seen", "0"))


call_next = _pressed(lambda meeting, _none, sent: rules.call(meeting, seen=_seen(sent)))
call = _pressed(lambda meeting, number, sent: rules.call(meeting, number, seen=_seen(sent)))
more = _pressed(lambda meeting, number, sent: rules.give_more_time(meeting, number, seen=_seen(sent)))
end = _pressed(lambda meeting, number, _sent: rules.end_speech(meeting, number))
skip = _pressed(lambda meeting, number, _sent: rules.skip(meeting, number))


@door("POST", right=may_moderate, back="console", factor=Factor.CONSOLE)
def set_rules(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """How long each may speak, and who comes first."""
    form = SpeechRulesForm(request.POST, auto_id="speech-%s")
    if not form.is_valid():
        return _again(request, meeting, rules=form)
    rules.set_rules(meeting, **form.cleaned_data)
    messages.success(request, _("发言的规矩改好了，从下一位起照新的来。"))
    return _back(meeting)


@door("POST", right=may_moderate, back="console", factor=Factor.CONSOLE)
def summary(request: HttpRequest, meeting: Meeting, speech: int) -> HttpResponse:
    """What was said; a refusal keeps what was typed."""
    form = SummaryForm(request.POST, auto_id=f"said-{speech}-%s")
    if not form.is_valid():
        return _again(request, meeting, summary=(speech, form))
    try:
        saved = rules.write_summary(
            meeting, speech, form.cleaned_data["summary"], revision=form.cleaned_data["revision"]
        )
    except MeetingError as error:
        status = 409 if error.code in ("stale", "wrong_state") else 422
        return _again(request, meeting, error, status=status, summary=(speech, _newest(meeting, form, error, speech)))
    messages.success(request, _("%(name)s的发言记下了。") % {"name": saved.speaker})
    return _back(meeting, "#spoken")


def _newest(meeting: Meeting, form: SummaryForm, error: MeetingError, speech: int) -> SummaryForm:
    """What was typed, to be saved over what somebody else has saved meanwhile once it was compared."""
    if error.code != "stale":
        return form
    newest = meeting.speeches.get(number=speech)
    sent = form.data.copy()
    sent["revision"] = str(newest.revision)
    again = SummaryForm(sent, auto_id=f"said-{speech}-%s")
    again.fields["summary"].help_text = _("别人刚刚存的是：%(words)s") % {"words": newest.summary or _("（空）")}
    return again
