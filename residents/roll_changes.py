"""The life of the roll: every change of a line is dated, says who did it and why, and can be undone in thought.

A line is a resident or a household. What a change replaced is kept with it (RollChange), so that any day's roll can be
rebuilt (roll_history.py). Phones and identity numbers are never copied there: only that they changed.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record

from .models import Appointment, Claim, Household, Resident, RollChange, User, Village, VillageGroup
from .names import pinyin_keys

BATCH = 500
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


class RollChangeError(Exception):
    """The change cannot be made; the message says why and what to do."""


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


def _set(line: Resident | Household, fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
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


def _change_row(
    line: Resident | Household, *, kind: str, on: datetime.date, before: dict[str, Any], after: dict[str, Any],
    by: User | None, confirmed_by: User | None, reason: str,
) -> RollChange:  # fmt: skip
    of_resident = isinstance(line, Resident)
    return RollChange(
        village_id=line.village_id,
        resident=line if of_resident else None,
        household=None if of_resident else line,
        kind=kind,
        on=on,
        before=before,
        after=after,
        reason=reason[:200],
        by=by,
        confirmed_by=confirmed_by,
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
    rows: list[RollChange] = []
    for change in changes:
        line = change.line
        _check_fields(line, change.fields)
        before, after = _set(line, change.fields)
        if line.pk is None:
            line.from_on = line.from_on or on
            (added if isinstance(line, Resident) else added_households).append(line)  # type: ignore[arg-type]
        elif after:
            lines, names = changed[type(line)]
            lines.append(line)
            names.update(after)
        else:
            continue
        rows.append(
            _change_row(
                line, kind=change.kind, on=on, before=before if line.pk else {}, after=after, by=by,
                confirmed_by=confirmed_by, reason=reason,
            )
        )  # fmt: skip
    Household.objects.bulk_create(added_households, batch_size=BATCH)
    for resident in added:
        resident.household = resident.household  # the household has its key only now
    Resident.objects.bulk_create(added, batch_size=BATCH)
    for model, (lines, names) in changed.items():
        if "name" in names:
            names |= {"pinyin", "initials"}
        if lines:
            model.objects.bulk_update(lines, sorted(names), batch_size=BATCH)  # type: ignore[attr-defined]
    for row in rows:
        row.resident, row.household = row.resident, row.household
        for name, value in row.after.items():
            if value is None and name in ("household", "representative"):  # a row that was new itself
                line = row.resident or row.household
                row.after[name] = _plain(name, getattr(line, name))
    RollChange.objects.bulk_create(rows, batch_size=BATCH)
    if rows:
        record(
            action="change_roll", subject=village, village_id=village.pk, actor=by, lines=len(rows),
            added=len(added), households=len(added_households),
            confirmed_by=confirmed_by.pk if confirmed_by else None,
        )  # fmt: skip
    return len(rows)


def add_resident(
    *,
    village: Village,
    household: Household,
    fields: Mapping[str, Any],
    on: datetime.date,
    kind: str = RollChange.Kind.ADDED,
    by: User | None,
    confirmed_by: User | None = None,
    reason: str = "",
) -> Resident:
    """Add somebody to the roll from that day on: born, moved in, or forgotten until now.

    Raises RollChangeError when the household belongs to another village or has ended.
    """
    if household.village_id != village.pk:
        raise RollChangeError(_("这一户不是本村（社区）的，请重新选择。"))
    if household.until_on is not None and household.until_on <= on:
        raise RollChangeError(_("这一户已经销户，不能再加人。"))
    resident = Resident(village=village, household=household, from_on=on)
    write_lines(
        [LineChange(resident, kind, fields)], village=village, on=on, by=by, confirmed_by=confirmed_by, reason=reason
    )
    return resident


@transaction.atomic
def change_resident(
    resident: Resident,
    *,
    fields: Mapping[str, Any],
    on: datetime.date,
    kind: str = RollChange.Kind.CORRECTED,
    by: User | None,
    confirmed_by: User | None = None,
    reason: str = "",
) -> Resident:
    """Correct a line, or move somebody to another household of the village, from that day on.

    Who moves out of a household stops representing it.
    """
    line = Resident.objects.select_for_update().select_related("household").get(pk=resident.pk)
    target = fields.get("household")
    if target is not None and target.village_id != line.village_id:
        raise RollChangeError(_("这一户不是本村（社区）的，请重新选择。"))
    if target is not None and target != line.household:
        _stop_representing(line, on=on, by=by, confirmed_by=confirmed_by, reason=reason)
    write_lines(
        [LineChange(line, kind, fields)], village=line.village, on=on, by=by, confirmed_by=confirmed_by, reason=reason
    )
    return line


@transaction.atomic
def end_resident(
    resident: Resident,
    *,
    on: datetime.date,
    because: str,
    by: User | None,
    confirmed_by: User | None = None,
    reason: str = "",
) -> Resident:
    """Take somebody off the roll from that day on: moved out, deceased, registered by mistake, merged.

    With the line end the claims to it, the offices that rest on it, and the voice for the household: who left has no
    right any more (VL 16 and 26, UL 16 and 27 of 2025 speak of those who live on the roll).
    Raises RollChangeError when the line has ended already or the day is before its beginning.
    """
    line = Resident.objects.select_for_update().select_related("village", "household").get(pk=resident.pk)
    if line.until_on is not None:
        raise RollChangeError(_("%(name)s已经出册，不用再办。") % {"name": line.name})
    if line.from_on is not None and on < line.from_on:
        raise RollChangeError(_("出册日期不能早于入册日期，请核对。"))
    kinds = {
        Resident.Leaving.MOVED_OUT: RollChange.Kind.MOVED_OUT,
        Resident.Leaving.DECEASED: RollChange.Kind.DECEASED,
        Resident.Leaving.MERGED: RollChange.Kind.MERGED,
    }
    kind = kinds.get(Resident.Leaving(because), RollChange.Kind.CORRECTED)
    _stop_representing(line, on=on, by=by, confirmed_by=confirmed_by, reason=reason)
    before, after = _set(line, {"until_on": on, "left_because": because})
    line.save(update_fields=["until_on", "left_because"])
    _change_row(
        line, kind=kind, on=on, before=before, after=after, by=by, confirmed_by=confirmed_by, reason=reason
    ).save()  # fmt: skip
    if not Resident.objects.of(line.village).on_roll(on).filter(household=line.household).exists():
        # Where nobody is left there is no household, and none that would have to be represented.
        write_lines(
            [LineChange(line.household, kind, {"until_on": on})],
            village=line.village, on=on, by=by, confirmed_by=confirmed_by, reason=reason,
        )  # fmt: skip
    now = timezone.now()
    Claim.objects.of(line.village).filter(resident=line).exclude(state=Claim.State.ENDED).update(
        state=Claim.State.ENDED, ended_at=now
    )
    offices = Appointment.objects.of(line.village).filter(resident=line).current(on)
    ended = list(offices.values_list("role", flat=True))
    offices.update(until_on=on)
    record(
        action="end_resident", subject=line, village_id=line.village_id, actor=by, because=because,
        on=on.isoformat(), offices=ended, confirmed_by=confirmed_by.pk if confirmed_by else None,
    )  # fmt: skip
    return line


def _stop_representing(line: Resident, *, on: datetime.date, by: Any, confirmed_by: Any, reason: str) -> None:
    for household in Household.objects.of(line.village).filter(representative=line):
        name_representative(household, None, on=on, by=by, confirmed_by=confirmed_by, reason=reason)


@transaction.atomic
def name_representative(
    household: Household,
    resident: Resident | None,
    *,
    on: datetime.date,
    by: User | None,
    confirmed_by: User | None = None,
    reason: str = "",
) -> Household:
    """Name who votes for the household in household mode, or nobody for now.

    An adult of that very household who is on the roll that day (VL 26, UL 27 of 2025: 户的代表).
    """
    line = Household.objects.select_for_update().select_related("village").get(pk=household.pk)
    if resident is not None:
        living = Resident.objects.of(line.village).on_roll(on).filter(pk=resident.pk, household=line)
        if not living.exists():
            raise RollChangeError(_("%(name)s不在这一户的名册上，不能当户代表。") % {"name": resident.name})
        if not living.adults(on).exists():
            raise RollChangeError(_("%(name)s未满18周岁，不能当户代表。") % {"name": resident.name})
    write_lines(
        [LineChange(line, RollChange.Kind.REPRESENTATIVE, {"representative": resident})],
        village=line.village, on=on, by=by, confirmed_by=confirmed_by, reason=reason,
    )  # fmt: skip
    return line


@transaction.atomic
def split_household(
    household: Household,
    members: Sequence[Resident],
    *,
    on: datetime.date,
    by: User | None,
    confirmed_by: User | None = None,
    reason: str = "",
    own_number: str = "",
    group: VillageGroup | None = None,
) -> Household:
    """Make a household of its own of some of the members (分户)."""
    line = Household.objects.select_for_update().select_related("village", "group").get(pk=household.pk)
    going = {member.pk for member in members}
    staying = Resident.objects.of(line.village).on_roll(on).filter(household=line).exclude(pk__in=going)
    if not going or not staying.exists():
        raise RollChangeError(_("分户要选出分出去的人，也要有人留在原户。"))
    new = Household(
        village=line.village, group=group or line.group, yard=line.yard, number=next_number(line.village), from_on=on
    )
    fields = {"own_number": own_number} if own_number else {}
    write_lines(
        [LineChange(new, RollChange.Kind.SPLIT, fields)],
        village=line.village, on=on, by=by, confirmed_by=confirmed_by, reason=reason,
    )  # fmt: skip
    for member in members:
        change_resident(
            member, fields={"household": new}, on=on, kind=RollChange.Kind.SPLIT, by=by, confirmed_by=confirmed_by,
            reason=reason,
        )  # fmt: skip
    return new


@transaction.atomic
def join_households(
    into: Household,
    leaving: Household,
    *,
    on: datetime.date,
    by: User | None,
    confirmed_by: User | None = None,
    reason: str = "",
) -> Household:
    """Let one household of the village go on in another (并户); the one that is left ends that day."""
    if into.village_id != leaving.village_id or into.pk == leaving.pk:
        raise RollChangeError(_("请选择本村（社区）的另一户。"))
    for member in Resident.objects.of(leaving.village).on_roll(on).filter(household=leaving):
        change_resident(
            member, fields={"household": into}, on=on, kind=RollChange.Kind.JOINED, by=by, confirmed_by=confirmed_by,
            reason=reason,
        )  # fmt: skip
    line = Household.objects.select_for_update().select_related("village").get(pk=leaving.pk)
    write_lines(
        [LineChange(line, RollChange.Kind.JOINED, {"until_on": on})],
        village=line.village, on=on, by=by, confirmed_by=confirmed_by, reason=reason,
    )  # fmt: skip
    return into


def next_number(village: Village) -> int:
    """The running number of the next household."""
    last = Household.objects.of(village).order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1
