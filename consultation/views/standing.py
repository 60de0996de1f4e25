"""In a meeting of several places: at which of them this officer signs people in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from consultation import places
from consultation.eligibility import may_check_in
from consultation.errors import Invalid
from consultation.models import Meeting, MeetingSession

from .doors import Factor, door

KEPT = "standing_at"


def standing_at(request: HttpRequest, meeting: Meeting) -> MeetingSession | None:
    """The place this officer chose; None before that, and in a meeting of one place."""
    chosen: dict[str, int] = request.session.get(KEPT, {})
    return places.place_numbered(meeting, chosen.get(str(meeting.pk), ""))


def required_place(request: HttpRequest, meeting: Meeting) -> MeetingSession | None:
    """The same, for signing somebody in. Raises Invalid where there are several and none was chosen."""
    place = standing_at(request, meeting)
    if place is None and meeting.sessions.exists():
        raise Invalid(_("这次会议分几个会场。请先选您在哪个会场，再签到。"), field="place")
    return place


def places_desk(request: HttpRequest, meeting: Meeting) -> dict[str, Any]:
    return {"here": standing_at(request, meeting), "places": places.presence_in(meeting)}


@door("POST", right=may_check_in, back="console", factor=Factor.CONSOLE)
def stand_at(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    place = places.place_numbered(meeting, request.POST.get("place", ""))
    if place is None:
        raise Invalid(_("请选您在哪个会场。"), field="place")
    request.session[KEPT] = {str(meeting.pk): place.number}
    return HttpResponseRedirect(meeting.address("console") + "#check-in", status=303)


@door("POST", right=may_check_in, back="console", factor=Factor.CONSOLE)
def change_place(request: HttpRequest, meeting: Meeting, entry: int) -> HttpResponse:
    """Somebody who signed in elsewhere stands at this table now."""
    line = meeting.roster.entries.filter(number=entry).first()
    place = required_place(request, meeting)
    if line is None or place is None:
        raise Invalid(_("名册上没有这个号码，请核对。"))
    places.move_to(meeting, line, place, by=request.user)
    messages.success(request, _("%(name)s改到%(place)s。") % {"name": line.name, "place": place.place})
    return HttpResponseRedirect(meeting.address("console") + "#check-in", status=303)
