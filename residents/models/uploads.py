"""A committee's sheet on its way into the roll, for an hour: every process that works on it finds it here."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .places import Village
from .tenancy import VillageQuerySet


class SheetUploadQuerySet(VillageQuerySet):
    def kept(self) -> Self:
        return self.filter(expires_at__gt=timezone.now())


class SheetUpload(models.Model):
    """One file as it was sent, and what reading and comparing it came to. File and outcome are sealed."""

    class State(models.TextChoices):
        WAITING = "waiting", _("排队")
        READING = "reading", _("正在读表格")
        CHECKING = "checking", _("正在逐行检查")
        COMPARING = "comparing", _("正在和名册比对")
        READY = "ready", _("可以看了")
        REFUSED = "refused", _("不能导入")

    WORKING = (State.READING, State.CHECKING, State.COMPARING)

    village = models.ForeignKey(Village, models.CASCADE, related_name="sheet_uploads", verbose_name=_("村（社区）"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("上传人"))
    token = models.CharField(max_length=32, unique=True)
    name = models.CharField(_("文件名"), max_length=255)
    whole = models.BooleanField(_("是全村（社区）的名册"), default=False)
    content_sealed = models.BinaryField(_("文件（加密）"))
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # While it is worked on: when that last made a step, so that work nobody goes on with is begun again.
    stepped_at = models.DateTimeField(null=True, blank=True)
    refused_code = models.CharField(max_length=20, blank=True)
    refused_message = models.CharField(max_length=200, blank=True)
    outcome_sealed = models.BinaryField(_("比对结果（加密）"), blank=True, default=b"")
    created_at = models.DateTimeField(_("上传时间"), db_default=Now())
    expires_at = models.DateTimeField(_("保留到"))

    objects = SheetUploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("上传的表格")
        verbose_name_plural = _("上传的表格")

    def __str__(self) -> str:
        return self.name
