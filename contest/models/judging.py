"""Who judges a contest, what each gives each entry, and every change of it."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .contests import Contest, Criterion
from .entries import Entry

NOTE_MOST = 2_000
REASON_MOST = 300


class Judge(models.Model):
    """One of a contest's judges. Those of a contest that was brought in have a name and no account."""

    contest = models.ForeignKey(Contest, models.CASCADE, related_name="judges", verbose_name=_("评选"))
    # Within the contest, in the order of naming: what published files call the judge by.
    number = models.PositiveSmallIntegerField(_("编号"))
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("账号")
    )
    name = models.CharField(_("姓名"), max_length=60)
    resigned_at = models.DateTimeField(_("退出时间"), null=True, blank=True)
    resigned_reason = models.CharField(_("退出原因"), max_length=REASON_MOST, blank=True)
    # Of one who resigned: whether the finished sheets count no more.
    sheets_fall = models.BooleanField(_("已经评完的分不算"), default=False)

    class Meta:
        verbose_name = _("评委")
        verbose_name_plural = _("评委")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["contest", "number"], name="one_judge_per_number"),
            models.UniqueConstraint(fields=["contest", "account"], name="one_judge_per_account"),
            models.CheckConstraint(
                condition=Q(resigned_at__isnull=True) | ~Q(resigned_reason=""), name="judge_resigns_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(sheets_fall=False) | Q(resigned_at__isnull=False), name="sheets_fall_with_their_judge"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """What locked documents call the judge by."""
        return f"j{self.number:02d}"


class AssignmentQuerySet(models.QuerySet):
    def to_score(self) -> Self:
        """Sheets that are to be filled in: nobody was recused and nobody left."""
        return self.filter(conflict="", judge__resigned_at=None)

    def counting(self) -> Self:
        """Finished sheets that go into the ranking."""
        return self.filter(conflict="", done_at__isnull=False, judge__sheets_fall=False)


class Assignment(models.Model):
    """One judge's sheet for one entry. With a conflict there is nothing on it: no mark, no note."""

    class Conflict(models.TextChoices):
        OWN_COUNTY = "own_county", _("本县（区）或者本村的")
        KIN = "kin", _("亲属")
        OFFICE = "office", _("在那里任职或者任过职")
        PAIRING = "pairing", _("结对联系")
        OTHER = "other", _("其他可能影响公正的关系")

    judge = models.ForeignKey(Judge, models.CASCADE, related_name="assignments", verbose_name=_("评委"))
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="assignments", verbose_name=_("申报"))
    conflict = models.CharField(_("回避"), max_length=12, choices=Conflict, blank=True)
    conflict_words = models.CharField(_("回避说明"), max_length=REASON_MOST, blank=True)
    note = models.TextField(_("评语"), max_length=NOTE_MOST, blank=True)
    done_at = models.DateTimeField(_("评完时间"), null=True, blank=True)
    # Raised with each saving, so that two open windows notice each other.
    revision = models.PositiveIntegerField(_("修订号"), default=0)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("评分表")
        verbose_name_plural = _("评分表")
        ordering = ("judge__number", "entry__number")
        constraints = [
            models.UniqueConstraint(fields=["judge", "entry"], name="one_sheet_per_judge_and_entry"),
            models.CheckConstraint(
                condition=Q(conflict="") | Q(done_at__isnull=True, note=""), name="recused_judge_has_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.judge} · {self.entry}"


class Score(models.Model):
    """The mark for one criterion: from 0 to its most, in steps of a half."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="scores", verbose_name=_("评分表"))
    criterion = models.ForeignKey(Criterion, models.RESTRICT, related_name="+", verbose_name=_("评分项"))
    mark = models.DecimalField(_("分数"), max_digits=4, decimal_places=1)

    class Meta:
        verbose_name = _("分数")
        verbose_name_plural = _("分数")
        ordering = ("criterion__position",)
        constraints = [
            models.UniqueConstraint(fields=["assignment", "criterion"], name="one_mark_per_criterion"),
            models.CheckConstraint(condition=Q(mark__gte=0), name="mark_not_below_zero"),
        ]

    def __str__(self) -> str:
        return str(self.mark)


class ScoreChange(models.Model):
    """That a mark was changed; append-only. Before the lock only the judge may see it."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="changes", verbose_name=_("评分表"))
    criterion = models.ForeignKey(Criterion, models.RESTRICT, related_name="+", verbose_name=_("评分项"))
    before = models.DecimalField(_("原来"), max_digits=4, decimal_places=1, null=True, blank=True)
    after = models.DecimalField(_("改为"), max_digits=4, decimal_places=1, null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("谁改的")
    )
    at = models.DateTimeField(_("时间"), db_default=Now())

    class Meta:
        verbose_name = _("改分记录")
        verbose_name_plural = _("改分记录")
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
