"""The life of the roll: who comes, who leaves, what is corrected, and how households change.

Every change is dated, says who did it and why, and can be undone in thought (roll_lines.py, roll_history.py). What can
refuse a change stands in a `check_…` of its own, so that it is told when a change is proposed, not only when the second
person confirms it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record

from .models import Appointment, Claim, EntryCode, Household, Resident, RollChange, User, Village, VillageGroup
from .roll_lines import LineChange, change_row, set_fields, write_lines

__all__ = [
    "LineChange",
    "RollChangeError",
    "add_resident",
    "change_resident",
    "check_add",
    "check_change",
    "check_end",
    "check_join",
    "check_representative",
    "check_return",
    "check_split",
    "end_resident",
    "join_households",
    "name_representative",
    "next_number",
    "return_resident",
    "split_household",
    "write_lines",
]


class RollChangeError(Exception):
    """The change cannot be made; the message says why and what to do."""


def check_add(village: Village, household: Household, *, on: datetime.date) -> None:
    """Nobody is added to a household of another village, or to one that has ended."""
    if household.village_id != village.pk:
        raise RollChangeError(_("这一户不是本村（社区）的，请重新选择。"))
    if household.until_on is not None and household.until_on <= on:
        raise RollChangeError(_("这一户已经销户，不能再加人。"))


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
    check_add(village, household, on=on)
    resident = Resident(village=village, household=household, from_on=on)
    write_lines(
        [LineChange(resident, kind, fields)], village=village, on=on, by=by, confirmed_by=confirmed_by, reason=reason
    )
    return resident


def check_change(line: Resident, fields: Mapping[str, Any], *, on: datetime.date) -> None:
    """Whoever has left is not changed any more; nobody moves to another village's household, or to one that ended."""
    if line.until_on is not None and line.until_on <= on:
        raise RollChangeError(_("%(name)s已经出册，不能再改。") % {"name": line.name})
    target = fields.get("household")
    if target is not None and target != line.household:
        check_add(line.village, target, on=on)


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

    Who moves out of a household stops representing it; where nobody is left, the household ends.
    """
    line = Resident.objects.select_for_update(of=("self",)).select_related("household", "village").get(pk=resident.pk)
    check_change(line, fields, on=on)
    left = line.household
    moves = fields.get("household") not in (None, left)
    how: dict[str, Any] = {"village": line.village, "on": on, "by": by, "confirmed_by": confirmed_by, "reason": reason}
    if moves:
        _stop_representing(line, **_without_village(how))
    write_lines([LineChange(line, kind, fields)], **how)
    if moves:
        _end_if_empty(left, kind, **how)
    return line


def check_end(line: Resident, *, on: datetime.date) -> None:
    """A line ends once, and not before it began."""
    if line.until_on is not None:
        raise RollChangeError(_("%(name)s已经出册，不用再办。") % {"name": line.name})
    if line.from_on is not None and on < line.from_on:
        raise RollChangeError(_("出册日期不能早于入册日期，请核对。"))


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
    line = Resident.objects.select_for_update(of=("self",)).select_related("village", "household").get(pk=resident.pk)
    check_end(line, on=on)
    kinds = {
        Resident.Leaving.MOVED_OUT: RollChange.Kind.MOVED_OUT,
        Resident.Leaving.DECEASED: RollChange.Kind.DECEASED,
        Resident.Leaving.MERGED: RollChange.Kind.MERGED,
    }
    kind = kinds.get(Resident.Leaving(because), RollChange.Kind.CORRECTED)
    how: dict[str, Any] = {"village": line.village, "on": on, "by": by, "confirmed_by": confirmed_by, "reason": reason}
    _stop_representing(line, **_without_village(how))
    before, after = set_fields(line, {"until_on": on, "left_because": because})
    line.save(update_fields=["until_on", "left_because"])
    change_row(
        line, kind=kind, on=on, before=before, after=after, by=by, confirmed_by=confirmed_by, reason=reason
    ).save()  # fmt: skip
    _end_if_empty(line.household, kind, **how)
    Claim.objects.of(line.village).filter(resident=line).exclude(state=Claim.State.ENDED).update(
        state=Claim.State.ENDED, ended_at=timezone.now()
    )
    offices = Appointment.objects.of(line.village).filter(resident=line).current(on)
    ended = list(offices.values_list("role", flat=True))
    offices.update(until_on=on)
    # Terms that were to begin later never do.
    Appointment.objects.of(line.village).filter(resident=line, from_on__gt=on).update(until_on=F("from_on"))
    record(
        action="end_resident", subject=line, village_id=line.village_id, actor=by, because=because,
        on=on.isoformat(), offices=ended, confirmed_by=confirmed_by.pk if confirmed_by else None,
    )  # fmt: skip
    return line


def check_return(line: Resident, *, on: datetime.date) -> None:
    """Only who has left comes back, not from another village's roll, and not beside a line they have by now."""
    if line.until_on is None:
        raise RollChangeError(_("%(name)s就在名册上，不用恢复。") % {"name": line.name})
    if line.left_because == Resident.Leaving.MERGED:
        raise RollChangeError(_("这一行随村（社区）合并转到了新名册，请在新名册上改。"))
    living = Resident.objects.of(line.village).on_roll(on).filter(name=line.name, born_on=line.born_on)
    if living.exists():
        raise RollChangeError(
            _("名册上已经有%(name)s，出生日期也一样，请核对是不是又登记了一次。") % {"name": line.name}
        )


