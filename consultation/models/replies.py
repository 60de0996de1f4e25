"""Whether a notice was read, and who says that they come (回执)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from residents.models import Village, VillageQuerySet

from .attendance import RosterEntry
from .meetings import Meeting


class Reply(models.Model):
    """One voting unit's reply to the notice: when it was first read by somebody of it, and what was answered."""

    class Answer(models.TextChoices):
        COMES = "comes", _("我会来")
        BY_PHONE = "by_phone", _("用手机参加")
        FAMILY = "family", _("家里别人来")
        CANNOT = "cannot", _("来不了")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="replies", verbose_name=_("会议"))
    entry = models.OneToOneField(RosterEntry, models.CASCADE, related_name="reply", verbose_name=_("名册行"))
    read_at = models.DateTimeField(_("看到通知的时间"), null=True, blank=True)
    answer = models.CharField(_("来不来"), max_length=10, choices=Answer, blank=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经手账号")
    )

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("回执")
        verbose_name_plural = _("回执")
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True) | ~Q(answer="") & Q(answered_at__isnull=False),
                name="reply_has_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.get_answer_display()}"
