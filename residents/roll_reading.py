"""Reading the roll: who may, what of it, and finding people on it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from .models import Household, Resident, User, Village, VillageGroup
from .offices import led_groups
from .rights import Act, Letter, letters_of, may
from .roll_day import RollOfDay

# What still has to be done to the roll, by the name that stands in addresses.
VOICELESS, BIRTHLESS = "voiceless", "birthless"


@dataclass(frozen=True)
class Reading:
    """What an account may read: `groups` None is the whole village; leaders see their own groups and no phones."""

    groups: Sequence[VillageGroup] | None
    phones: bool
    edits: bool

    def reaches(self, household: Household) -> bool:
        return self.groups is None or household.group_id in {group.pk for group in self.groups}


def reading_of(user: User, village: Village, *, on: datetime.date) -> Reading | None:
    """The village's administrators and its supervisory committee read all, a group's leader the own group; else None.

    The supervisory committee reads everything of the village (VL 37, UL 36 of 2025).
    """
    edits = may(user, Act.IMPORT_ROLL, village, on=on)
    if edits or Letter.SUPERVISOR in letters_of(user, village, on=on):
        return Reading(None, phones=True, edits=edits)
    groups = led_groups(user, village, on=on)
    return Reading(groups, phones=False, edits=False) if groups else None


@dataclass(frozen=True)
class Asked:
    """What somebody looks for: words of a name, a group's number, one of the duties."""

    words: str = ""
    group: int | None = None
    duty: str = ""


def find_people(village: Village, reading: Reading, asked: Asked, *, on: datetime.date) -> QuerySet[Resident]:
    """Those on the roll now who answer, by household, its head first."""
    people = Resident.objects.of(village).on_roll(on).select_related("household__group", "household__yard")
    if reading.groups is not None:
        people = people.filter(household__group__in=reading.groups)
    if asked.words:
        people = people.named_like(asked.words)
    if asked.group is not None:
        people = people.filter(household__group__number=asked.group)
    if asked.duty == VOICELESS:
        people = people.filter(household__in=voiceless(village, on=on))
    if asked.duty == BIRTHLESS:
        people = people.filter(born_on=None)
    return people.order_by("household__number", "-is_head", "born_on", "pk")


def find_people_of_day(village: Village, reading: Reading, asked: Asked, *, on: datetime.date) -> list[Resident]:
    """The same for another day, whose roll is rebuilt first."""
    words = "".join(asked.words.split()).lower()

    def answers(one: Resident) -> bool:
        by_name = words in one.name.lower() or words in one.nickname.lower()
        by_sound = one.pinyin.startswith(words) or one.initials.startswith(words)
        in_group = asked.group is None or one.household.group.number == asked.group
        return in_group and (by_name or by_sound) and reading.reaches(one.household)

    return [one for one in RollOfDay(village, on).living() if answers(one)]


def voiceless(village: Village, *, on: datetime.date) -> QuerySet[Household]:
    """Households with people and nobody to vote for them in household mode: a duty of whoever keeps the roll."""
    living = Resident.objects.of(village).on_roll(on).filter(household=OuterRef("pk"))
    return Household.objects.of(village).on_roll(on).filter(Exists(living), representative=None).order_by("number")


@dataclass(frozen=True)
class Figures:
    people: int
    adults: int
    households: int
    elsewhere: int
    away: int
    voiceless: int
    birthless: int


def figures(village: Village, reading: Reading, *, on: datetime.date) -> Figures:
    """The roll in numbers, of the groups that may be read."""
    living = Resident.objects.of(village).on_roll(on)
    homes = Household.objects.of(village).on_roll(on)
    mute = voiceless(village, on=on)
    if reading.groups is not None:
        living = living.filter(household__group__in=reading.groups)
        homes, mute = homes.filter(group__in=reading.groups), mute.filter(group__in=reading.groups)
    return Figures(
        people=living.count(),
        adults=living.adults(on).count(),
        households=homes.filter(Exists(living.filter(household=OuterRef("pk")))).count(),
        elsewhere=living.filter(is_local=False).count(),
        away=living.filter(lives_here=False).count(),
        voiceless=mute.count(),
        birthless=living.filter(born_on=None).count(),
    )
