"""Points and commendations of households: what the assembly decided on, what was entered, what was objected to.

Never money: no column here holds any, and a category that speaks of a fine is refused.
"""

from __future__ import annotations

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consultation.models import Motion, Photo
from residents.models import Household, Proposal, Resident, Village, VillageQuerySet

from .documents import RuleVersion

POINTS_MOST = 100  # of one line, up or down
POINTS_NOTE_MOST = 200
OBJECTION_MOST = 500


class PointsCategoryQuerySet(VillageQuerySet):
    def current(self, on: datetime.date) -> Self:
        """Those by which something may be entered that happened on that day."""
        begun = self.filter(ends_it=False, from_on__lte=on)
        return begun.filter(Q(until_on__isnull=True) | Q(until_on__gt=on)).order_by("number")


class PointsCategory(models.Model):
    """For what a household gets points or is commended, by which decision. A change is a new line that replaces one."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    number = models.PositiveIntegerField(_("编号"))
    label = models.CharField(_("名称"), max_length=40)
    note = models.CharField(_("说明"), max_length=POINTS_NOTE_MOST, blank=True)
    points = models.SmallIntegerField(_("分数"))
    commends = models.BooleanField(_("表扬"), default=False)
    # Only by the assembly's own word may a household's sum fall below nothing.
    below_zero = models.BooleanField(_("可以扣到零分以下"), default=False)
    ends_it = models.BooleanField(_("不再用"), default=False)
    motion = models.ForeignKey(
        Motion, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("表决事项")
    )
    version = models.ForeignKey(
        RuleVersion, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("村规")
    )
    from_on = models.DateField(_("从哪天起"))
    until_on = models.DateField(_("到哪天（不含）"), null=True, blank=True)
    replaces = models.OneToOneField(
        "self", models.RESTRICT, null=True, blank=True, related_name="replaced_by", verbose_name=_("代替")
    )
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手账号")
    )
    set_at = models.DateTimeField(_("记下的时间"), db_default=Now())

    objects = PointsCategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("积分类别")
        verbose_name_plural = _("积分类别")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["village", "number"], name="one_points_category_per_number"),
            models.CheckConstraint(
                condition=Q(motion__isnull=False) | Q(version__isnull=False), name="points_category_was_decided"
            ),
            models.CheckConstraint(condition=Q(commends=False) | Q(points__gte=0), name="commendation_takes_nothing"),
            models.CheckConstraint(
                condition=Q(points__gte=-POINTS_MOST, points__lte=POINTS_MOST), name="points_of_category_bounded"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class PointsEntryQuerySet(VillageQuerySet):
    def valid(self) -> Self:
        """Those that count: confirmed by a second person and not void; in the order in which they count."""
        return self.filter(entered_at__isnull=False, voided_at__isnull=True).order_by("on", "number")

    def waiting(self) -> Self:
        """Those that a second person may still confirm."""
        return self.filter(entered_at__isnull=True, proposal__in=Proposal.objects.all().waiting())

    def commended(self) -> Self:
        """Those whose household agreed that its name is shown, by somebody who is still of it."""
        return self.valid().filter(
            category__commends=True, named_by__isnull=False, named_by__household=models.F("household"),
            named_by__until_on__isnull=True,
        )  # fmt: skip


class PointsEntry(models.Model):
    """One line of a household's ledger. It is never changed or taken away: what was wrong is void, with the reason."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    number = models.PositiveIntegerField(_("编号"))
    household = models.ForeignKey(Household, models.RESTRICT, related_name="+", verbose_name=_("哪一户"))
    category = models.ForeignKey(PointsCategory, models.RESTRICT, related_name="+", verbose_name=_("哪一类"))
    # As the category was on that day.
    points = models.SmallIntegerField(_("分数"))
    below_zero = models.BooleanField(_("可以扣到零分以下"), default=False)
    on = models.DateField(_("哪一天的事"))
    note = models.CharField(_("说明"), max_length=POINTS_NOTE_MOST, blank=True)
    photo = models.ForeignKey(Photo, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("照片"))
    # Who proposed and who confirmed; none of a line that came of an objection.
    proposal = models.OneToOneField(
        Proposal, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("两人办理")
    )
    entered_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    # The last day on which the household may object; empty: any day.
    objection_until = models.DateField(_("可以提出异议到"), null=True, blank=True)
    objection_basis = models.CharField(_("异议期的依据"), max_length=200, blank=True)
    voided_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    void_reason = models.CharField(_("为什么作废"), max_length=OBJECTION_MOST, blank=True)
    corrects = models.OneToOneField(
        "self", models.RESTRICT, null=True, blank=True, related_name="corrected_by", verbose_name=_("更正哪一条")
    )
    # Whoever of the household agreed that a commendation is published under their name.
    named_by = models.ForeignKey(
        Resident, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("同意写名字的人")
    )
    named_at = models.DateTimeField(_("同意的时间"), null=True, blank=True)

    objects = PointsEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("积分记录")
        verbose_name_plural = _("积分记录")
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(fields=["village", "number"], name="one_points_entry_per_number"),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True) | ~Q(void_reason="") & Q(entered_at__isnull=False),
                name="void_points_have_reason",
            ),
            models.CheckConstraint(
                condition=Q(named_by__isnull=True, named_at__isnull=True)
                | Q(named_by__isnull=False, named_at__isnull=False),
                name="points_name_has_consent",
            ),
        ]
        indexes = [models.Index(fields=["village", "household", "on"], name="points_of_household")]

    def __str__(self) -> str:
        return str(_("积分记录 %(number)s 号") % {"number": self.number})

    def get_absolute_url(self) -> str:
        return reverse("villagerules:points_entry", args=[self.village.slug, self.number])

    @property
    def is_valid(self) -> bool:
        return self.entered_at is not None and self.voided_at is None


class PointsObjection(models.Model):
    """A household says that a line is wrong: to the committee, and once more to the supervisory committee."""

    class Stage(models.TextChoices):
        COMMITTEE = "committee", _("向委员会提出异议")
        SUPERVISORS = "supervisors", _("向监督委员会申诉")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    entry = models.ForeignKey(PointsEntry, models.CASCADE, related_name="objections", verbose_name=_("积分记录"))
    stage = models.CharField(_("向谁提"), max_length=12, choices=Stage)
    resident = models.ForeignKey(Resident, models.RESTRICT, related_name="+", verbose_name=_("提出的人"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手账号")
    )
    text = models.CharField(_("哪里不对"), max_length=OBJECTION_MOST)
    at = models.DateTimeField(_("提出时间"))
    answer_by = models.DateField(_("最迟答复日"), null=True, blank=True)
    upheld = models.BooleanField(_("成立"), null=True, blank=True)
    reason = models.CharField(_("决定的理由"), max_length=OBJECTION_MOST, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("决定的账号")
    )
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("积分异议")
        verbose_name_plural = _("积分异议")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["entry", "stage"], name="one_points_objection_per_stage"),
            models.CheckConstraint(
                condition=Q(upheld__isnull=True, decided_at__isnull=True)
                | Q(upheld__isnull=False, decided_at__isnull=False) & ~Q(reason=""),
                name="decided_objection_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.get_stage_display()}"

    def is_overdue(self, on: datetime.date) -> bool:
        return self.upheld is None and self.answer_by is not None and self.answer_by < on
