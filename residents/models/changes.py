"""What happened to the roll, so that any day's roll can be rebuilt, and who looked into it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .people import Resident
from .places import Household, Village
from .tenancy import VillageQuerySet


class RollChange(models.Model):
    """One dated change of one line (a resident or a household): what it said before and after, who did it and why.

    `before` and `after` hold the changed fields only, as JSON values by field name; keys of other rows by number;
    never a phone or an identity number (only whether it changed). A line that was added has an empty `before`.
    """

    class Kind(models.TextChoices):
        ADDED = "added", _("新增")
        MOVED_IN = "moved_in", _("迁入")
        BORN = "born", _("出生")
        MOVED_OUT = "moved_out", _("迁出")
        DECEASED = "deceased", _("去世")
        CORRECTED = "corrected", _("更正")
        CHANGED_HOUSEHOLD = "changed_household", _("换户")
        SPLIT = "split", _("分户")
        JOINED = "joined", _("并户")
        REPRESENTATIVE = "representative", _("户代表变更")
        MERGED = "merged", _("村（社区）合并")

    village = models.ForeignKey(Village, models.CASCADE, related_name="roll_changes", verbose_name=_("村（社区）"))
    resident = models.ForeignKey(
        Resident, models.CASCADE, null=True, blank=True, related_name="changes", verbose_name=_("居民")
    )
    household = models.ForeignKey(
        Household, models.CASCADE, null=True, blank=True, related_name="changes", verbose_name=_("户")
    )
    kind = models.CharField(_("事由"), max_length=20, choices=Kind)
    on = models.DateField(_("生效日期"))
    before = models.JSONField(_("变更前"), default=dict)
    after = models.JSONField(_("变更后"), default=dict)
    reason = models.CharField(_("说明"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经办人")
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("复核人")
    )
    at = models.DateTimeField(_("登记时间"), db_default=Now())

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("名册变更")
        verbose_name_plural = _("名册变更")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(resident__isnull=False) ^ models.Q(household__isnull=False),
                name="change_of_one_line",
            ),
        ]
        indexes = [models.Index(fields=["village", "on"], name="roll_change_by_day")]

    def __str__(self) -> str:
        return f"{self.on} {self.get_kind_display()} {self.resident or self.household}"


class RollLook(models.Model):
    """Somebody looked at what is kept masked on a line: shown to the person itself."""

    class What(models.TextChoices):
        PHONE = "phone", _("完整电话")
        EXPORT = "export", _("导出名册")

    village = models.ForeignKey(Village, models.CASCADE, related_name="roll_looks", verbose_name=_("村（社区）"))
    # Empty for a look at the whole roll.
    resident = models.ForeignKey(
        Resident, models.CASCADE, null=True, blank=True, related_name="looks", verbose_name=_("居民")
    )
    what = models.CharField(_("查看内容"), max_length=12, choices=What)
    reason = models.CharField(_("用途"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("查看人")
    )
    by_name = models.CharField(_("查看人姓名"), max_length=60)
    at = models.DateTimeField(_("时间"), db_default=Now())

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("查看记录")
        verbose_name_plural = _("查看记录")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.by_name} {self.get_what_display()}"


class SheetMapping(models.Model):
    """Which column of a committee's own sheet means what, remembered by its headings."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="sheet_mappings", verbose_name=_("村（社区）"))
    # SHA-256 of the headings as they stand in the sheet, in order.
    headings = models.CharField(_("表头"), max_length=64)
    # {"0": "name", "1": ""}: field by column number from 0; empty for a column that is not used.
    columns = models.JSONField(_("对应"), default=dict)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("表头对应")
        verbose_name_plural = _("表头对应")
        constraints = [models.UniqueConstraint(fields=["village", "headings"], name="one_mapping_per_headings")]

    def __str__(self) -> str:
        return f"{self.village} {self.headings[:8]}"
