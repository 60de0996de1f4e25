"""What takes part in a contest: a village's rules in force with its story, and what those above said of it."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from residents.models import Region, Village, VillageQuerySet
from villagerules.models import RuleVersion

from .contests import Contest, Stage

STORY_MOST = 20_000
REASON_MOST = 500


class EntryQuerySet(VillageQuerySet):
    def on_show(self) -> Self:
        """What everybody may see: got through the last check and not out since."""
        return self.filter(state__in=Entry.ON_SHOW)

    def standing(self) -> Self:
        """Sent in and still in the running, whoever has it."""
        return self.exclude(state__in=[Entry.State.DRAFT, *Entry.OUT])


class Entry(models.Model):
    """One entry. From the moment it is sent in, the words it is judged by are its own copy and do not change."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        SUBMITTED = "submitted", _("已提交")
        RETURNED = "returned", _("退回修改")
        RESUBMITTED = "resubmitted", _("已重报")
        PASSED = "passed", _("审核通过")
        RECOMMENDED = "recommended", _("已推荐")
        SHORTLISTED = "shortlisted", _("入围")
        AWARDED = "awarded", _("获奖")
        NOT_AWARDED = "not_awarded", _("未获奖")
        REJECTED = "rejected", _("未通过")
        WITHDRAWN = "withdrawn", _("已撤回")
        DISQUALIFIED = "disqualified", _("取消资格")

    OUT = (State.REJECTED, State.WITHDRAWN, State.DISQUALIFIED)
    ON_SHOW = (State.SHORTLISTED, State.AWARDED, State.NOT_AWARDED)
    # The village may still change it.
    OPEN_TO_CHANGE = (State.DRAFT, State.RETURNED)

    contest = models.ForeignKey(Contest, models.CASCADE, related_name="entries", verbose_name=_("评选"))
    village = models.ForeignKey(Village, models.RESTRICT, related_name="entries", verbose_name=_("村（社区）"))
    # Within the contest; what stands in addresses. `key` is what a file of a past contest calls it.
    number = models.PositiveIntegerField(_("编号"))
    key = models.SlugField(_("代号"), max_length=30)
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.DRAFT)
    title = models.CharField(_("申报题目"), max_length=120, blank=True)
    line = models.CharField(_("一句话"), max_length=120, blank=True)
    story = models.TextField(_("申报说明"), max_length=STORY_MOST, blank=True)
    version = models.ForeignKey(
        RuleVersion, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("哪一版村规")
    )
    # Frozen when it is sent in: the text's heading, its words and their hash, as `villagerules.canonical` has them.
    frozen_title = models.CharField(_("报送时的村规名称"), max_length=120, blank=True)
    frozen_text = models.TextField(_("报送时的村规文本"), blank=True)
    frozen_hash = models.CharField(_("报送时的文本校验值"), max_length=64, blank=True)
    # Raised with each saving, so that two who edit at once notice.
    revision = models.PositiveIntegerField(_("修订号"), default=0)
    # What was wrong the last time it came back, or why it is out; everybody of the village sees it.
    reason = models.CharField(_("原因"), max_length=REASON_MOST, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("填报人")
    )
    created_at = models.DateTimeField(_("新建时间"), db_default=Now())
    submitted_at = models.DateTimeField(_("报送时间"), null=True, blank=True)
    out_at = models.DateTimeField(_("退出时间"), null=True, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("申报")
        verbose_name_plural = _("申报")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["contest", "number"], name="one_contest_entry_per_number"),
            models.UniqueConstraint(fields=["contest", "key"], name="one_contest_entry_per_key"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn", "rejected"]) | Q(submitted_at__isnull=False),
                name="entry_was_sent_in",
            ),
            # What is out or not sent in yet leaves the version free.
            models.UniqueConstraint(
                fields=["contest", "version"],
                condition=Q(version__isnull=False) & ~Q(state__in=["draft", "withdrawn", "rejected", "disqualified"]),
                name="one_contest_entry_per_version",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.line or str(_("（还没有题目）"))

    def get_absolute_url(self) -> str:
        return self.contest.address("entry", self.number)

    @property
    def is_on_show(self) -> bool:
        return self.state in self.ON_SHOW


class EntryCheck(models.Model):
    """What a township, county, city or province said of an entry; append-only."""

    class Result(models.TextChoices):
        PASSED = "passed", _("通过")
        RETURNED = "returned", _("退回")
        REJECTED = "rejected", _("不通过")
        RECOMMENDED = "recommended", _("推荐")

    village = models.ForeignKey(Village, models.RESTRICT, related_name="+", verbose_name=_("村（社区）"))
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="checks", verbose_name=_("申报"))
    stage = models.CharField(_("阶段"), max_length=24, choices=Stage.Key)
    region = models.ForeignKey(Region, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("由谁"))
    result = models.CharField(_("结果"), max_length=12, choices=Result)
    # The lines of the stage's list that were found in order.
    in_order = models.JSONField(_("核对无误的"), default=list, blank=True)
    note = models.CharField(_("意见"), max_length=REASON_MOST, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经办人")
    )
    at = models.DateTimeField(_("时间"), db_default=Now())

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("申报审核")
        verbose_name_plural = _("申报审核")
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=~Q(result__in=["returned", "rejected"]) | ~Q(note=""), name="entry_comes_back_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_result_display())
