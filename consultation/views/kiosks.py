"""The recorder's side of the tablets: start one, hand it to somebody, take it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from consultation import kiosk as tablets
from consultation.acting_forms import CallUpForm
from consultation.eligibility import may_check_in
from consultation.errors import Invalid, MeetingError
from consultation.models import Kiosk, Meeting

from .doors import Factor, door
from .meeting import trail


@dataclass(frozen=True)
class Tablet:
    """One tablet as the console shows it."""

    kiosk: Kiosk
    screen: tablets.Screen


def tablets_of(meeting: Meeting) -> list[Tablet]:
    """Those in use, by number."""
    standing = Kiosk.objects.of(meeting.village).standing().filter(meeting=meeting)
    rows = standing.select_related("entry", "motion", "meeting").order_by("number")
    return [Tablet(row, tablets.screen_of(row)) for row in rows]


def kiosk_desk(meeting: Meeting, form: CallUpForm | None = None) -> dict[str, Any]:
    """What the console's part for tablets needs."""
    found = tablets_of(meeting) if meeting.is_live else []
    joined = [tablet.kiosk.number for tablet in found if tablet.kiosk.paired]
    return {
        "tablets": found,
        "call_up_form": form or (CallUpForm(meeting=meeting, numbers=joined) if joined else None),
    }


@door("POST", right=may_check_in, back="console", factor=Factor.CONSOLE)
def start(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The link that joins a tablet, shown this once."""
    kiosk, token = tablets.start_kiosk(meeting, by=request.user)
    url = settings.PUBLIC_URL + meeting.address("kiosk_link", token)
    context = {"meeting": meeting, "kiosk": kiosk, "link": url, "trail": trail(meeting, itself=True)}
    response = render(request, "consultation/kiosk_link.html", context)
    response["Cache-Control"] = "no-store"
    return response


@door("GET", right=may_check_in, back="console", factor=Factor.CONSOLE)
def states(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The tablets alone, for a console that asks again every few seconds."""
    context = {"meeting": meeting, "tablets": tablets_of(meeting)}
    response = render(request, "consultation/partials/kiosk_states.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _again(request: HttpRequest, meeting: Meeting, form: CallUpForm) -> HttpResponse:
    context = {"meeting": meeting, "trail": trail(meeting, itself=True), **kiosk_desk(meeting, form)}
    return render(request, "consultation/kiosk_call.html", context, status=422)


@door("POST", right=may_check_in, back="console", factor=Factor.CONSOLE)
def call_up(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The next voter for a tablet."""
    standing = list(Kiosk.objects.of(meeting.village).standing().filter(meeting=meeting, paired=True))
    form = CallUpForm(request.POST, meeting=meeting, numbers=[one.number for one in standing])
    if not standing:
        raise Invalid(_("还没有接上的平板，请先开一台。"))
    if not form.is_valid():
        return _again(request, meeting, form)
    kiosk = next(one for one in standing if one.number == form.cleaned_data["kiosk"])
    entry = form.cleaned_data["who"]
    try:
        tablets.call_up(kiosk, entry)
    except MeetingError as error:
        form.add_error("who", str(error.message))
        return _again(request, meeting, form)
    messages.success(
        request,
        _("%(number)s 号平板上现在是%(name)s的选票，请递给对方。") % {"number": kiosk.number, "name": entry.name},
    )
    return _back(meeting)


def _one(meeting: Meeting, number: int) -> Kiosk:
    found = Kiosk.objects.of(meeting.village).filter(meeting=meeting, number=number).first()
    if found is None:
        raise Invalid(_("没有这台平板。"))
    return found


def _back(meeting: Meeting) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": meeting.address("console") + "#kiosks"})


@door("POST", right=may_check_in, back="console", factor=Factor.CONSOLE)
def take_back(request: HttpRequest, meeting: Meeting, kiosk: int) -> HttpResponse:
    tablets.take_back(_one(meeting, kiosk))
    return _back(meeting)


@door("POST", right=may_check_in, back="console", factor=Factor.CONSOLE)
def end(request: HttpRequest, meeting: Meeting, kiosk: int) -> HttpResponse:
    tablets.end_kiosk(_one(meeting, kiosk), by=request.user)
    messages.success(request, _("%(number)s 号平板已经停用。") % {"number": kiosk})
    return _back(meeting)
