"""Writing lines of the roll with their history: what changed, from which day, by whom and why.

A line is a resident or a household. What a change replaced is kept with it (RollChange), so that any day's roll can be
rebuilt (roll_history.py). Phones and identity numbers are never copied there: only that they changed.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from audit.log import record

from .bulk_rows import insert_rows, update_rows
from .models import Household, Resident, RollChange, User, Village
from .names import pinyin_keys

# What a change may set on a line; anything else is no matter of the roll.
RESIDENT_FIELDS = frozenset(
    {
        "name", "nickname", "gender", "born_on", "relation_to_head", "is_head", "is_local", "lives_here", "note",
        "household", "identity_hash", "phone_sealed", "phone_hash",
    }
)  # fmt: skip
HOUSEHOLD_FIELDS = frozenset({"group", "yard", "own_number", "representative"})
# Kept back from the history: it would hold what the roll itself only keeps sealed.
_SECRET = {"identity_hash", "phone_sealed", "phone_hash"}


@dataclass(frozen=True)
class LineChange:
    """One change to write: of `line` (saved or not yet), its new `fields` by name.

    `kind` is a RollChange.Kind; a resident or household without a primary key is added.
    """

    line: Resident | Household
    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict)


def _plain(name: str, value: Any) -> Any:
    """A field's value as the history keeps it: JSON, other rows by number, secrets as a mark only."""
    if name in _SECRET:
        return bool(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if hasattr(value, "pk"):
        return value.pk
    return value


def set_fields(line: Resident | Household, fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Put the new values on the line; what changed, before and after."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, value in fields.items():
        old = getattr(line, name)
        if old == value:
            continue
        before[name], after[name] = _plain(name, old), _plain(name, value)
        setattr(line, name, value)
        if name == "name" and isinstance(line, Resident):
            line.pinyin, line.initials = pinyin_keys(str(value))
    return before, after


def _check_fields(line: Resident | Household, fields: Mapping[str, Any]) -> None:
    known = RESIDENT_FIELDS if isinstance(line, Resident) else HOUSEHOLD_FIELDS
    unknown = set(fields) - known - {"from_on", "until_on", "left_because", "came_from"}
    if unknown:
        raise ValueError(f"no fields of the roll: {sorted(unknown)}")


def change_row(
    line: Resident | Household, *, kind: str, on: datetime.date, before: dict[str, Any], after: dict[str, Any],
    by: User | None, confirmed_by: User | None, reason: str,
) -> RollChange:  # fmt: skip
    return RollChange(
        village_id=line.village_id,
        resident_id=line.pk if isinstance(line, Resident) else None,
        household_id=line.pk if isinstance(line, Household) else None,
        kind=kind,
        on=on,
        before=before,
        after=after,
        reason=reason[:200],
        by_id=by.pk if by else None,
        confirmed_by_id=confirmed_by.pk if confirmed_by else None,
    )


@transaction.atomic
def write_lines(
    changes: Sequence[LineChange],
    *,
    village: Village,
    on: datetime.date,
    by: User | None,
    confirmed_by: User | None = None,
    reason: str = "",
) -> int:
    """Write many changes at once, in few queries, with their history; how many lines really changed.

    For imports. New households come before their members in `changes`. Lines that leave go through `end_resident`,
    because more than the line ends with them.
    """
    added_households: list[Household] = []
    added: list[Resident] = []
    changed: dict[type, tuple[list[Any], set[str]]] = {Resident: ([], set()), Household: ([], set())}
    rows: list[tuple[RollChange, Resident | Household]] = []
    for change in changes:
        line = change.line
        _check_fields(line, change.fields)
        before, after = set_fields(line, change.fields)
        if line.pk is None:
            line.from_on = line.from_on or on
            (added if isinstance(line, Resident) else added_households).append(line)  # type: ignore[arg-type]
        elif after:
            lines, names = changed[type(line)]
            lines.append(line)
            names.update(after)
        else:
            continue
        row = change_row(
            line, kind=change.kind, on=on, before=before if line.pk else {}, after=after, by=by,
            confirmed_by=confirmed_by, reason=reason,
        )  # fmt: skip
        rows.append((row, line))
    insert_rows(added_households)
    for resident in added:
        resident.household = resident.household  # the household has its key only now
    insert_rows(added)
    for lines, names in changed.values():
        if "name" in names:
            names |= {"pinyin", "initials"}
        update_rows(lines, sorted(names))
    for row, line in rows:
        # Lines and what they point to may have been new themselves.
        row.resident_id = line.pk if isinstance(line, Resident) else None
        row.household_id = line.pk if isinstance(line, Household) else None
        for name in ("household", "representative"):
            if name in row.after and row.after[name] is None:
                row.after[name] = _plain(name, getattr(line, name))
    insert_rows([row for row, _line in rows])
    if rows:
        record(
            action="change_roll", subject=village, village_id=village.pk, actor=by, lines=len(rows),
            added=len(added), households=len(added_households),
            confirmed_by=confirmed_by.pk if confirmed_by else None,
        )  # fmt: skip
    return len(rows)
