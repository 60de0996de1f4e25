"""The roll read as an electorate: who counts, one line per voting unit, and why everybody else does not."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from .models import Appointment, Household, Resident, Role, Village, VillageGroup, Yard
from .roll_day import RollOfDay


class RollError(Exception):
    """The roll cannot answer; the message says what is missing, in plain words."""


@dataclass(frozen=True)
class EntitledUnit:
    """One voting unit: `unit` is "person", "household" or "delegate"; its voter; its household in household mode."""

    unit: str
    resident: Resident
    household: Household | None = None


@dataclass(frozen=True)
class LeftOut:
    """Somebody of the roll, or a whole household, that does not count in this base, and why, in words."""

    who: str
    reason: str


@dataclass(frozen=True)
class Entitled:
    """A body's base on a day. `missing` are households that would count but have nobody to vote for them."""

    units: Sequence[EntitledUnit]
    left_out: Sequence[LeftOut]
    missing: Sequence[Household]


def entitled_residents(village: Village, *, on: datetime.date) -> QuerySet[Resident]:
    """All adults on the roll that day, in the order of households."""
    return (
        Resident.objects.of(village)
        .on_roll(on)
        .adults(on)
        .select_related("household__group")
        .order_by("household__number", "born_on", "pk")
    )


def described(resident: Resident) -> str:
    """A name that tells namesakes apart: 张三（3组，1985年生）."""
    where = str(resident.household.group)
    if resident.born_on is None:
        return _("%(name)s（%(group)s）") % {"name": resident.name, "group": where}
    return _("%(name)s（%(group)s，%(year)s年生）") % {
        "name": resident.name,
        "group": where,
        "year": resident.born_on.year,
    }


class _Sieve:
    """Who of the roll counts in one body's base."""

    def __init__(
        self,
        roll: RollOfDay,
        *,
        yard: Yard | None,
        group: VillageGroup | None,
        locals_only: bool,
        homes: Collection[int] = (),
    ) -> None:
        self.roll = roll
        self.yard = yard
        self.group = group
        self.locals_only = locals_only
        self.homes = homes
        self.left_out: list[LeftOut] = []
        self.missing: list[Household] = []

    def leave_out(self, resident: Resident, reason: str) -> None:
        self.left_out.append(LeftOut(described(resident), reason))

    def elsewhere(self, household: Household) -> str:
        if household.pk in self.homes:
            return ""
        if self.homes and self.yard is None:
            return _("不在这次协商涉及的户里")
        if self.group is not None and household.group_id != self.group.pk:
            return _("不是%(group)s的人") % {"group": self.group}
        if self.yard is not None and household.yard_id != self.yard.pk:
            return _("不住在%(yard)s") % {"yard": self.yard}
        return ""

    def persons(self) -> list[EntitledUnit]:
        units = []
        for one in self.roll.people:
            reason = self.roll.gone(one) or self.elsewhere(one.household) or self.roll.minor(one)
            if not reason and self.locals_only and not one.is_local:
                reason = _("户籍不在本村，作决定的会议不计入；协商时可以参加")
            if reason:
                self.leave_out(one, reason)
            else:
                units.append(EntitledUnit("person", one))
        # The order of households that day, which need not be today's.
        return sorted(units, key=lambda unit: unit.resident.household.number)

    def households(self) -> list[EntitledUnit]:
        """Each household once, by its representative (VL 26, UL 27 of 2025: 户的代表)."""
        members: defaultdict[int, list[Resident]] = defaultdict(list)
        for one in self.roll.people:
            reason = self.roll.gone(one) or self.elsewhere(one.household)
            if reason:
                self.leave_out(one, reason)
            else:
                members[one.household.pk].append(one)
        units = []
        for home in self.roll.homes:
            living = members.pop(home.pk, [])
            if self.elsewhere(home):
                continue
            if self.locals_only and living and not any(one.is_local for one in living):
                for one in living:
                    self.leave_out(one, _("全户户籍不在本村，作决定的会议不计入；协商时可以参加"))
                continue
            voter = self._voter(home, living)
            if voter is None:
                self.missing.append(home)
            else:
                units.append(EntitledUnit("household", voter, home))
            self._leave_out_others(living, voter)
        return units

    def _voter(self, home: Household, living: Sequence[Resident]) -> Resident | None:
        return next((one for one in living if one.pk == home.representative_id and not self.roll.minor(one)), None)

    def _leave_out_others(self, living: Sequence[Resident], voter: Resident | None) -> None:
        for one in living:
            if voter is None:
                self.leave_out(one, self.roll.minor(one) or _("本户还没有户代表，指定以后才能计入"))
            elif one is not voter:
                self.leave_out(one, self.roll.minor(one) or _("本户由%(name)s代表") % {"name": voter.name})

    def office_holders(self, roles: list[str], title: str) -> list[EntitledUnit]:
        """Each holder once, however many of the offices they hold."""
        held = Appointment.objects.of(self.roll.village).current(self.roll.on)
        held = held.filter(role__in=roles, resident__isnull=False)
        if self.yard is not None:
            held = held.filter(yard=self.yard)
        holders = set(held.values_list("resident_id", flat=True))
        units = []
        for one in self.roll.people:
            reason = self.roll.gone(one)
            if not reason and one.pk not in holders:
                reason = _("不是%(title)s") % {"title": title}
            if reason:
                self.leave_out(one, reason)
            else:
                units.append(EntitledUnit("delegate", one))
        return units


