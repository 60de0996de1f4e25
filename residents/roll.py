"""The roll read as an electorate: who counts, one line per voting unit, and why everybody else does not."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from .models import Appointment, Household, Resident, Role, Village, VillageGroup, Yard
from .models.people import adult_since


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


def _gone(resident: Resident, on: datetime.date) -> str:
    """Why somebody is not on the roll that day; empty when they are."""
    if resident.from_on is not None and resident.from_on > on:
        return _("%(date)s才入册") % {"date": resident.from_on}
    if resident.until_on is None or resident.until_on > on:
        return ""
    reasons: dict[str, str] = {
        Resident.Leaving.MOVED_OUT: _("已迁出"),
        Resident.Leaving.DECEASED: _("已去世"),
        Resident.Leaving.MERGED: _("村（社区）合并，已转到新名册"),
        Resident.Leaving.MISTAKE: _("登记有误，已出册"),
    }
    return reasons.get(resident.left_because, _("已出册"))


def _minor(resident: Resident, on: datetime.date) -> str:
    """Why somebody is no voter by age; the age of the vote is data of the law (VL 16, UL 16 of 2025)."""
    if resident.born_on is None:
        return _("名册上没有出生日期，补上以后才能计入")
    return _("未满18周岁") if resident.born_on > adult_since(on) else ""


def _everybody(village: Village) -> list[Resident]:
    """All lines there ever were, in one query, in the order of households."""
    lines = Resident.objects.of(village).select_related("household__group")
    return list(lines.order_by("household__number", "born_on", "pk"))


class _Sieve:
    """Who of the roll counts in one body's base."""

    def __init__(self, village: Village, on: datetime.date, yard: Yard | None, group: VillageGroup | None) -> None:
        self.village = village
        self.on = on
        self.yard = yard
        self.group = group
        self.left_out: list[LeftOut] = []
        self.missing: list[Household] = []

    def leave_out(self, resident: Resident, reason: str) -> None:
        self.left_out.append(LeftOut(described(resident), reason))

    def elsewhere(self, resident: Resident) -> str:
        if self.group is not None and resident.household.group_id != self.group.pk:
            return _("不是%(group)s的人") % {"group": self.group}
        if self.yard is not None and resident.household.yard_id != self.yard.pk:
            return _("不住在%(yard)s") % {"yard": self.yard}
        return ""

    def persons(self, *, locals_only: bool) -> list[EntitledUnit]:
        units = []
        for resident in _everybody(self.village):
            reason = _gone(resident, self.on) or self.elsewhere(resident) or _minor(resident, self.on)
            if not reason and locals_only and not resident.is_local:
                reason = _("户籍不在本村，作决定的会议不计入；协商时可以参加")
            if reason:
                self.leave_out(resident, reason)
            else:
                units.append(EntitledUnit("person", resident))
        return units

    def households(self) -> list[EntitledUnit]:
        """Each household once, by its representative (VL 26, UL 27 of 2025: 户的代表)."""
        voters: dict[int, Resident] = {}
        living = {household.pk: household for household in self._own_households()}
        others: list[Resident] = []
        for resident in _everybody(self.village):
            household = resident.household
            reason = _gone(resident, self.on) or self.elsewhere(resident)
            if reason:
                self.leave_out(resident, reason)
                continue
            if household.representative_id == resident.pk and not _minor(resident, self.on):
                voters[household.pk] = resident
            else:
                others.append(resident)
        for resident in others:
            voter = voters.get(resident.household_id)
            if voter is not None:
                reason = _("本户由%(name)s代表") % {"name": voter.name}
            else:
                reason = _("本户还没有户代表，指定以后才能计入")
            self.leave_out(resident, _minor(resident, self.on) or reason)
        self.missing = [household for pk, household in living.items() if pk not in voters]
        return [EntitledUnit("household", voters[pk], household) for pk, household in living.items() if pk in voters]

    def _own_households(self) -> QuerySet[Household]:
        own = Household.objects.of(self.village).on_roll(self.on).select_related("group").order_by("number")
        if self.group is not None:
            own = own.filter(group=self.group)
        return own.filter(yard=self.yard) if self.yard is not None else own

    def office_holders(self, roles: list[str], title: str) -> list[EntitledUnit]:
        """Each holder once, however many of the offices they hold."""
        appointments = (
            Appointment.objects.of(self.village).current(self.on).filter(role__in=roles, resident__isnull=False)
        )
        if self.yard is not None:
            appointments = appointments.filter(yard=self.yard)
        holders = set(appointments.values_list("resident_id", flat=True))
        units = []
        for resident in _everybody(self.village):
            reason = _gone(resident, self.on)
            if not reason and resident.pk not in holders:
                reason = _("不是%(title)s") % {"title": title}
            if reason:
                self.leave_out(resident, reason)
            else:
                units.append(EntitledUnit("delegate", resident))
        return units


def entitled(
    village: Village,
    *,
    electorate: str,
    on: datetime.date,
    yard: Yard | None = None,
    group: VillageGroup | None = None,
) -> Entitled:
    """Who counts in the base of a body (VL 25-33, UL 26-32 of 2025), present or not, and why the others do not.

    `electorate` is a ProcedurePreset electorate; `yard` or `group` narrow those kinds that ask for one. In a village's
    binding assemblies those registered elsewhere do not count; in a community who lives there does (UL 26).
    Raises RollError when the call lacks what the kind needs.
    """
    sieve = _Sieve(village, on, yard, group)
    if electorate in ("adults", "collective_members"):
        units = sieve.persons(locals_only=not village.is_community)
    elif electorate == "households":
        units = sieve.households()
    elif electorate == "assembly_members":
        roles = [Role.REPRESENTATIVE, Role.COMMITTEE_CHAIR, Role.COMMITTEE_MEMBER]
        units = sieve.office_holders(list(roles), _("代表或者委员会成员"))
    elif electorate in ("group_adults", "group_households"):
        if group is None:
            raise RollError(_("请选择是哪个小组的会议。"))
        persons = electorate == "group_adults"
        units = sieve.persons(locals_only=not village.is_community) if persons else sieve.households()
    elif electorate == "affected_households":
        if yard is None:
            raise RollError(_("请选择是哪个屋场（院落）的协商。"))
        units = sieve.households()
    elif electorate == "delegates":
        if yard is None:
            raise RollError(_("请选择是哪个小区的协商。"))
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
) -> list[EntitledUnit]:
    """The voting units of `entitled`, for a roster that is to be frozen.

    Raises RollError also when a household has no representative: it counts in the base, but nobody could vote for it.
    """
    found = entitled(village, electorate=electorate, on=on, yard=yard, group=group)
    if found.missing:
        named = "、".join(str(household) for household in found.missing[:5])
        raise RollError(
            _("还没有户代表的有 %(count)s 户：%(named)s。请先在名册里为每一户指定一位户代表。")
            % {"count": len(found.missing), "named": named}
        )
    return list(found.units)
