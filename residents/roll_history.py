"""Any day's roll, rebuilt from the lines as they are now and what was changed since."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .models import Household, Resident, RollChange, Village

_RESIDENT = ("name", "gender", "born_on", "is_local", "lives_here", "household")
_HOUSEHOLD = ("group", "representative")


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


class _Past:
    """What fields said on a day: the last change until then, else what the first change after it replaced."""

    def __init__(self, changes: Iterable[RollChange], day: datetime.date) -> None:
        self.known: dict[tuple[str, int, str], tuple[Any, Any]] = {}
        for change in sorted(changes, key=lambda change: (change.on, change.pk)):
            line = ("resident", change.resident_id) if change.resident_id else ("household", change.household_id)
            for name, value in change.after.items():
                key = (line[0], int(line[1] or 0), name)
                if change.on <= day:
                    self.known[key] = (change.on, value)
                elif key not in self.known and name in change.before:
                    self.known[key] = (None, change.before[name])

    def value(self, kind: str, pk: int, name: str, now: Any) -> Any:
        return self.known[kind, pk, name][1] if (kind, pk, name) in self.known else now


def roll_on(village: Village, day: datetime.date) -> list[RollLine]:
    """Everybody on the roll on that day, by household and line.

    Dates of coming and going stand on the lines themselves; all else is looked up in the history.
    """
    past = _Past(RollChange.objects.of(village).only("id", "on", "resident_id", "household_id", "before", "after"), day)
    households: dict[int, dict[str, Any]] = {}
    for row in Household.objects.of(village).values("pk", *_HOUSEHOLD):
        households[row["pk"]] = {name: past.value("household", row["pk"], name, row[name]) for name in _HOUSEHOLD}
    lines = []
    for row in Resident.objects.of(village).on_roll(day).values("pk", *_RESIDENT):
        then = {name: past.value("resident", row["pk"], name, row[name]) for name in _RESIDENT}
        born_on = then["born_on"]
        if isinstance(born_on, str):
            born_on = datetime.date.fromisoformat(born_on)
        household = households[then["household"]]
        lines.append(
            RollLine(
                resident_id=row["pk"],
                name=then["name"],
                gender=then["gender"],
                born_on=born_on,
                is_local=then["is_local"],
                lives_here=then["lives_here"],
                household_id=then["household"],
                group_id=household["group"],
                represents=household["representative"] == row["pk"],
            )
        )
    return sorted(lines, key=lambda line: (line.household_id, line.resident_id))


def changes_by_line(village: Village, resident_ids: Iterable[int]) -> dict[int, list[RollChange]]:
    """The history of these residents' lines, newest first."""
    found: defaultdict[int, list[RollChange]] = defaultdict(list)
    for change in RollChange.objects.of(village).filter(resident_id__in=list(resident_ids)).order_by("-on", "-id"):
        found[change.resident_id or 0].append(change)
    return dict(found)
