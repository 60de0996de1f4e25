"""Suggestions to amend rules in force (提议修订): what somebody would change, and the households that second it."""

from __future__ import annotations

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consultation.models.seconding import HouseholdSecond, Seconded
from residents.models import Resident, Village, VillageQuerySet

from .documents import RuleVersion, VillageRules
from .opinions import Opinion

SUGGESTION_MOST = 1000
SUGGESTION_REASON_MOST = 500


class RuleSuggestionQuerySet(VillageQuerySet):
    def open(self) -> Self:
        return self.filter(state=RuleSuggestion.State.COLLECTING)

    def to_answer(self) -> Self:
        """Open ones that enough households second."""
        return self.open().filter(answer_by__isnull=False)

    def overdue(self, on: datetime.date) -> Self:
        return self.open().filter(answer_by__lt=on)


class RuleSuggestion(Seconded):
    """One change that a resident suggests to a text in force. Its words are the village's own; everybody reads which
    article it is about, how many households second it, and the committee's answer."""

    class State(models.TextChoices):
        COLLECTING = "collecting", _("征集附议")
        TAKEN_UP = "taken_up", _("采纳，开始修订")
        DECLINED = "declined", _("不修订")
        WITHDRAWN = "withdrawn", _("提出人撤回")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    number = models.PositiveIntegerField(_("编号"))
    rules = models.ForeignKey(VillageRules, models.CASCADE, related_name="suggestions", verbose_name=_("村规文件"))
    # The text that it is about.
    version = models.ForeignKey(RuleVersion, models.CASCADE, related_name="+", verbose_name=_("版本"))
    lineage = models.UUIDField(null=True, blank=True)
    place = models.CharField(_("哪一条"), max_length=60, blank=True)
    text = models.TextField(_("怎么改"), max_length=SUGGESTION_MOST)
    reason = models.CharField(_("为什么改"), max_length=SUGGESTION_REASON_MOST)
    raised_by = models.ForeignKey(Resident, models.RESTRICT, related_name="+", verbose_name=_("提出人"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手账号")
    )
    raised_at = models.DateTimeField(_("提出时间"))
    figures_basis = models.CharField(_("户数和天数的依据"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.COLLECTING)
    answer = models.CharField(_("答复和理由"), max_length=SUGGESTION_REASON_MOST, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("答复人")
    )
    ended_at = models.DateTimeField(_("答复（撤回）时间"), null=True, blank=True)
    # Where it was taken up, and as which opinion.
    taken_into = models.ForeignKey(
        RuleVersion, models.SET_NULL, null=True, blank=True, related_name="suggested", verbose_name=_("修订版本")
    )
    opinion = models.OneToOneField(
        Opinion, models.SET_NULL, null=True, blank=True, related_name="suggestion", verbose_name=_("意见")
    )

    objects = RuleSuggestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("修订提议")
        verbose_name_plural = _("修订提议")
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(fields=["village", "number"], name="one_suggestion_per_number"),
            models.CheckConstraint(
                condition=Q(state__in=["collecting", "withdrawn"]) | ~Q(answer=""), name="suggestion_answer_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(state="collecting", ended_at__isnull=True)
                | ~Q(state="collecting") & Q(ended_at__isnull=False),
                name="suggestion_end_has_time",
            ),
        ]
        indexes = [models.Index(fields=["village", "state", "answer_by"], name="suggestion_to_answer")]

    def __str__(self) -> str:
        return str(_("修订提议 %(number)s 号") % {"number": self.number})

    def get_absolute_url(self) -> str:
        return reverse("villagerules:suggestion", args=[self.village.slug, self.number])

    @property
    def is_open(self) -> bool:
        return self.state == self.State.COLLECTING


class SuggestionSecond(HouseholdSecond):
    """One household seconds a suggestion, by one of its members."""

    suggestion = models.ForeignKey(
        RuleSuggestion, models.CASCADE, related_name="seconds", verbose_name=_("修订提议")
    )  # fmt: skip

    class Meta:
        verbose_name = _("修订提议的附议")
        verbose_name_plural = _("修订提议的附议")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["suggestion", "household"], name="one_suggestion_second_per_household"),
            models.UniqueConstraint(fields=["suggestion", "resident"], name="one_suggestion_second_per_person"),
        ]
