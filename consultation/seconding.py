"""Households second what somebody put forward: one household counts once, by the roll of this moment.

Topics use it, and what the apps above let households second. Each function runs under the lock of what is seconded.
"""

from __future__ import annotations

import datetime

from residents.models import Resident, User, Village

from .models.seconding import Seconded, SecondingQuerySet


def on_roll(village: Village, person: Resident, *, on: datetime.date) -> Resident | None:
    """The person's line as it is now, with its household; None for who is not on this village's roll that day."""
    return Resident.objects.of(village).on_roll(on).filter(pk=person.pk).select_related("household").first()


def write_second(
    given: SecondingQuerySet, *, person: Resident, by: User | None, on: datetime.date, at: datetime.datetime,
    **about: object,
) -> bool:  # fmt: skip
    """Let the person's household second it; False where it does already. `given` are all the seconds of the matter,
    `about` the fields of a new one that name it.

    What no longer counts gives way: of a member who left, of this person's old household.
    """
    if given.standing(on).filter(household=person.household_id).exists():
        return False
    given.filter(household=person.household_id).delete()
    given.filter(resident=person).delete()
    given.create(household=person.household, resident=person, entered_by=by, at=at, **about)
    return True


def count_of(matter: Seconded, given: SecondingQuerySet, *, on: datetime.date) -> int:
    """How many households second it, each once, by the roll of that day; frozen once it has ended."""
    return given.standing(on).count() if matter.seconds_count is None else matter.seconds_count


def start_clock(matter: Seconded, count: int, *, on: datetime.date) -> None:
    """Once enough households second it the committee has so many days; taking one back does not stop them."""
    if matter.answer_by is None and matter.answer_days and count >= matter.seconds_needed:
        matter.answer_by = on + datetime.timedelta(days=matter.answer_days)
