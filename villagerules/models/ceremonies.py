"""The red-and-white council's register: weddings, funerals and other feasts, and what they came to."""

from __future__ import annotations

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from residents.models import Household, Resident, Village, VillageQuerySet

NOTE_MOST = 200


class EventKind(models.Model):
    """A kind of event (红事, 白事, 其他喜庆), and how early its household is asked to say so. Kept by the county."""

    key = models.SlugField(_("代号"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(_("排在第几"), default=0)
    label = models.CharField(_("名称"), max_length=40)
    # What the village's advocated standards call it: “红事桌数”.
    word = models.CharField(
        _("提倡标准里的叫法"), max_length=20, help_text=_("例如“红事”：标准里写“红事桌数”的，就对着它看。")
    )
    # 10 to 15 days before a wedding, on the day itself for a death (0). Advocated; nobody is held to it.
    lead_least = models.PositiveSmallIntegerField(_("提倡至少提前几天"), null=True, blank=True)
    lead_most = models.PositiveSmallIntegerField(_("到几天"), null=True, blank=True)
    source = models.CharField(_("依据"), max_length=120)
    verified = models.BooleanField(_("依据已核对"), default=False)
    offered = models.BooleanField(_("可以选"), default=True)

    class Meta:
        verbose_name = _("红白事类别")
        verbose_name_plural = _("红白事类别")
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.label

    @property
    def lead_words(self) -> str:
        """How early one is asked to say so, in words; empty where the county says nothing."""
        if self.lead_least is None:
            return ""
        if not self.lead_least and not self.lead_most:
            return str(_("提倡当天告诉理事会"))
        if self.lead_most and self.lead_most > self.lead_least:
            return str(_("提倡提前 %(least)s 到 %(most)s 天登记") % {"least": self.lead_least, "most": self.lead_most})
        return str(_("提倡提前 %(least)s 天登记") % {"least": self.lead_least})


class CeremonyEventQuerySet(VillageQuerySet):
    def held(self, year: int) -> Self:
        """Those of a year that were not called off."""
        return self.filter(on__year=year, called_off_at=None)


class CeremonyEvent(models.Model):
    """One event of one household, as it is planned and as it came to be. Standards are advocated: going beyond them is
    noted and has no consequence. Who it is about is known to the council, the committee and the household."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    number = models.PositiveIntegerField(_("编号"))
    kind = models.ForeignKey(EventKind, models.RESTRICT, related_name="+", verbose_name=_("什么事"))
    household = models.ForeignKey(Household, models.RESTRICT, related_name="+", verbose_name=_("哪一户"))
    on = models.DateField(_("哪一天"))
    planned_tables = models.PositiveSmallIntegerField(_("打算办几桌"), null=True, blank=True)
    planned_days = models.PositiveSmallIntegerField(_("打算办几天"), null=True, blank=True)
    planned_gift = models.PositiveIntegerField(_("打算收的礼金（每份，元）"), null=True, blank=True)
    planned_cost = models.PositiveIntegerField(_("打算花多少（元）"), null=True, blank=True)
    tables = models.PositiveSmallIntegerField(_("办了几桌"), null=True, blank=True)
    days = models.PositiveSmallIntegerField(_("办了几天"), null=True, blank=True)
    gift = models.PositiveIntegerField(_("礼金一般多少（每份，元）"), null=True, blank=True)
    cost = models.PositiveIntegerField(_("花了多少（元）"), null=True, blank=True)
    # Whoever of the household registered it; empty where the council did.
    registered_by = models.ForeignKey(
        Resident, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("自己登记的人")
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手账号")
    )
    registered_at = models.DateTimeField(_("登记时间"))
    helpers = models.ManyToManyField(Resident, blank=True, related_name="+", verbose_name=_("理事会谁去帮忙"))
    note = models.CharField(_("备注"), max_length=NOTE_MOST, blank=True)
    came_at = models.DateTimeField(_("记下结果的时间"), null=True, blank=True)
    # Whether all that was noted lies within the standards it was held against; empty where there was nothing to hold.
    within = models.BooleanField(_("在提倡标准以内"), null=True, blank=True)
    # [{"item", "limit", "unit"}]: the standards of that day, as they stood when the outcome was noted.
    held_against = models.JSONField(_("对照的提倡标准"), default=list, blank=True)
    called_off_at = models.DateTimeField(_("不办了的时间"), null=True, blank=True)
    called_off_because = models.CharField(_("为什么不办了"), max_length=NOTE_MOST, blank=True)

    objects = CeremonyEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("红白事登记")
        verbose_name_plural = _("红白事登记")
        ordering = ("-on", "-number")
        constraints = [
            models.UniqueConstraint(fields=["village", "number"], name="one_ceremony_per_number"),
            models.UniqueConstraint(
                fields=["household", "kind", "on"],
                condition=Q(called_off_at__isnull=True),
                name="one_ceremony_of_a_kind_a_day",
            ),
            models.CheckConstraint(
                condition=Q(called_off_at__isnull=True) | ~Q(called_off_because=""),
                name="called_off_ceremony_has_reason",
            ),
        ]
        indexes = [models.Index(fields=["village", "on"], name="ceremonies_by_day")]

    def __str__(self) -> str:
        return str(_("%(number)s 号登记") % {"number": self.number})

    def get_absolute_url(self) -> str:
        return reverse("villagerules:event", args=[self.village.slug, self.number])

    @property
    def lead_days(self) -> int:
        """How many days before it was registered; below 0 afterwards."""
        registered: datetime.date = self.village.local_date(self.registered_at)
        return (self.on - registered).days
