"""A contest as data: who runs it where, its stages, what is scored and how, what is won."""

from __future__ import annotations

import datetime
import zoneinfo
from decimal import Decimal
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contest import ranking
from residents.models import Region, Village

ENTRIES_MOST = 500  # of a contest that are voted on
PICKS_MOST = 50


class ContestQuerySet(models.QuerySet):
    def public(self) -> Self:
        """What everybody may see: announced, or later."""
        return self.exclude(state=Contest.State.DRAFT)

    def running(self) -> Self:
        """Announced, and its scores not locked."""
        return self.filter(state=Contest.State.ANNOUNCED)


class Contest(models.Model):
    """One edition of a contest, run by a region or by one village.

    Between `announced` and `score_locked` what may be done is told by its stages' dates; the later states are acts of
    its organizers: lock the scores, give public notice, publish, archive.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("筹备")
        ANNOUNCED = "announced", _("已发布")
        SCORE_LOCKED = "score_locked", _("分数锁定")
        PUBLIC_NOTICE = "public_notice", _("公示")
        PUBLISHED = "published", _("已公布")
        ARCHIVED = "archived", _("已归档")

    class Form(models.TextChoices):
        RULES = "rules", _("村规（选一个正在施行的版本）")
        LINE = "line", _("一句话")

    class Voters(models.TextChoices):
        VERIFIED_RESIDENTS = "verified_residents", _("认证居民")
        VERIFIED_PHONES = "verified_phones", _("验证过手机号的人")

    class Counts(models.TextChoices):
        LIVE = "live", _("随时看，临近结束不显示")
        HIDDEN_UNTIL_CLOSE = "hidden_until_close", _("结束后才看")

    class PublicMethod(models.TextChoices):
        PRO_RATA_TO_TOP = ranking.PRO_RATA_TO_TOP, _("按最高票折算")
        RANK_POINTS = ranking.RANK_POINTS, _("按名次计分")
        MIN_MAX = ranking.MIN_MAX, _("按最高和最低之间的位置")

    class ExpertMethod(models.TextChoices):
        MEAN = ranking.MEAN, _("平均分")
        TRIMMED_MEAN = ranking.TRIMMED_MEAN, _("去掉一个最高分和一个最低分后平均")

    class TieRule(models.TextChoices):
        SHARED = ranking.SHARED, _("并列")
        BY_EXPERTS = ranking.BY_EXPERTS, _("专家分高的在前")
        BY_PUBLIC = ranking.BY_PUBLIC, _("公众分高的在前")

    slug = models.SlugField(_("网址代号"), max_length=60, unique=True)
    title = models.CharField(_("名称"), max_length=120)
    organizers = models.JSONField(_("主办单位"), default=list, blank=True, help_text=_("一行一个"))
    region = models.ForeignKey(
        Region, models.RESTRICT, null=True, blank=True, related_name="contests", verbose_name=_("由哪里主办")
    )
    village = models.ForeignKey(
        Village, models.RESTRICT, null=True, blank=True, related_name="contests", verbose_name=_("由哪个村主办")
    )
    state = models.CharField(_("状态"), max_length=16, choices=State, default=State.DRAFT)
    form = models.CharField(_("征集什么"), max_length=8, choices=Form, default=Form.RULES)
    scope = models.TextField(_("范围"), max_length=1000, blank=True)
    time_zone = models.CharField(_("时区"), max_length=40, default="Asia/Shanghai")

    # Who may enter.
    conditions = models.JSONField(_("申报条件（给人看的）"), default=list, blank=True)
    kinds = models.JSONField(_("哪几类村规"), default=list, blank=True)  # of VillageRules.Kind; empty: all
    months_in_force = models.PositiveSmallIntegerField(_("至少施行几个月"), default=12)
    # Whether the months of the versions before, one after the other, count as well.
    predecessor_counts = models.BooleanField(_("前一版本的时间也算"), default=True)
    must_be_filed = models.BooleanField(_("依法应备案的必须已备案"), default=True)
    entries_per_village = models.PositiveSmallIntegerField(
        _("每村限报几件"), default=2, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    grace_seconds = models.PositiveIntegerField(
        _("截止后宽限几秒"), default=0, validators=[MaxValueValidator(7 * 24 * 3600)]
    )

    # How it is scored.
    expert_share = models.PositiveSmallIntegerField(_("专家分占百分之几"), default=60)
    public_method = models.CharField(
        _("公众分怎么算"), max_length=16, choices=PublicMethod, default=PublicMethod.PRO_RATA_TO_TOP
    )
    expert_method = models.CharField(
        _("专家分怎么算"), max_length=16, choices=ExpertMethod, default=ExpertMethod.TRIMMED_MEAN
    )
    tie_rule = models.CharField(_("同分怎么办"), max_length=12, choices=TieRule, default=TieRule.SHARED)
    recusal_rule = models.CharField(_("评委回避的规定"), max_length=300, blank=True)

    # How the public votes.
    voters = models.CharField(_("谁可以投票"), max_length=20, choices=Voters, default=Voters.VERIFIED_PHONES)
    picks_min = models.PositiveSmallIntegerField(_("至少选几件"), default=1)
    picks_max = models.PositiveSmallIntegerField(_("最多选几件"), default=3)
    may_change = models.BooleanField(_("结束前可以改选"), default=True)
    counts_shown = models.CharField(
        _("票数什么时候能看"), max_length=20, choices=Counts, default=Counts.HIDDEN_UNTIL_CLOSE
    )
    hidden_hours = models.PositiveSmallIntegerField(
        _("结束前几小时不显示票数"), default=24, validators=[MinValueValidator(1), MaxValueValidator(24 * 30)]
    )
    ballots_per_device = models.PositiveSmallIntegerField(
        _("同一台手机几票以内不标记"), default=3, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )

    objects = ContestQuerySet.as_manager()

    class Meta:
        verbose_name = _("评选")
        verbose_name_plural = _("评选")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(region__isnull=False) ^ Q(village__isnull=False), name="contest_of_one_host"
            ),
            models.CheckConstraint(condition=Q(expert_share__lte=100), name="contest_shares_are_percent"),
            models.CheckConstraint(
                condition=Q(picks_min__gte=1, picks_min__lte=F("picks_max"), picks_max__lte=PICKS_MOST),
                name="contest_picks_bounded",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its page; in what follows it, `address`."""
        return str(self.page.url or "") if hasattr(self, "page") else ""

    def address(self, name: str, *more: object) -> str:
        """A door of this contest by its name in urls.py."""
        return reverse(f"contest:{name}", args=[self.slug, *more])

    def local(self, moment: datetime.datetime) -> datetime.datetime:
        """That moment (aware) by the contest's own clock."""
        return moment.astimezone(zoneinfo.ZoneInfo(self.time_zone))

    @property
    def is_public(self) -> bool:
        return self.state != self.State.DRAFT

    @property
    def host(self) -> Region | Village:
        return self.region or self.village

    @property
    def public_share(self) -> int:
        return 100 - self.expert_share


