"""At the table: which of those invited are there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from consultation import participants
from consultation.eligibility import may_check_in
from consultation.errors import MeetingError
from consultation.forms import GuestForm
from consultation.models import Meeting

from .console import answer_again, back_to_console
from .doors import Factor, door


@door("POST", right=may_check_in, back="console", factor=Factor.CONSOLE)
def guest_came(request: HttpRequest, meeting: Meeting, guest: int) -> HttpResponse:
    participants.guest_came(meeting, guest, here=request.POST.get("here") != "no", by=request.user)
    return back_to_console(meeting, "#guests")


@door("POST", right=may_check_in, back="console", factor=Factor.CONSOLE)
def add_guest(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    form = GuestForm(request.POST, prefix="guest")
    if not form.is_valid():
        return answer_again(request, meeting, None, guest_form=form)
    try:
        participants.add_guest(meeting, by=request.user, **form.cleaned_data)
    except MeetingError as error:
        return answer_again(request, meeting, error, guest_form=form)
    return back_to_console(meeting, "#guests")
