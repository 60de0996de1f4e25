"""What people say on rules that are being made, what is answered, and what somebody reports about it."""

from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from residents.models import Household, Resident, Village, VillageQuerySet

from .documents import RuleVersion
from .making import AskingPeriod

OPINION_MOST = 2000
ANSWER_MOST = 500
REPORT_MOST = 200
HIDDEN_MOST = 200


class OpinionQuerySet(VillageQuerySet):
    def on(self, lineage: uuid.UUID | None) -> Self:
        """Those on one article or stanza; without a lineage those on the whole."""
        return self.filter(lineage=lineage)

    def released(self) -> Self:
        """Those that were let through, or have their answer."""
        return self.filter(Q(shown_at__isnull=False) | Q(reply__isnull=False))

    def told(self) -> Self:
        """Those of which others are told, be it only why the words are not shown."""
        return self.filter(Q(shown_at__isnull=False) | Q(reply__isnull=False) | ~Q(hidden_because=""))

    def readable(self) -> Self:
        """Those whose words others read."""
        kept_back = Q(reply__isnull=True) | Q(reply__withheld_because="")
        return self.released().filter(kept_back, hidden_because="", held_at__isnull=True)

    def to_look_at(self) -> Self:
        """Those that nobody of the committee has looked at yet, and those that were reported since."""
        new = Q(shown_at__isnull=True, reply__isnull=True, hidden_because="")
        reported = OpinionReport.objects.filter(opinion=models.OuterRef("pk"), decided_at__isnull=True)
        return self.filter(new | models.Exists(reported))


class Opinion(models.Model):
    """What somebody said, on the whole or on one article. Others read it once it is let through or answered."""

    class Source(models.TextChoices):
        WEB = "web", _("网上")
        MEETING = "meeting", _("会上口头")
        PAPER = "paper", _("纸条、信件")
        VOICE = "voice", _("电话、录音")

    BY_RECORDER = (Source.MEETING, Source.PAPER, Source.VOICE)

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    version = models.ForeignKey(RuleVersion, models.CASCADE, related_name="opinions", verbose_name=_("版本"))
    period = models.ForeignKey(AskingPeriod, models.CASCADE, related_name="opinions", verbose_name=_("征求意见"))
    number = models.PositiveIntegerField(_("编号"))
    # The article or stanza it is about, with its name on that day; none: the whole.
    lineage = models.UUIDField(null=True, blank=True)
    place = models.CharField(_("哪一条"), max_length=60, blank=True)
    source = models.CharField(_("从哪里来"), max_length=12, choices=Source)
    source_note = models.CharField(_("来源说明"), max_length=200, blank=True)
    author = models.ForeignKey(
        Resident, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("提意见的人")
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手账号")
    )
    text = models.TextField(_("意见"), max_length=OPINION_MOST)
    at = models.DateTimeField(_("时间"), db_default=Now())
    # Looked at and let through; what the recorder typed was read by the typing itself.
    shown_at = models.DateTimeField(_("放出来的时间"), null=True, blank=True)
    # Why its words are not shown, which others read in their place.
    hidden_because = models.CharField(_("不公开的原因"), max_length=HIDDEN_MOST, blank=True, default="", db_default="")
    # Reported by so many households that it waits, unseen, for somebody to decide.
    held_at = models.DateTimeField(_("因举报先收起的时间"), null=True, blank=True)
    looked_at_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("谁看过")
    )

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = _("意见")
        verbose_name_plural = _("意见")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="one_opinion_per_number"),
            models.CheckConstraint(
                condition=~models.Q(source="web") | models.Q(author__isnull=False), name="web_opinion_has_author"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.number}"

    @property
    def signed(self) -> str:
        """The name that others read: that of the account it was written with; none for what was handed in."""
        return self.entered_by.display_name if self.source == self.Source.WEB and self.entered_by else ""

    @property
    def answer(self) -> OpinionReply | None:
        return getattr(self, "reply", None)

    @property
    def why_hidden(self) -> str:
        """What others read in the place of its words, if they are not shown."""
        return self.hidden_because or (self.answer.withheld_because if self.answer is not None else "")

    @property
    def is_released(self) -> bool:
        return self.shown_at is not None or self.answer is not None

    @property
    def is_readable(self) -> bool:
        """Whether others read its words."""
        return self.is_released and not self.why_hidden and self.held_at is None


class OpinionReply(models.Model):
    """What became of an opinion, and why. With `withheld_because` the opinion's own words are not shown to others."""

    class Verdict(models.TextChoices):
        ADOPTED = "adopted", _("采纳")
        PARTLY = "partly", _("部分采纳")
        NOT_ADOPTED = "not_adopted", _("不采纳")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    opinion = models.OneToOneField(Opinion, models.CASCADE, related_name="reply", verbose_name=_("意见"))
    verdict = models.CharField(_("采纳情况"), max_length=12, choices=Verdict)
    text = models.CharField(_("答复"), max_length=ANSWER_MOST)
    withheld_because = models.CharField(_("不公开原文的原因"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("答复人")
    )
    at = models.DateTimeField(_("时间"), db_default=Now())

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("意见答复")
        verbose_name_plural = _("意见答复")

    def __str__(self) -> str:
        return f"{self.opinion} {self.get_verdict_display()}"


class OpinionReport(models.Model):
    """A resident says that an opinion should not stand there; somebody who lets opinions through decides."""

    class Reason(models.TextChoices):
        ABUSE = "abuse", _("骂人、吓唬人")
        PRIVACY = "privacy", _("说了别人家的私事")
        UNTRUE = "untrue", _("没有的事，造谣")
        ADVERTISING = "advertising", _("广告、骗人的")
        OTHER = "other", _("别的")

    class Outcome(models.TextChoices):
        KEPT = "kept", _("看过了，照样公开")
        HIDDEN = "hidden", _("看过了，不再公开")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    opinion = models.ForeignKey(Opinion, models.CASCADE, related_name="reports", verbose_name=_("意见"))
    reporter = models.ForeignKey(Resident, models.RESTRICT, related_name="+", verbose_name=_("举报人"))
    # As it was then: what counts is how many homes object.
    household = models.ForeignKey(Household, models.RESTRICT, related_name="+", verbose_name=_("户"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手账号")
    )
    reason = models.CharField(_("原因"), max_length=12, choices=Reason)
    words = models.CharField(_("说明"), max_length=REPORT_MOST, blank=True)
    at = models.DateTimeField(_("时间"), db_default=Now())
    outcome = models.CharField(_("结果"), max_length=12, choices=Outcome, blank=True)
    decided_at = models.DateTimeField(_("处理时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("谁处理的")
    )

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("举报")
        verbose_name_plural = _("举报")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["opinion", "reporter"], name="one_report_per_person"),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at__isnull=True) | ~Q(outcome="") & Q(decided_at__isnull=False),
                name="report_outcome_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opinion} {self.get_reason_display()}"