class Stage(models.Model):
    """One stage with its dates. Which of them a contest has, in what order and how named, is its own affair."""

    class Key(models.TextChoices):
        ANNOUNCED = "announced", _("发布通知")
        SUBMISSION = "submission", _("申报")
        TOWNSHIP_REVIEW = "township_review", _("乡镇（街道）审核")
        COUNTY_SELECTION = "county_selection", _("县（区）遴选")
        CITY_SELECTION = "city_selection", _("市（州）遴选")
        PROVINCIAL_SHORTLIST = "provincial_shortlist", _("省级入围")
        PUBLIC_VOTE = "public_vote", _("公众投票")
        EXPERT_REVIEW = "expert_review", _("专家评审")
        PUBLIC_NOTICE = "public_notice", _("结果公示")
        PUBLISHED = "published", _("公布与展示")

    # Those at which entries are looked at from above, in their order, and the level of region that does.
    CHECKS = {
        Key.TOWNSHIP_REVIEW: Region.Level.TOWNSHIP,
        Key.COUNTY_SELECTION: Region.Level.COUNTY,
        Key.CITY_SELECTION: Region.Level.PREFECTURE,
        Key.PROVINCIAL_SHORTLIST: Region.Level.PROVINCE,
    }

    contest = models.ForeignKey(Contest, models.CASCADE, related_name="stages", verbose_name=_("评选"))
    key = models.CharField(_("阶段"), max_length=24, choices=Key)
    label = models.CharField(_("名称"), max_length=60)
    position = models.PositiveSmallIntegerField(_("顺序"))
    opens_at = models.DateTimeField(_("开始"))
    # The first moment at which it is over, to the second.
    closes_at = models.DateTimeField(_("结束"))
    # How many entries each region of the level may let through; empty: any number.
    quota = models.PositiveSmallIntegerField(_("名额"), null=True, blank=True)
    checks = models.JSONField(_("核对清单"), default=list, blank=True)

    class Meta:
        verbose_name = _("评选阶段")
        verbose_name_plural = _("评选阶段")
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["contest", "key"], name="one_stage_per_key"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="stage_closes_after_it_opens"),
        ]

    def __str__(self) -> str:
        return self.label

    def is_open(self, at: datetime.datetime) -> bool:
        """Whether that moment (aware) lies in it: the first second does, the second at which it closes does not."""
        return self.opens_at <= at < self.closes_at


class Criterion(models.Model):
    """What judges score: the highest mark in points, in steps of a half."""

    contest = models.ForeignKey(Contest, models.CASCADE, related_name="criteria", verbose_name=_("评选"))
    key = models.SlugField(_("代号"), max_length=30)
    label = models.CharField(_("评分项"), max_length=30)
    description = models.CharField(_("看什么"), max_length=200, blank=True)
    most = models.DecimalField(
        _("满分"), max_digits=4, decimal_places=1, validators=[MinValueValidator(Decimal("0.5"))]
    )
    position = models.PositiveSmallIntegerField(_("顺序"))

    class Meta:
        verbose_name = _("评分项")
        verbose_name_plural = _("评分项")
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["contest", "key"], name="one_criterion_per_key"),
            models.CheckConstraint(condition=Q(most__gt=0), name="criterion_is_worth_something"),
        ]

    def __str__(self) -> str:
        return self.label


class Award(models.Model):
    """What is won, best first, and by how many."""

    contest = models.ForeignKey(Contest, models.CASCADE, related_name="awards", verbose_name=_("评选"))
    name = models.CharField(_("称号"), max_length=30)
    count = models.PositiveSmallIntegerField(_("名额"), validators=[MinValueValidator(1)])
    position = models.PositiveSmallIntegerField(_("顺序"))

    class Meta:
        verbose_name = _("奖项")
        verbose_name_plural = _("奖项")
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=["contest", "name"], name="one_award_per_name")]

    def __str__(self) -> str:
        return self.name


class ContestTemplate(models.Model):
    """How contests of a kind are usually run: what a new one starts from. The county edits it."""

    slug = models.SlugField(_("代号"), max_length=60, unique=True)
    title = models.CharField(_("名称"), max_length=60)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    source = models.CharField(_("依据"), max_length=300, blank=True)
    # As in a contest's file (`contest` of schema contest/1), stages with `days` after the announcement.
    content = models.JSONField(_("内容"), default=dict)

    class Meta:
        verbose_name = _("评选模板")
        verbose_name_plural = _("评选模板")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.title
