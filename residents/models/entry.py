"""Ways in for people without e-mail: the code printed for a household, and what somebody asks when nothing matches."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .people import Resident
from .places import Household, Village
from .references import DIGITS, RandomReference
from .tenancy import VillageQuerySet


class EntryCodeQuerySet(VillageQuerySet):
    def usable(self) -> Self:
        return self.filter(used_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=timezone.now())


class EntryCode(models.Model):
    """A one-time code on a household's sheet of paper. Only its keyed hash is kept."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="entry_codes", verbose_name=_("村（社区）"))
    household = models.ForeignKey(Household, models.CASCADE, related_name="entry_codes", verbose_name=_("户"))
    code_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("打印时间"), db_default=Now())
    expires_at = models.DateTimeField(_("有效期至"))
    used_at = models.DateTimeField(_("使用时间"), null=True, blank=True)
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(_("作废时间"), null=True, blank=True)

    objects = EntryCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("一次性代码")
        verbose_name_plural = _("一次性代码")

    def __str__(self) -> str:
        return f"{self.household} {self.created_at:%Y-%m-%d}"


class ClaimRequest(models.Model):
    """An account says who it is, and name and phone do not match by themselves: two officers look at it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等工作人员核对")
        CONFIRMED = "confirmed", _("已确认")
        REFUSED = "refused", _("未通过")
        WITHDRAWN = "withdrawn", _("已撤回")

    village = models.ForeignKey(Village, models.CASCADE, related_name="claim_requests", verbose_name=_("村（社区）"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="claim_requests", verbose_name=_("账号")
    )
    # What stands in addresses.
    ref = models.CharField(max_length=DIGITS, editable=False, db_default=RandomReference())
    stated_name = models.CharField(_("姓名"), max_length=60)
    stated_birth_year = models.PositiveSmallIntegerField(_("出生年份"), null=True, blank=True)
    stated_group = models.CharField(_("小组"), max_length=30, blank=True)
    note = models.CharField(_("补充说明"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.WAITING)
    # The line the first officer found; the second confirms or refuses it.
    resident = models.ForeignKey(
        Resident, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("名册上的人")
    )
    answer = models.CharField(_("答复"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("提出时间"), db_default=Now())
    decided_at = models.DateTimeField(_("处理时间"), null=True, blank=True)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("身份申请")
        verbose_name_plural = _("身份申请")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["village", "user", "stated_name"],
                condition=models.Q(state="waiting"),
                name="one_waiting_request_per_name",
            ),
            models.UniqueConstraint(fields=["village", "ref"], name="one_request_per_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.stated_name} → {self.village}"
