"""Which offices an account holds: rights hang on appointments and on the roll, never on a phone number."""

from __future__ import annotations

import datetime

from django.db.models import Q

from .models import Appointment, Claim, Region, Resident, User, Village


def person_of(user: User, village: Village) -> Resident | None:
    """The line of this village's roll that the account is itself (confirmed), if any."""
    claim = (
        Claim.objects.of(village)
        .confirmed()
        .filter(user=user, relation=Claim.Relation.SELF)
        .select_related("resident")
        .first()
    )
    return claim.resident if claim else None


def roles_in(user: User, village: Village, *, on: datetime.date) -> frozenset[str]:
    """The village offices the account holds on that day, its own or as the resident it is."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    own = Q(user=user) | Q(
        resident__claims__user=user,
        resident__claims__state=Claim.State.CONFIRMED,
        resident__claims__relation=Claim.Relation.SELF,
    )
    return frozenset(Appointment.objects.of(village).current(on).filter(own).values_list("role", flat=True))


def oversees(user: User, village: Village, role: str, *, on: datetime.date) -> bool:
    """Whether the account holds `role` in a region the village lies in."""
    if not user.is_authenticated or not user.is_active:
        return False
    regions: list[Region] = [village.region, *village.region.ancestors()]
    return Appointment.objects.current(on).filter(user=user, role=role, region__in=regions).exists()


def is_verified_resident(user: User, village: Village) -> bool:
    """Whether the account acts for somebody on this village's roll, itself or a member of its household."""
    return user.is_authenticated and user.is_active and Claim.objects.of(village).confirmed().filter(user=user).exists()
