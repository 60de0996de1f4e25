"""Pilot units (村级议事协商示范点): which village holds the title, by which document, from when to when."""

from __future__ import annotations

import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .places import Village
from .tenancy import VillageQuerySet


class PilotMarkQuerySet(VillageQuerySet):
    def current(self, on: datetime.date) -> Self:
        """Those that hold on that day; the last day belongs to them."""
        return self.filter(from_on__lte=on).filter(Q(to_on__isnull=True) | Q(to_on__gte=on))


class PilotMark(models.Model):
    """One title a village holds, [from_on, to_on]; given and ended by two people, kept when it is over."""

    class Level(models.TextChoices):
        NATIONAL = "national", _("全国")
        PROVINCE = "province", _("省级")
        PREFECTURE = "prefecture", _("市级")
        COUNTY = "county", _("县级")

    village = models.ForeignKey(Village, models.CASCADE, related_name="pilot_marks", verbose_name=_("村（社区）"))
    level = models.CharField(_("哪一级"), max_length=12, choices=Level)
    document = models.CharField(_("依据的文件"), max_length=120)
    from_on = models.DateField(_("从哪天起"))
    to_on = models.DateField(_("到哪天止（含当天）"), null=True, blank=True)
    end_reason = models.CharField(_("为什么结束"), max_length=200, blank=True)

    objects = PilotMarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("示范点")
        verbose_name_plural = _("示范点")
        ordering = ("-from_on",)
        constraints = [
            models.UniqueConstraint(fields=["village", "from_on"], name="one_pilot_mark_a_day"),
            models.UniqueConstraint(
                fields=["village"], condition=Q(to_on__isnull=True), name="one_pilot_mark_without_end"
            ),
            models.CheckConstraint(condition=~Q(document=""), name="pilot_mark_has_document"),
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=F("from_on")), name="pilot_mark_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return str(_("%(level)s村级议事协商示范点") % {"level": self.get_level_display()})

    def holds(self, on: datetime.date) -> bool:
        return self.from_on <= on and (self.to_on is None or on <= self.to_on)
