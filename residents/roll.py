"""The roll read as an electorate: who counts, one line per voting unit."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
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


def entitled_residents(village: Village, *, on: datetime.date) -> QuerySet[Resident]:
    """All adults on the roll that day, in the order of households."""
    return (
        Resident.objects.of(village)
        .on_roll(on)
        .adults(on)
        .select_related("household__group")
        .order_by("household__number", "born_on")
    )


def _persons(residents: Iterable[Resident]) -> list[EntitledUnit]:
    return [EntitledUnit("person", resident) for resident in residents]


def _households(households: QuerySet[Household], on: datetime.date) -> list[EntitledUnit]:
    """Each household by its representative; one without an adult representative on the roll is named as missing."""
    units = []
    for household in households.select_related("representative__household__group", "group").order_by("number"):
        voter = household.representative
        gone = voter is not None and voter.until_on is not None and voter.until_on <= on
        if voter is None or gone or voter.born_on > adult_since(on):
            raise RollError(
                _("%(household)s还没有户代表。请先在名册里为这一户指定一位户代表。") % {"household": household}
            )
        units.append(EntitledUnit("household", voter, household))
    return units


def _office_holders(
    village: Village, roles: list[str], on: datetime.date, yard: Yard | None = None
) -> list[EntitledUnit]:
    """Each holder once, however many of the offices they hold."""
    appointments = Appointment.objects.of(village).current(on).filter(role__in=roles, resident__isnull=False)
    if yard is not None:
        appointments = appointments.filter(yard=yard)
    people = Resident.objects.of(village).filter(appointments__in=appointments).select_related("household__group")
    ordered = people.distinct().order_by("household__number", "born_on", "pk")
    return [EntitledUnit("delegate", resident) for resident in ordered]


def entitled_units(
    village: Village,
    *,
    electorate: str,
    on: datetime.date,
    yard: Yard | None = None,
    group: VillageGroup | None = None,
) -> list[EntitledUnit]:
    """Who counts in the base of a body (VL 25-33, UL 26-32 of 2025): all who are entitled, present or not.

    `electorate` is a ProcedurePreset electorate; `yard` or `group` narrow those kinds that ask for one.
    Raises RollError when the roll or the call lacks what the kind needs.
    """
    households = Household.objects.of(village)
    if electorate in ("adults", "collective_members"):
        return _persons(entitled_residents(village, on=on))
    if electorate == "households":
        return _households(households, on)
    if electorate == "assembly_members":
        committee = [Role.COMMITTEE_CHAIR, Role.COMMITTEE_MEMBER]
        return _office_holders(village, [Role.REPRESENTATIVE, *committee], on)
    if electorate in ("group_adults", "group_households"):
        if group is None:
            raise RollError(_("请选择是哪个小组的会议。"))
        if electorate == "group_adults":
            return _persons(entitled_residents(village, on=on).filter(household__group=group))
        return _households(households.filter(group=group), on)
    if electorate == "affected_households":
        if yard is None:
            raise RollError(_("请选择是哪个屋场（院落）的协商。"))
        return _households(households.filter(yard=yard), on)
    if electorate == "delegates":
        if yard is None:
            raise RollError(_("请选择是哪个小区的协商。"))
        return _office_holders(village, [Role.YARD_DELEGATE], on, yard)
    raise RollError(_("不认识的应到范围：%(electorate)s。") % {"electorate": electorate})
