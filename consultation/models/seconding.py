"""What households second (附议): the figures it was put forward under, and one line for each household that does."""

from __future__ import annotations

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from residents.models import Household, Resident, Village, VillageQuerySet


class Seconded(models.Model):
    """A matter that the committee must answer once enough households second it.

    The figures are copied when it is put forward and do not follow what the county edits later.
    """

    seconds_needed = models.PositiveSmallIntegerField(_("要多少户附议"))
    answer_days = models.PositiveSmallIntegerField(_("附议够了几天内答复"), null=True, blank=True)
    # The last day to answer; set when enough households second it, and it stays when one takes its second back.
    answer_by = models.DateField(_("最迟答复日"), null=True, blank=True)
    # When the nightly work wrote down that it is overdue, so that it does once.
    overdue_noted_on = models.DateField(_("记过逾期"), null=True, blank=True)
    # How many households seconded it when it ended, as the roll stood then.
    seconds_count = models.PositiveIntegerField(_("附议户数"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        raise NotImplementedError

    def is_overdue(self, on: datetime.date) -> bool:
        return self.is_open and self.answer_by is not None and self.answer_by < on


class SecondingQuerySet(VillageQuerySet):
    def standing(self, on: datetime.date) -> Self:
        """Those that count on that day: whoever seconded is on the roll, and still of the household it was for."""
        there = Q(resident__until_on__isnull=True) | Q(resident__until_on__gt=on)
        stands = Q(household__until_on__isnull=True) | Q(household__until_on__gt=on)
        return self.filter(there & stands, resident__household=F("household"))


class HouseholdSecond(models.Model):
    """One household seconds something, by one of its members. What it seconds is the model's own."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    household = models.ForeignKey(Household, models.RESTRICT, related_name="+", verbose_name=_("户"))
    resident = models.ForeignKey(Resident, models.RESTRICT, related_name="+", verbose_name=_("附议人"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手账号")
    )
    at = models.DateTimeField(_("附议时间"))

    objects = SecondingQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.household)
