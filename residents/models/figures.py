"""Numbers of the law and of local practice, kept as data: how many, what share, within how many days."""

from __future__ import annotations

import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from .places import Village


class LegalFigureQuerySet(models.QuerySet):
    def in_force(self, on: datetime.date) -> Self:
        return self.filter(in_force_from__lte=on).filter(
            models.Q(in_force_to__isnull=True) | models.Q(in_force_to__gte=on)
        )


class LegalFigure(models.Model):
    """One number that something is held against, for villages or for communities, with its source and the days it
    holds [from, to]. Which of the numbers are used depends on the key; an empty `days` switches a period off.
    """

    key = models.SlugField(_("代号"), max_length=60)
    applies_to = models.CharField(_("适用"), max_length=12, choices=Village.Kind)
    label = models.CharField(_("名称"), max_length=120)
    least = models.PositiveSmallIntegerField(_("最少"), null=True, blank=True)
    most = models.PositiveSmallIntegerField(_("最多"), null=True, blank=True)
    share_num = models.PositiveSmallIntegerField(_("比例分子"), null=True, blank=True)
    share_den = models.PositiveSmallIntegerField(_("比例分母"), null=True, blank=True)
    days = models.PositiveSmallIntegerField(_("期限（天）"), null=True, blank=True)
    source = models.CharField(_("依据"), max_length=120)
    citation = models.CharField(_("条款"), max_length=60, blank=True)
    verified = models.BooleanField(_("依据已核对"), default=False)
    in_force_from = models.DateField(_("施行"))
    in_force_to = models.DateField(_("失效"), null=True, blank=True)

    objects = LegalFigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("法定数字和期限")
        verbose_name_plural = _("法定数字和期限")
        ordering = ("key", "applies_to", "-in_force_from")
        constraints = [
            models.UniqueConstraint(fields=["key", "applies_to", "in_force_from"], name="one_figure_at_a_time"),
            models.CheckConstraint(
                condition=models.Q(share_den__isnull=True)
                | models.Q(share_den__gt=0, share_num__lte=models.F("share_den")),
                name="figure_share_at_most_one",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def basis(self) -> str:
        """Where it comes from, in words; an article that nobody has checked is not cited."""
        return f"{self.source}{self.citation}" if self.verified and self.citation else self.source

    def reached_by(self, part: int, whole: int) -> bool:
        """Whether part of whole is the share or more (以上 includes the number itself)."""
        if self.share_num is None or self.share_den is None:
            return True
        return part * self.share_den >= whole * self.share_num

    def allows(self, number: int, *, times: int = 1) -> bool:
        """Whether the number lies between so many times the least and the most, both included."""
        enough = self.least is None or self.least * times <= number
        return enough and (self.most is None or number <= self.most * times)
