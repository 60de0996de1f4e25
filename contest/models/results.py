"""What a contest came to: the locked numbers, the ranking made of them in versions, and objections against it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .contests import Award, Contest
from .entries import Entry

TEXT_MOST = 2_000
REASON_MOST = 300
FRACTION_MOST = 200  # signs of a numerator, a stroke and a denominator


class Ranking(models.Model):
    """One version of a contest's ranking, with all that it was made of. A later version never replaces its words."""

    contest = models.ForeignKey(Contest, models.CASCADE, related_name="rankings", verbose_name=_("评选"))
    version = models.PositiveSmallIntegerField(_("第几版"))
    # contest/locked.py says what stands in it; `digest` is the SHA-256 of its canonical form.
    document = models.JSONField(_("锁定的数据"))
    digest = models.CharField(_("校验值"), max_length=64)
    reason = models.CharField(_("为什么重算"), max_length=REASON_MOST, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经办人")
    )
    made_at = models.DateTimeField(_("时间"), db_default=Now())

    class Meta:
        verbose_name = _("排名")
        verbose_name_plural = _("排名")
        ordering = ("version",)
        constraints = [
            models.UniqueConstraint(fields=["contest", "version"], name="one_ranking_per_version"),
            models.CheckConstraint(condition=Q(version=1) | ~Q(reason=""), name="ranking_again_with_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.contest} {self.version}"


class Result(models.Model):
    """One line of a ranking. Scores are exact fractions out of 100, written "numerator/denominator"."""

    ranking = models.ForeignKey(Ranking, models.CASCADE, related_name="results", verbose_name=_("排名"))
    entry = models.ForeignKey(Entry, models.RESTRICT, related_name="results", verbose_name=_("申报"))
    place = models.PositiveSmallIntegerField(_("名次"))
    final = models.CharField(_("总分"), max_length=FRACTION_MOST)
    expert = models.CharField(_("专家分"), max_length=FRACTION_MOST)
    public = models.CharField(_("公众分"), max_length=FRACTION_MOST)
    award = models.ForeignKey(
        Award, models.RESTRICT, null=True, blank=True, related_name="results", verbose_name=_("奖项")
    )

    class Meta:
        verbose_name = _("评选结果")
        verbose_name_plural = _("评选结果")
        ordering = ("place", "entry__key")
        constraints = [
            models.UniqueConstraint(fields=["ranking", "entry"], name="one_result_per_entry"),
            models.CheckConstraint(condition=Q(place__gte=1), name="places_begin_with_one"),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.entry}"


class Objection(models.Model):
    """What somebody has against a result during its public notice. Until it is decided nothing is published."""

    class State(models.TextChoices):
        OPEN = "open", _("待答复")
        DISMISSED = "dismissed", _("不成立")
        UPHELD = "upheld", _("成立")

    class Channel(models.TextChoices):
        ONLINE = "online", _("网上")
        PAPER = "paper", _("书面")
        PHONE = "phone", _("电话")

    contest = models.ForeignKey(Contest, models.CASCADE, related_name="objections", verbose_name=_("评选"))
    number = models.PositiveIntegerField(_("编号"))
    entry = models.ForeignKey(
        Entry, models.RESTRICT, null=True, blank=True, related_name="objections", verbose_name=_("哪一件")
    )
    channel = models.CharField(_("怎么来的"), max_length=8, choices=Channel, default=Channel.ONLINE)
    # Who brought it: the organizers alone see it.
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("提出人账号")
    )
    real_name = models.CharField(_("提出人"), max_length=60)
    text = models.TextField(_("异议内容"), max_length=TEXT_MOST)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("代录人")
    )
    at = models.DateTimeField(_("提出时间"), db_default=Now())
    state = models.CharField(_("结果"), max_length=10, choices=State, default=State.OPEN)
    # What is published of it, as the organizer words it: without a name.
    public_words = models.CharField(_("公布的说法"), max_length=TEXT_MOST, blank=True)
    answer = models.CharField(_("答复"), max_length=TEXT_MOST, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经办人")
    )
    decided_at = models.DateTimeField(_("答复时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("异议")
        verbose_name_plural = _("异议")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["contest", "number"], name="one_objection_per_number"),
            models.CheckConstraint(
                condition=Q(state="open") | (~Q(answer="") & ~Q(public_words="") & Q(decided_at__isnull=False)),
                name="objection_is_answered",
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)
