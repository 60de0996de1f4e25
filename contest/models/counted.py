"""How many public votes an entry got in a contest that was brought in: totals, without the ballots behind them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from residents.models import Village, VillageQuerySet

from .entries import Entry


class CountedVotes(models.Model):
    """One entry's public votes as another portal counted them. Where a contest has these, they are what counts."""

    village = models.ForeignKey(Village, models.RESTRICT, related_name="+", verbose_name=_("村（社区）"))
    entry = models.OneToOneField(Entry, models.CASCADE, related_name="counted_votes", verbose_name=_("申报"))
    raw = models.PositiveIntegerField(_("收到的票"))
    removed = models.PositiveIntegerField(_("剔除的票"), default=0)
    valid = models.PositiveIntegerField(_("有效票"))

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("带入的票数")
        verbose_name_plural = _("带入的票数")
        constraints = [
            models.CheckConstraint(condition=Q(raw=F("removed") + F("valid")), name="counted_votes_add_up"),
        ]

    def __str__(self) -> str:
        return str(self.valid)
