"""Any day's roll, rebuilt from the lines as they are now and what was changed since."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .models import Household, Resident, RollChange, Village, VillageGroup

# What the roll of another day may have said otherwise; coming and going stand on the lines as dates.
RESIDENT_FIELDS = ("name", "gender", "born_on", "is_local", "lives_here", "household")
HOUSEHOLD_FIELDS = ("group", "representative")


@dataclass(frozen=True)
class RollLine:
    """One resident as the roll had them on that day; numbers of rows for household, group and line."""

    resident_id: int
    name: str
    gender: str
    born_on: datetime.date | None
    is_local: bool
    lives_here: bool
    household_id: int
    group_id: int
    represents: bool


class Past:
    """What a village's lines said on a day.

    A change holds from its day on, over whatever was entered before it; what is entered later with an earlier day is a
    correction and holds over it in turn. So the last change entered for that day or an earlier one decides; where there
    is none, what the first one entered has replaced.
    """

    def __init__(self, village: Village, day: datetime.date) -> None:
        self.day = day
        self._then: dict[tuple[str, int, str], Any] = {}
        changes = RollChange.objects.of(village).order_by("pk")
        if not changes.filter(on__gt=day).exists():
            return  # nothing has changed since: the lines speak for themselves
        for row in changes.values_list("on", "resident_id", "household_id", "before", "after").iterator():
            on, resident_id, household_id, before, after = row
            kind, pk = ("resident", resident_id) if resident_id else ("household", household_id)
            for name, value in after.items():
                if on <= day:
                    self._then[kind, pk, name] = value
                elif name in before:
                    self._then.setdefault((kind, pk, name), before[name])

    def value(self, kind: str, pk: int, name: str, now: Any) -> Any:
        """What the field said; `now` where nothing tells otherwise. Rows by number, days as days."""
        value = self._then.get((kind, pk, name), now)
        return datetime.date.fromisoformat(value) if name == "born_on" and isinstance(value, str) else value

    def put_back(
        self, residents: Iterable[Resident], households: Mapping[int, Household], groups: Mapping[int, VillageGroup]
    ) -> None:
        """Let these copies say what they said on the day; `households` are all of the village's, by number of row."""
        if not self._then:
            return
        for home in households.values():
            home.representative_id = self.value("household", home.pk, "representative", home.representative_id)
            home.yard_id = self.value("household", home.pk, "yard", home.yard_id)
            home.group = groups[self.value("household", home.pk, "group", home.group_id)]
        for one in residents:
            one.household = households[self.value("resident", one.pk, "household", one.household_id)]
            for name in set(RESIDENT_FIELDS) - {"household"}:
                setattr(one, name, self.value("resident", one.pk, name, getattr(one, name)))


def roll_on(village: Village, day: datetime.date) -> list[RollLine]:
    """Everybody on the roll on that day, by household and line."""
    past = Past(village, day)
    households = {
        row["pk"]: {name: past.value("household", row["pk"], name, row[name]) for name in HOUSEHOLD_FIELDS}
        for row in Household.objects.of(village).values("pk", *HOUSEHOLD_FIELDS)
    }
    lines = []
    for row in Resident.objects.of(village).on_roll(day).values("pk", *RESIDENT_FIELDS):
        then = {name: past.value("resident", row["pk"], name, row[name]) for name in RESIDENT_FIELDS}
        home = households[then["household"]]
        lines.append(
            RollLine(
                resident_id=row["pk"],
                name=then["name"],
                gender=then["gender"],
                born_on=then["born_on"],
                is_local=then["is_local"],
                lives_here=then["lives_here"],
                household_id=then["household"],
                group_id=home["group"],
                represents=home["representative"] == row["pk"],
            )
        )
    return sorted(lines, key=lambda line: (line.household_id, line.resident_id))
