"""Which offices an account holds: rights hang on appointments and on the roll, never on a phone number."""

from __future__ import annotations

import datetime

from django.db.models import Q

from .models import Appointment, Claim, Region, Resident, Role, User, Village, VillageGroup

# Held in a region, over all villages in it.
REGION_ROLES = frozenset({Role.TOWNSHIP_REVIEWER, Role.COUNTY_EDITOR, Role.ORGANIZER, Role.JUDGE})


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


def held_by(user: User) -> Q:
    """Appointments of the account, its own or as the resident it is."""
    return Q(user=user) | Q(
        resident__claims__user=user,
        resident__claims__state=Claim.State.CONFIRMED,
        resident__claims__relation=Claim.Relation.SELF,
    )


def _is_somebody(user: User) -> bool:
    return bool(user.is_authenticated and user.is_active)


def roles_in(user: User, village: Village, *, on: datetime.date) -> frozenset[str]:
    """The village offices the account holds on that day, its own or as the resident it is."""
    if not _is_somebody(user):
        return frozenset()
    return frozenset(Appointment.objects.of(village).current(on).filter(held_by(user)).values_list("role", flat=True))


def roles_in_and_above(user: User, village: Village, *, on: datetime.date) -> tuple[frozenset[str], frozenset[str]]:
    """The offices held in the village itself, and those held in a region it lies in; one query."""
    if not _is_somebody(user):
        return frozenset(), frozenset()
    regions = [village.region, *village.region.ancestors()]
    held = Appointment.objects.current(on).filter(Q(village=village) & held_by(user) | Q(region__in=regions, user=user))
    rows = list(held.values_list("role", "village_id"))
    return (
        frozenset(role for role, place in rows if place is not None),
        frozenset(role for role, place in rows if place is None),
    )


def roles_over(user: User, region: Region, *, on: datetime.date) -> frozenset[str]:
    """The offices held in the region or in one above it."""
    if not _is_somebody(user):
        return frozenset()
    held = Appointment.objects.current(on).filter(user=user, region__in=[region, *region.ancestors()])
    return frozenset(held.values_list("role", flat=True))


def roles_anywhere(user: User, *, on: datetime.date) -> tuple[frozenset[str], frozenset[str]]:
    """The offices held in some village, and those held in some region; one query."""
    if not _is_somebody(user):
        return frozenset(), frozenset()
    rows = list(Appointment.objects.current(on).filter(held_by(user)).values_list("role", "village_id"))
    return (
        frozenset(role for role, place in rows if place is not None),
        frozenset(role for role, place in rows if place is None),
    )


def oversees(user: User, village: Village, role: str, *, on: datetime.date) -> bool:
    """Whether the account holds `role` in a region the village lies in."""
    return role in roles_over(user, village.region, on=on)


def led_groups(user: User, village: Village, *, on: datetime.date) -> list[VillageGroup]:
    """The groups the account leads, by number; a leader's rights end at the own group."""
    if not _is_somebody(user):
        return []
    held = Appointment.objects.of(village).current(on).filter(held_by(user), role=Role.GROUP_LEADER)
    return list(VillageGroup.objects.of(village).filter(pk__in=held.values("group")).order_by("number"))


def is_verified_resident(user: User, village: Village) -> bool:
    """Whether the account acts for somebody on this village's roll, itself or a member of its household.

    The archive of a village that joined another is read by the people of the village that came of it.
    """
    if not _is_somebody(user):
        return False
    rolls = [village, *village.became()]
    return Claim.objects.filter(village__in=rolls).confirmed().filter(user=user).exists()