def entitled(
    village: Village,
    *,
    electorate: str,
    on: datetime.date,
    yard: Yard | None = None,
    group: VillageGroup | None = None,
    homes: Collection[int] = (),
) -> Entitled:
    """Who counts in the base of a body (VL 25-33, UL 26-32 of 2025), present or not, and why the others do not.

    `electorate` is a ProcedurePreset electorate; `yard` or `group` narrow those kinds that ask for one;
    `homes` are keys of households that a consultation concerns beside its yard's, or alone. In a village's
    binding assemblies those registered elsewhere do not count, in consultations they do; in a community who lives there
    counts (UL 26). The roll is that of the day, rebuilt where it has changed since.
    Raises RollError when the call lacks what the kind needs.
    """
    if electorate in ("group_adults", "group_households") and group is None:
        raise RollError(_("请选择是哪个小组的会议。"))
    if electorate == "affected_households" and yard is None and not homes:
        raise RollError(_("请选择是哪个屋场（院落）的协商，或者写明涉及哪些户。"))
    if electorate == "delegates" and yard is None:
        raise RollError(_("请选择是哪个小区的协商。"))
    binding = electorate not in ("affected_households", "delegates")
    roll = RollOfDay(village, on)
    picked = homes if electorate == "affected_households" else ()
    sieve = _Sieve(roll, yard=yard, group=group, locals_only=binding and not village.is_community, homes=picked)
    if electorate in ("adults", "collective_members", "group_adults"):
        units = sieve.persons()
    elif electorate in ("households", "group_households", "affected_households"):
        units = sieve.households()
    elif electorate == "assembly_members":
        roles = [Role.REPRESENTATIVE, Role.COMMITTEE_CHAIR, Role.COMMITTEE_MEMBER]
        units = sieve.office_holders(list(roles), _("代表或者委员会成员"))
    elif electorate == "representatives":
        units = sieve.office_holders([Role.REPRESENTATIVE], _("代表"))
    elif electorate == "delegates":
        units = sieve.office_holders([Role.YARD_DELEGATE], _("议事代表"))
    else:
        raise RollError(_("不认识的应到范围：%(electorate)s。") % {"electorate": electorate})
    return Entitled(units, sieve.left_out, sieve.missing)


def entitled_units(
    village: Village,
    *,
    electorate: str,
    on: datetime.date,
    yard: Yard | None = None,
    group: VillageGroup | None = None,
    homes: Collection[int] = (),
) -> list[EntitledUnit]:
    """The voting units of `entitled`, for a roster that is to be frozen.

    Raises RollError also when a household has no representative: it counts in the base, but nobody could vote for it.
    """
    found = entitled(village, electorate=electorate, on=on, yard=yard, group=group, homes=homes)
    if found.missing:
        named = "、".join(str(household) for household in found.missing[:5])
        raise RollError(
            _("还没有户代表的有 %(count)s 户：%(named)s。请先在名册里为每一户指定一位户代表。")
            % {"count": len(found.missing), "named": named}
        )
    return list(found.units)
