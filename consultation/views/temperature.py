"""Taking the temperature: the three buttons on phones, and the chair's side."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _

from consultation import temperature as rules
from consultation.eligibility import may_chair
from consultation.errors import MeetingError
from consultation.floor_forms import TemperatureForm
from consultation.models import Leaning, Meeting
from ui.answers import refuse, wants_json
from ui.limits import too_often

from .console import answer_again
from .doors import Factor, belongs, door
from .speaking import own_unit

ANSWERS_A_MINUTE = 10


@door("POST", right=belongs)
def say(request: HttpRequest, meeting: Meeting, temperature: int) -> HttpResponse:
    """One unit presses one of the three."""
    back = f"{meeting.get_absolute_url()}#temperature"
    if too_often(f"temperature:{request.user.pk}", limit=ANSWERS_A_MINUTE, seconds=60):
        return refuse(request, "slow_down", _("按得太快了，请过一分钟再试。"), back=back, retry_after=60)
    answer = request.POST.get("answer", "")
    rules.say(meeting, temperature, own_unit(request, meeting), answer)
    if wants_json(request):
        return JsonResponse({"accepted": True, "answer": answer})
    messages.success(request, _("您按了“%(answer)s”，结束以前可以改。") % {"answer": Leaning(answer).label})
    return HttpResponseRedirect(back, status=303)


def _back(meeting: Meeting) -> HttpResponse:
    return HttpResponseRedirect(meeting.address("console") + "#temperature", status=303)


@door("POST", right=may_chair, back="console", factor=Factor.CONSOLE)
def start(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    form = TemperatureForm(request.POST, auto_id="temperature-%s")
    if not form.is_valid():
        return answer_again(request, meeting, None, temperature_form=form)
    try:
        rules.take_temperature(meeting, form.cleaned_data["text"], by=request.user)
    except MeetingError as error:
        status = 409 if error.code == "wrong_state" else 422
        return answer_again(request, meeting, error, status=status, temperature_form=form)
    return _back(meeting)


@door("POST", right=may_chair, back="console", factor=Factor.CONSOLE)
def end(request: HttpRequest, meeting: Meeting, temperature: int) -> HttpResponse:
    if not rules.end_temperature(meeting, temperature, by=request.user):
        messages.info(request, _("别人刚刚按过了，现在的情况在下面。"))
    return _back(meeting)


@door("POST", right=may_chair, back="console", factor=Factor.CONSOLE)
def take_down(request: HttpRequest, meeting: Meeting, temperature: int) -> HttpResponse:
    rules.take_down(meeting, temperature)
    return _back(meeting)
