"""One person or household of the roll: what stands there, how it came to be, who looked at the phone."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from residents.forms import ReasonForm
from residents.line_words import told
from residents.models import Appointment, Household, Proposal, Resident, RollChange, RollLook, Village
from residents.phones import mask_phone, open_phone
from residents.rights import Act
from residents.roll_reading import Reading
from ui.answers import refuse
from ui.limits import too_often

from .doors import village_door
from .roll_doors import reading_door, roll_trail

LOOKS_AN_HOUR = 60
SHOWN = 50


def find_person(village: Village, ref: str) -> Resident:
    """By what stands in the address, or 404."""
    people = Resident.objects.of(village).select_related("household__group", "household__yard", "village")
    return get_object_or_404(people, ref=ref)


def find_household(village: Village, number: int) -> Household:
    """By its running number within the village, or 404."""
    homes = Household.objects.of(village).select_related("group", "yard", "village", "representative")
    return get_object_or_404(homes, number=number)


def _history(village: Village, about: Q) -> list[Any]:
    changes = RollChange.objects.of(village).filter(about).select_related("by", "confirmed_by")
    return told(village, changes.order_by("-on", "-pk")[:SHOWN])


def _waiting(village: Village, **about: int) -> Any:
    lines = Proposal.objects.of(village).waiting().filter(kind=Proposal.Kind.ROLL_EDIT)
    return lines.filter(**{f"payload__{name}": pk for name, pk in about.items()})


def _person_page(
    request: HttpRequest, village: Village, reading: Reading, one: Resident, *, phone: str = "", error: str = ""
) -> HttpResponse:
    today = timezone.localdate()
    looks = RollLook.objects.of(village).filter(Q(resident=one) | Q(resident=None))
    context = {
        "village": village,
        "trail": roll_trail(village),
        "reading": reading,
        "one": one,
        "here": one.until_on is None or one.until_on > today,
        "masked": mask_phone(open_phone(one.phone_sealed)) if reading.phones else "",
        "phone": phone,
        "sees_phone": reading.edits and bool(one.phone_hash),
        "form": ReasonForm(request.POST if error else None),
        "error": error,
        "offices": Appointment.objects.of(village).filter(resident=one).current(today).select_related("group", "yard"),
        "history": _history(village, Q(resident=one)) if reading.phones else [],
        "looks": looks[:SHOWN] if reading.phones else [],
        "waiting": _waiting(village, resident=one.pk) if reading.edits else [],
    }
    response = render(request, "residents/roll/person.html", context, status=422 if error else 200)
    response["Cache-Control"] = "no-store"
    return response


@reading_door("GET")
def person(request: HttpRequest, village: Village, reading: Reading, ref: str) -> HttpResponse:
    one = find_person(village, ref)
    if not reading.reaches(one.household):
        raise Http404
    return _person_page(request, village, reading, one)


@village_door("POST", act=Act.SEE_PHONE)
def show_phone(request: HttpRequest, village: Village, ref: str) -> HttpResponse:
    """The whole number, once: a reason is asked, and the person can see who looked and what for."""
    one = find_person(village, ref)
    reading = Reading(None, phones=True, edits=True)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"].strip() if form.is_valid() else ""
    if not reason:
        return _person_page(request, village, reading, one, error=_("请写明用途，本人会看到。"))
    if too_often(f"phone:{request.user.pk}", limit=LOOKS_AN_HOUR, seconds=3600):
        return refuse(request, "slow_down", _("一小时最多查看 60 个电话，请过一会儿再试。"), retry_after=3600)
    with transaction.atomic():
        RollLook.objects.create(
            village=village,
            resident=one,
            what=RollLook.What.PHONE,
            reason=reason,
            by=request.user,
            by_name=request.user.get_full_name()[:60],
        )
        record(action="see_phone", subject=one, village_id=village.pk, actor=request.user)
    return _person_page(request, village, reading, one, phone=open_phone(one.phone_sealed))


@reading_door("GET")
def household(request: HttpRequest, village: Village, reading: Reading, number: int) -> HttpResponse:
    """A household with its members, those who left last."""
    home = find_household(village, number)
    if not reading.reaches(home):
        raise Http404
    today = timezone.localdate()
    members = Resident.objects.of(village).filter(household=home).order_by("-is_head", "born_on", "pk")
    context = {
        "village": village,
        "trail": roll_trail(village),
        "reading": reading,
        "home": home,
        "here": home.until_on is None or home.until_on > today,
        "members": [one for one in members if one.until_on is None or one.until_on > today],
        "left": [one for one in members if one.until_on is not None and one.until_on <= today],
        "history": _history(village, Q(household=home)) if reading.phones else [],
        "waiting": _waiting(village, household=home.pk) if reading.edits else [],
    }
    response = render(request, "residents/roll/household.html", context)
    response["Cache-Control"] = "no-store"
    return response
