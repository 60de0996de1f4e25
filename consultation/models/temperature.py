"""Taking the temperature of a meeting: what people think just now. It decides nothing and is no vote."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from residents.models import Village, VillageQuerySet

from .attendance import RosterEntry
from .meetings import AgendaItem, Meeting


class Leaning(models.TextChoices):
    AGREE = "agree", _("赞同")
    MORE = "more", _("还要再谈")
    DISAGREE = "disagree", _("不赞同")


class TemperatureQuerySet(VillageQuerySet):
    def running(self) -> Self:
        return self.filter(ended_at__isnull=True)


class Temperature(models.Model):
    """One question to those who are there. What is left of it are its sums, and of few not even those."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="temperatures", verbose_name=_("会议"))
    number = models.PositiveIntegerField(_("序号"))
    item = models.ForeignKey(
        AgendaItem, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("议程")
    )
    text = models.CharField(_("问什么"), max_length=200)
    started_at = models.DateTimeField(_("开始"))
    ended_at = models.DateTimeField(_("结束"), null=True, blank=True)
    on_screen = models.BooleanField(_("结果在大屏上"), default=False)
    answered_count = models.PositiveIntegerField(_("多少人按了"), default=0)
    # None while it runs, and where too few answered to tell without giving anybody away.
    agree_count = models.PositiveIntegerField(_("赞同"), null=True, blank=True)
    more_count = models.PositiveIntegerField(_("还要再谈"), null=True, blank=True)
    disagree_count = models.PositiveIntegerField(_("不赞同"), null=True, blank=True)

    objects = TemperatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("摸一摸想法")
        verbose_name_plural = _("摸一摸想法")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="one_temperature_per_number"),
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(ended_at__isnull=True), name="one_temperature_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(agree_count__isnull=True, more_count__isnull=True, disagree_count__isnull=True)
                | Q(ended_at__isnull=False, agree_count__isnull=False, more_count__isnull=False)
                & Q(disagree_count__isnull=False),
                name="temperature_sums_after_its_end",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def running(self) -> bool:
        return self.ended_at is None

    @property
    def sums(self) -> list[tuple[str, str, int]]:
        """(value, label, number) of each answer; nothing while it runs or where too few answered."""
        counts = (self.agree_count, self.more_count, self.disagree_count)
        return [
            (leaning.value, str(leaning.label), number)
            for leaning, number in zip(Leaning, counts, strict=True)
            if number is not None
        ]


class TemperatureAnswer(models.Model):
    """What one unit thinks, while the question runs: deleted with its end, so that no name stays beside an answer."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    temperature = models.ForeignKey(Temperature, models.CASCADE, related_name="answers")
    entry = models.ForeignKey(RosterEntry, models.CASCADE, related_name="+", verbose_name=_("名册行"))
    answer = models.CharField(_("想法"), max_length=10, choices=Leaning)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("想法")
        verbose_name_plural = _("想法")
        constraints = [models.UniqueConstraint(fields=["temperature", "entry"], name="one_leaning_per_unit")]

    def __str__(self) -> str:
        return str(self.temperature_id)  # never what somebody thinks