@transaction.atomic
def return_resident(
    resident: Resident,
    *,
    on: datetime.date,
    by: User | None,
    confirmed_by: User | None = None,
    reason: str = "",
) -> Resident:
    """Take somebody's leaving back: it was entered by mistake, and they have been on the roll all the time.

    Their household goes on with them. Claims, offices and the household's voice, which ended, are given anew.
    """
    line = Resident.objects.select_for_update(of=("self",)).select_related("household", "village").get(pk=resident.pk)
    check_return(line, on=on)
    home = line.household
    changes = [LineChange(line, RollChange.Kind.CORRECTED, {"until_on": None, "left_because": ""})]
    if home.until_on is not None:
        changes.insert(0, LineChange(home, RollChange.Kind.CORRECTED, {"until_on": None}))
    write_lines(changes, village=line.village, on=on, by=by, confirmed_by=confirmed_by, reason=reason)
    return line


def _without_village(how: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in how.items() if name != "village"}


def _stop_representing(line: Resident, **how: Any) -> None:
    for household in Household.objects.of(line.village).filter(representative=line):
        name_representative(household, None, **how)


def _end_if_empty(household: Household, kind: str, *, village: Village, on: datetime.date, **how: Any) -> None:
    """Where nobody is left there is no household, and none that would have to be represented."""
    staying = Q(until_on__isnull=True) | Q(until_on__gt=on)  # or still to come
    if household.until_on is not None or Resident.objects.of(village).filter(staying, household=household).exists():
        return
    write_lines([LineChange(household, kind, {"until_on": on})], village=village, on=on, **how)
    _withdraw_codes(household)


def _withdraw_codes(household: Household) -> None:
    """A code printed for a household that has ended opens nothing any more."""
    EntryCode.objects.of(household.village).filter(household=household).usable().update(withdrawn_at=timezone.now())


def check_representative(household: Household, resident: Resident | None, *, on: datetime.date) -> None:
    """An adult of that very household who is on the roll that day (VL 26, UL 27 of 2025: 户的代表)."""
    if resident is None:
        return
    living = Resident.objects.of(household.village).on_roll(on).filter(pk=resident.pk, household=household)
    if not living.exists():
        raise RollChangeError(_("%(name)s不在这一户的名册上，不能当户代表。") % {"name": resident.name})
    if resident.born_on is None:
        raise RollChangeError(_("%(name)s没有出生日期，请先补上，再指定为户代表。") % {"name": resident.name})
    if not living.adults(on).exists():
        raise RollChangeError(_("%(name)s未满18周岁，不能当户代表。") % {"name": resident.name})


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
    """Name who votes for the household in household mode, or nobody for now."""
    line = Household.objects.select_for_update(of=("self",)).select_related("village").get(pk=household.pk)
    check_representative(line, resident, on=on)
    write_lines(
        [LineChange(line, RollChange.Kind.REPRESENTATIVE, {"representative": resident})],
        village=line.village, on=on, by=by, confirmed_by=confirmed_by, reason=reason,
    )  # fmt: skip
    return line


def check_split(household: Household, members: Sequence[Resident], *, on: datetime.date, own_number: str = "") -> None:
    """Somebody goes, somebody stays, and the new number is nobody else's."""
    living = Resident.objects.of(household.village).on_roll(on).filter(household=household)
    going = {member.pk for member in members}
    if not going or not living.exclude(pk__in=going).exists():
        raise RollChangeError(_("分户要选出分出去的人，也要有人留在原户。"))
    if living.filter(pk__in=going).count() != len(going):
        raise RollChangeError(_("分出去的人里有人不在这一户，请重新选择。"))
    if own_number and Household.objects.of(household.village).filter(own_number=own_number).exists():
        raise RollChangeError(_("户号“%(number)s”已经有了，请换一个。") % {"number": own_number})


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
    locked = Household.objects.select_for_update(of=("self",)).select_related("village", "group", "yard")
    line = locked.get(pk=household.pk)
    check_split(line, members, on=on, own_number=own_number)
    new = Household(
        village=line.village, group=group or line.group, yard=line.yard, number=next_number(line.village), from_on=on
    )
    fields = {"own_number": own_number} if own_number else {}
    how: dict[str, Any] = {"on": on, "by": by, "confirmed_by": confirmed_by, "reason": reason}
    write_lines([LineChange(new, RollChange.Kind.SPLIT, fields)], village=line.village, **how)
    for member in members:
        change_resident(member, fields={"household": new}, kind=RollChange.Kind.SPLIT, **how)
    return new


def check_join(into: Household, leaving: Household, *, on: datetime.date) -> None:
    """Two different households of one village, both still there."""
    if into.village_id != leaving.village_id or into.pk == leaving.pk:
        raise RollChangeError(_("请选择本村（社区）的另一户。"))
    for household in (into, leaving):
        if household.until_on is not None and household.until_on <= on:
            raise RollChangeError(_("%(household)s已经销户，请重新选择。") % {"household": household})


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
    check_join(into, leaving, on=on)
    how: dict[str, Any] = {"on": on, "by": by, "confirmed_by": confirmed_by, "reason": reason}
    for member in Resident.objects.of(leaving.village).on_roll(on).filter(household=leaving):
        change_resident(member, fields={"household": into}, kind=RollChange.Kind.JOINED, **how)
    line = Household.objects.select_for_update(of=("self",)).select_related("village").get(pk=leaving.pk)
    _end_if_empty(line, RollChange.Kind.JOINED, village=line.village, **how)
    return into


def next_number(village: Village) -> int:
    """The running number of the next household."""
    last = Household.objects.of(village).order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1
