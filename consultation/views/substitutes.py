"""A household sends somebody else: the recorder's door, and its own before the meeting begins."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from consultation.acting_forms import SubstituteForm
from consultation.eligibility import may_check_in, may_watch, own_entries
from consultation.errors import Invalid, MeetingError, NotAllowed, WrongState
from consultation.models import Meeting, RosterEntry
from consultation.substitutes import may_still_change, name_substitute, who_may_come
from residents.models import User

from .console import asked_for
from .doors import Factor, by_office, door, second_factor
from .meeting import trail

FOUND_AT_MOST = 30


def _households(meeting: Meeting) -> bool:
    return hasattr(meeting, "roster") and meeting.roster.entries.filter(unit=RosterEntry.Unit.HOUSEHOLD).exists()


@door("GET", right=may_check_in, back="console", factor=Factor.CONSOLE)
def substitutes(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Find the household that sends somebody else; and all that were changed."""
    if not _households(meeting):
        raise Invalid(_("这次会议不是按户参加的，不用换户代表。"))
    words = asked_for(request.GET)
    context = {
        "meeting": meeting,
        "trail": trail(meeting, itself=True),
        "query": words,
        "may_send_another": may_still_change(meeting),
        "found": meeting.roster.entries.named_like(words)[:FOUND_AT_MOST],
        "corrections": meeting.roster.corrections.select_related("entry", "before", "after"),
    }
    return render(request, "consultation/substitutes.html", context)


def _own_before_it_begins(user: User, meeting: Meeting, entry: RosterEntry) -> bool:
    return meeting.state == Meeting.State.NOTICED and own_entries(user, meeting).filter(pk=entry.pk).exists()


@door("GET", "POST", right=may_watch)
def substitute(request: HttpRequest, meeting: Meeting, entry: int) -> HttpResponse:
    """Name who of the household comes instead: the recorder at any time, the household itself before it begins."""
    line = meeting.roster.entries.filter(number=entry).first() if hasattr(meeting, "roster") else None
    own = line is not None and _own_before_it_begins(request.user, meeting, line)
    officer = may_check_in(request.user, meeting)
    if not own:
        if not officer:
            raise NotAllowed(_("会议开始以前，只能给自己家换人；开始以后请找记录员。"))
        if (asked := second_factor(request, meeting, Factor.CONSOLE, by_office)) is not None:
            return asked
    if line is None:
        raise Invalid(_("名册上没有这个号码，请核对。"))
    if line.unit != RosterEntry.Unit.HOUSEHOLD:
        raise WrongState(_("只有按户参加的会议，才能由本户另派一个人。"))
    form = SubstituteForm(request.POST or None, people=who_may_come(line))
    if request.method == "POST" and form.is_valid():
        try:
            made = name_substitute(meeting, line, to=form.to(), reason=form.cleaned_data["reason"], by=request.user)
        except MeetingError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            messages.success(
                request,
                _("%(before)s这一户改由%(after)s投票。") % {"before": made.before.name, "after": made.after.name},
            )
            back = meeting.get_absolute_url() if own and not officer else meeting.address("substitutes")
            return HttpResponseRedirect(back, status=303)
    context = {
        "meeting": meeting,
        "trail": trail(meeting, itself=True),
        "entry": line,
        "form": form,
        "may_send_another": may_still_change(meeting) or form.is_bound,  # what was typed stays
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "consultation/substitute.html", context, status=status)
