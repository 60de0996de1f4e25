"""The QR code on the wall: what it is for, the phone at once, and the poster that carries it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from residents.models import Village
from residents.offices import person_of
from residents.phone_sign_in import PhoneForm

from .roll_doors import trail
from .who import address_of_who, open_village


def _meeting(request: HttpRequest) -> str:
    """The number of the meeting a poster was printed for, or nothing."""
    number = request.GET.get("meeting", "")
    return number if number.isdecimal() and len(number) < 7 else ""


def _join_url(village: Village, meeting: str) -> str:
    path = reverse("residents:join", args=[village.slug])
    return f"{settings.PUBLIC_URL}{path}{'?' + urlencode({'meeting': meeting}) if meeting else ''}"


@never_cache
@require_safe
def join(request: HttpRequest, village: str) -> HttpResponse:
    """Phone, code, name, done: from the wall to somebody who may vote."""
    place = open_village(village)
    if place.slug != village:
        return redirect("residents:join", village=place.slug)
    meeting = _meeting(request)
    next_path = reverse("consultation:meeting", args=[place.slug, int(meeting)]) if meeting else ""
    context = {
        "village": place,
        "trail": trail(place),
        "who_url": address_of_who(place, next_path),
        "next": next_path,
        "myself": person_of(request.user, place) if request.user.is_authenticated else None,
        "phone_form": PhoneForm(),
        "by_sms": bool(settings.SMS_GATEWAY),
        "login_url": f"{reverse('account_login')}?{urlencode({'next': address_of_who(place, next_path)})}",
    }
    return render(request, "residents/entry/join.html", context)


@never_cache
@require_safe
def poster(request: HttpRequest, village: str) -> HttpResponse:
    """A sheet for the wall or the hall's door; nothing on it is anybody's secret."""
    place = open_village(village)
    meeting = _meeting(request)
    context = {
        "village": place,
        "trail": trail(place),
        "meeting": meeting,
        "join_url": _join_url(place, meeting),
        "by_sms": bool(settings.SMS_GATEWAY),
    }
    return render(request, "residents/entry/poster.html", context)
