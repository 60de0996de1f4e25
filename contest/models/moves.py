"""What was changed in a contest's calendar after it was announced, and why: everybody reads it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .contests import Contest, Stage

REASON_MOST = 300


class StageMove(models.Model):
    """One change of one stage's dates; append-only."""

    contest = models.ForeignKey(Contest, models.CASCADE, related_name="moves", verbose_name=_("评选"))
    key = models.CharField(_("阶段"), max_length=24, choices=Stage.Key)
    label = models.CharField(_("名称"), max_length=60)
    opened_at = models.DateTimeField(_("原来的开始"))
    closed_at = models.DateTimeField(_("原来的结束"))
    opens_at = models.DateTimeField(_("开始"))
    closes_at = models.DateTimeField(_("结束"))
    reason = models.CharField(_("原因"), max_length=REASON_MOST)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经办人")
    )
    at = models.DateTimeField(_("时间"), db_default=Now())

    class Meta:
        verbose_name = _("日程改动")
        verbose_name_plural = _("日程改动")
        ordering = ("at", "pk")
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="stage_moves_with_reason")]

    def __str__(self) -> str:
        return self.label
