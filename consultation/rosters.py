"""The lines of a roster, and the digest that lets anyone see later whether one was touched."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from residents.models import Resident
from residents.roll import EntitledUnit

from .models import Roster, RosterEntry


def voter_fields(resident: Resident) -> dict[str, Any]:
    """What a line keeps of the person who votes for it."""
    return {
        "resident": resident,
        "name": resident.name,
        "pinyin": resident.pinyin,
        "initials": resident.initials,
        "gender": resident.gender,
        "birth_year": resident.born_on.year if resident.born_on else 0,
    }


def lines_of(roster: Roster, units: Iterable[EntitledUnit]) -> list[RosterEntry]:
    """One line per voting unit, numbered in the given order, not stored yet."""
    return [
        RosterEntry(
            village=roster.village,
            roster=roster,
            number=number,
            unit=unit.unit,
            household=unit.household,
            group_number=(unit.household or unit.resident.household).group.number,
            **voter_fields(unit.resident),
        )
        for number, unit in enumerate(units, start=1)
    ]


def roster_digest(lines: Iterable[RosterEntry]) -> str:
    """64 hex digits: SHA-256 over number, unit, voter and household of each line, by number."""
    told = [[line.number, line.unit, line.resident_id, line.household_id] for line in lines]
    return hashlib.sha256(json.dumps(sorted(told), separators=(",", ":")).encode()).hexdigest()
