"""Reminders of a meeting by SMS: a row first, so that each goes out once and none is lost with a process."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from residents.models import Village, VillageQuerySet

from .meetings import Meeting


class Reminder(models.Model):
    """One account is reminded of one meeting; what it acts for there, its claims say."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="reminders", verbose_name=_("会议"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("账号"))
    tries = models.PositiveSmallIntegerField(_("发了几次"), default=0)
    sent_at = models.DateTimeField(_("发出时间"), null=True, blank=True)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("开会提醒")
        verbose_name_plural = _("开会提醒")
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="one_reminder_per_account")]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.user_id}"
