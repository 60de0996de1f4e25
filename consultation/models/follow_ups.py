"""Follow-ups (落实事项): what a meeting promised, who does it by when, and what came of it."""

from __future__ import annotations

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from residents.models import Resident, Village, VillageQuerySet

from .meetings import Meeting
from .photos import Photo

WHAT_MOST = 120
WORDS_MOST = 500


class FollowUpQuerySet(VillageQuerySet):
    def open(self) -> Self:
        """Those not done and not given up."""
        return self.filter(state__in=FollowUp.OPEN)

    def overdue(self, on: datetime.date) -> Self:
        """Open ones whose day has passed."""
        return self.open().filter(due__lt=on)

    def public(self) -> Self:
        """Those of meetings whose results everybody may read."""
        return self.filter(meeting__state__in=Meeting.PUBLIC)


class FollowUp(models.Model):
    """One thing to be done after a meeting, by one who answers for it, by a day."""

    class State(models.TextChoices):
        TODO = "todo", _("还没开始")
        DOING = "doing", _("正在办")
        DELAYED = "delayed", _("延期")
        DONE = "done", _("办好了")
        DROPPED = "dropped", _("不办了")

    OPEN = (State.TODO, State.DOING, State.DELAYED)
    # A report may leave the state as it is, once work has begun; what was done may have to be done again.
    MOVES = {
        State.TODO: {State.DOING, State.DONE, State.DELAYED, State.DROPPED},
        State.DOING: {State.DOING, State.DONE, State.DELAYED, State.DROPPED},
        State.DELAYED: {State.DOING, State.DONE, State.DELAYED, State.DROPPED},
        State.DONE: {State.DOING},
        State.DROPPED: frozenset(),
    }

    village = models.ForeignKey(Village, models.CASCADE, related_name="follow_ups", verbose_name=_("村（社区）"))
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="follow_ups", verbose_name=_("会议"))
    number = models.PositiveIntegerField(_("编号"))
    title = models.CharField(_("要办的事"), max_length=WHAT_MOST)
    # Who answers for it: somebody of the roll, a staff account (a property manager), or a body without either.
    owner = models.ForeignKey(
        Resident, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("负责人")
    )
    owner_account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("负责人的账号"),
    )
    owner_name = models.CharField(_("谁负责"), max_length=60)
    due = models.DateField(_("什么时候办好"))
    first_due = models.DateField(_("原定哪天"))
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.TODO)
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("谁布置的")
    )
    assigned_at = models.DateTimeField(_("布置时间"))
    ended_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    # The day whose passing the nightly work has written down, so that it does once for each day that was promised.
    missed_due = models.DateField(_("记过逾期的日子"), null=True, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("落实事项")
        verbose_name_plural = _("落实事项")
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(fields=["village", "number"], name="one_follow_up_per_number"),
            models.CheckConstraint(condition=~Q(owner_name=""), name="follow_up_has_owner"),
            models.CheckConstraint(condition=Q(due__gte=F("first_due")), name="follow_up_due_not_earlier"),
            models.CheckConstraint(
                condition=Q(state__in=["done", "dropped"], ended_at__isnull=False)
                | Q(state__in=["todo", "doing", "delayed"], ended_at__isnull=True),
                name="follow_up_end_has_time",
            ),
        ]
        indexes = [models.Index(fields=["village", "state", "due"], name="follow_up_to_do")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("consultation:follow_up", args=[self.village.slug, self.number])

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    def is_overdue(self, on: datetime.date) -> bool:
        return self.is_open and self.due < on


class FollowUpReport(models.Model):
    """What somebody said on a day about how it goes; never changed afterwards."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    follow_up = models.ForeignKey(FollowUp, models.CASCADE, related_name="reports", verbose_name=_("落实事项"))
    number = models.PositiveSmallIntegerField(_("第几次"))
    state = models.CharField(_("状态"), max_length=10, choices=FollowUp.State)
    words = models.CharField(_("说明"), max_length=WORDS_MOST)
    new_due = models.DateField(_("改到哪天"), null=True, blank=True)
    photos = models.ManyToManyField(Photo, blank=True, related_name="+", verbose_name=_("照片"))
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("谁报的")
    )
    reporter_name = models.CharField(_("谁报的"), max_length=60, blank=True)
    at = models.DateTimeField(_("时间"))

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("办理情况")
        verbose_name_plural = _("办理情况")
        ordering = ("follow_up", "number")
        constraints = [
            models.UniqueConstraint(fields=["follow_up", "number"], name="one_report_per_number"),
            models.CheckConstraint(condition=~Q(words=""), name="report_has_words"),
            models.CheckConstraint(
                condition=~Q(state="delayed") | Q(new_due__isnull=False), name="report_of_delay_has_day"
            ),
        ]

    def __str__(self) -> str:
        return self.words[:60]


class FollowUpRating(models.Model):
    """What one person of the village thinks of what was done. Who thought what is shown to nobody."""

    class Answer(models.TextChoices):
        SATISFIED = "satisfied", _("满意")
        FAIR = "fair", _("一般")
        UNSATISFIED = "unsatisfied", _("不满意")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    follow_up = models.ForeignKey(FollowUp, models.CASCADE, related_name="ratings", verbose_name=_("落实事项"))
    resident = models.ForeignKey(Resident, models.CASCADE, related_name="+", verbose_name=_("村（居）民"))
    answer = models.CharField(_("评价"), max_length=12, choices=Answer)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手账号")
    )

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("村（居）民评价")
        verbose_name_plural = _("村（居）民评价")
        constraints = [models.UniqueConstraint(fields=["follow_up", "resident"], name="one_rating_per_person")]

    def __str__(self) -> str:
        return self.get_answer_display()
