"""Being heard in a meeting: who asks to speak, who speaks, and what the recorder took down of it."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from residents.models import Village, VillageQuerySet

from .attendance import RosterEntry
from .meetings import AgendaItem, Meeting


class SpeechQuerySet(VillageQuerySet):
    def waiting(self) -> Self:
        return self.filter(state=Speech.State.WAITING)

    def spoken(self) -> Self:
        """Begun, whether over or not."""
        return self.filter(state__in=(Speech.State.SPEAKING, Speech.State.DONE))


class Speech(models.Model):
    """One turn to speak, of a voting unit or of a guest: from the request to the recorder's words."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等候发言")
        SPEAKING = "speaking", _("正在发言")
        DONE = "done", _("讲完了")
        WITHDRAWN = "withdrawn", _("不讲了")
        SKIPPED = "skipped", _("没有讲")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="speeches", verbose_name=_("会议"))
    number = models.PositiveIntegerField(_("序号"))
    entry = models.ForeignKey(
        RosterEntry, models.CASCADE, null=True, blank=True, related_name="speeches", verbose_name=_("名册行")
    )
    guest = models.CharField(_("来宾姓名"), max_length=60, blank=True)
    # The item under discussion when it was asked for, and from its beginning the one it was given at.
    item = models.ForeignKey(
        AgendaItem, models.RESTRICT, null=True, blank=True, related_name="speeches", verbose_name=_("议程")
    )
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(_("要求发言"))
    started_at = models.DateTimeField(_("开始"), null=True, blank=True)
    ended_at = models.DateTimeField(_("结束"), null=True, blank=True)
    # What it may take, with what was added; 0: as long as it takes.
    seconds = models.PositiveIntegerField(_("可以讲多久（秒）"), default=0)
    summary = models.TextField(_("讲了什么"), blank=True, max_length=2000)
    # Rises with every save of the summary, so that two who write can't overwrite each other unseen.
    revision = models.PositiveIntegerField(default=0)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手账号")
    )

    objects = SpeechQuerySet.as_manager()

    class Meta:
        verbose_name = _("发言")
        verbose_name_plural = _("发言")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="one_speech_per_number"),
            models.UniqueConstraint(fields=["meeting"], condition=Q(state="speaking"), name="one_speech_at_a_time"),
            models.UniqueConstraint(
                fields=["meeting", "entry"], condition=Q(state="waiting"), name="one_request_per_unit"
            ),
            models.UniqueConstraint(
                fields=["meeting", "guest"], condition=Q(state="waiting") & ~Q(guest=""), name="one_request_per_guest"
            ),
            models.CheckConstraint(
                condition=Q(entry__isnull=False, guest="") | Q(entry__isnull=True) & ~Q(guest=""),
                name="speech_has_one_speaker",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", started_at__isnull=True, ended_at__isnull=True)
                | Q(state="speaking", started_at__isnull=False, ended_at__isnull=True)
                | Q(state="done", started_at__isnull=False, ended_at__isnull=False)
                | Q(state__in=["withdrawn", "skipped"], started_at__isnull=True, ended_at__isnull=False),
                name="speech_times_fit_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.speaker}"

    @property
    def speaker(self) -> str:
        return self.entry.name if self.entry is not None else self.guest


class FloorQuestionQuerySet(VillageQuerySet):
    def undecided(self) -> Self:
        return self.filter(state=FloorQuestion.State.NEW)

    def seen(self) -> Self:
        """What everybody in the village may read."""
        return self.exclude(state__in=(FloorQuestion.State.NEW, FloorQuestion.State.REJECTED))


class FloorQuestion(models.Model):
    """A question from the floor: under its asker's name, shown or rejected, answered in words or by mouth."""

    class State(models.TextChoices):
        NEW = "new", _("等主持人看")
        SHOWN = "shown", _("放出来了")
        REJECTED = "rejected", _("没有放出来")
        ANSWERED = "answered", _("已答复")
        ORAL = "oral", _("当场答了")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="questions", verbose_name=_("会议"))
    number = models.PositiveIntegerField(_("序号"))
    entry = models.ForeignKey(
        RosterEntry, models.CASCADE, null=True, blank=True, related_name="questions", verbose_name=_("名册行")
    )
    guest = models.CharField(_("来宾姓名"), max_length=60, blank=True)
    item = models.ForeignKey(
        AgendaItem, models.RESTRICT, null=True, blank=True, related_name="questions", verbose_name=_("议程")
    )
    text = models.TextField(_("问题"), max_length=500)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.NEW)
    on_screen = models.BooleanField(_("在大屏上"), default=False)
    reason = models.CharField(_("不放出来的原因"), max_length=200, blank=True)
    answer = models.TextField(_("答复"), blank=True, max_length=2000)
    # Rises with every saved answer, so that two who write can't overwrite each other unseen.
    revision = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(_("提问时间"))
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手账号")
    )

    objects = FloorQuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("会上提问")
        verbose_name_plural = _("会上提问")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="one_question_per_number"),
            models.UniqueConstraint(fields=["meeting"], condition=Q(on_screen=True), name="one_question_on_screen"),
            models.CheckConstraint(
                condition=Q(entry__isnull=False, guest="") | Q(entry__isnull=True) & ~Q(guest=""),
                name="question_has_one_asker",
            ),
            models.CheckConstraint(
                condition=Q(state="rejected") & ~Q(reason="") | ~Q(state="rejected") & Q(reason=""),
                name="rejected_question_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(on_screen=False) | ~Q(state__in=["new", "rejected"]), name="question_on_screen_is_shown"
            ),
            models.CheckConstraint(
                condition=Q(state="answered") & ~Q(answer="") | ~Q(state="answered") & Q(answer=""),
                name="answered_question_has_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.asker}"

    @property
    def asker(self) -> str:
        return self.entry.name if self.entry is not None else self.guest
