"""In the console: what is not voted, what it came to, and what by law is somebody else's to decide."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from consultation import tabling, unvoted
from consultation.errors import MeetingError
from consultation.floor import may_moderate
from consultation.models import Meeting
from consultation.unvoted_forms import ConclusionForm, ReservedForm, UnvotedForm

from .console import answer_again, back_to_console, find_motion
from .doors import Factor, door


@door("POST", right=may_moderate, back="console", factor=Factor.CONSOLE)
def table(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    form = UnvotedForm(request.POST, auto_id="unvoted-%s")
    if not form.is_valid():
        return answer_again(request, meeting, None, unvoted_form=form)
    unvoted.table_unvoted(meeting=meeting, text=form.cleaned_data["text"], by=request.user)
    return back_to_console(meeting, "#motions")


@door("POST", right=may_moderate, back="console", factor=Factor.CONSOLE)
def conclude(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
    """What it came to; a refusal keeps the words."""
    put = find_motion(meeting, motion)
    form = ConclusionForm(request.POST, motion=put, decides=tabling.referred_to(put))
    if not form.is_valid():
        return answer_again(request, meeting, None, concluding=(put.pk, form))
    try:
        decision = unvoted.conclude(put, by=request.user, **form.cleaned_data)
    except MeetingError as error:
        if error.field in form.fields:
            form.add_error(error.field, str(error.message))
        return answer_again(request, meeting, error, concluding=(put.pk, form))
    messages.success(
        request, _("第 %(number)s 项记下了：%(outcome)s。") % {"number": put.number, "outcome": decision.outcome_label}
    )
    return back_to_console(meeting, "#motions")


@door("POST", right=may_moderate, back="console", factor=Factor.CONSOLE)
def reserve(request: HttpRequest, meeting: Meeting, motion: int) -> HttpResponse:
    put = find_motion(meeting, motion)
    form = ReservedForm(request.POST, village=meeting.village, motion=put)
    if not form.is_valid():
        return answer_again(request, meeting, None, reserving=(put.pk, form))
    try:
        tabling.mark_reserved(put, by=request.user, **form.cleaned_data)
    except MeetingError as error:
        return answer_again(request, meeting, error, reserving=(put.pk, form))
    messages.success(request, _("第 %(number)s 项由谁定，标好了。") % {"number": put.number})
    return back_to_console(meeting, "#motions")
