"""The whole roll of a village as it stood on one day, to be read in memory."""

from __future__ import annotations

import datetime

from django.utils.translation import gettext as _

from .models import Household, Resident, Village, VillageGroup
from .models.people import adult_since
from .roll_history import Past


class RollOfDay:
    """The whole roll as it stood on a day, in four queries however many people there are."""

    def __init__(self, village: Village, on: datetime.date) -> None:
        self.village = village
        self.on = on
        self.of_age = adult_since(on)
        groups = VillageGroup.objects.of(village).in_bulk()
        homes = {home.pk: home for home in Household.objects.of(village).order_by("number")}
        for home in homes.values():
            home.group = groups[home.group_id]
        self.people = list(Resident.objects.of(village).order_by("household__number", "born_on", "pk"))
        for one in self.people:
            one.household = homes[one.household_id]
        Past(village, on).put_back(self.people, homes, groups)
        self.homes = [
            home
            for home in homes.values()
            if (home.from_on is None or home.from_on <= on) and (home.until_on is None or home.until_on > on)
        ]

    def gone(self, resident: Resident) -> str:
        """Why somebody is not on the roll that day; empty when they are."""
        if resident.from_on is not None and resident.from_on > self.on:
            return _("%(date)s才入册") % {"date": resident.from_on}
        if resident.until_on is None or resident.until_on > self.on:
            return ""
        words: dict[str, str] = {
            Resident.Leaving.MOVED_OUT: _("已迁出"),
            Resident.Leaving.DECEASED: _("已去世"),
            Resident.Leaving.MERGED: _("村（社区）合并，已转到新名册"),
            Resident.Leaving.MISTAKE: _("登记有误，已出册"),
        }
        return words.get(resident.left_because, _("已出册"))

    def living(self) -> list[Resident]:
        """Everybody on the roll that day, by household, its head first."""
        here = [one for one in self.people if not self.gone(one)]
        return sorted(here, key=lambda one: (one.household.number, not one.is_head, one.born_on or datetime.date.max))

    def minor(self, resident: Resident) -> str:
        """Why somebody is no voter by age; the age of the vote is data of the law (VL 16, UL 16 of 2025)."""
        if resident.born_on is None:
            return _("名册上没有出生日期，补上以后才能计入")
        return _("未满18周岁") if resident.born_on > self.of_age else ""
