"""Who signs in, and for whom an account may act."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .people import Resident
from .places import Village
from .tenancy import VillageQuerySet


class User(AbstractUser):
    """An account. Its name on screen is its own; what it may do hangs on claims and appointments, never on a phone."""

    first_name = None
    last_name = None
    display_name = models.CharField(_("称呼"), max_length=60, blank=True)
    # The phone this account signs in with: sealed, found by its keyed hash, one account for a number.
    phone_sealed = models.BinaryField(_("登录手机（加密）"), blank=True, default=b"")
    phone_hash = models.CharField(_("登录手机（校验）"), max_length=64, blank=True)
    phone_verified_at = models.DateTimeField(_("手机验证时间"), null=True, blank=True)
    # When this person agreed to the privacy notice, and to which edition of it (PIPL art. 13-17).
    consented_at = models.DateTimeField(_("同意时间"), null=True, blank=True)
    consented_to = models.CharField(_("同意的版本"), max_length=20, blank=True)
    # When this person asked to be reminded of meetings by SMS, which nobody else may ask for.
    reminders_asked_at = models.DateTimeField(_("要求短信提醒开会"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("注销时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")
        constraints = [
            models.UniqueConstraint(
                fields=["phone_hash"], condition=~models.Q(phone_hash=""), name="one_account_per_phone"
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        return self.display_name or (str(_("已注销的账号")) if self.deleted_at else self.username)

    def get_short_name(self) -> str:
        return self.get_full_name()


class ClaimQuerySet(VillageQuerySet):
    def confirmed(self) -> Self:
        return self.filter(state=Claim.State.CONFIRMED)


class Claim(models.Model):
    """An account's claim to a line of the roll: its own, or one of its household it helps with.

    A confirmed claim lets the account act for that resident. Several accounts may act for one resident and one
    account for several; each voting unit still votes once.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待确认")
        CONFIRMED = "confirmed", _("已确认")
        REFUSED = "refused", _("未通过")
        ENDED = "ended", _("已解除")

    class Relation(models.TextChoices):
        SELF = "self", _("本人")
        HELPER = "helper", _("家人代办")

    class Basis(models.TextChoices):
        """What showed that the account may act for this line."""

        COMMITTEE = "committee", _("村（居）委会登记")
        PHONE = "phone", _("姓名和手机号相符")
        CODE = "code", _("纸上的一次性代码")
        DESK = "desk", _("工作人员当面办理")
        OFFICERS = "officers", _("两名工作人员核对")

    village = models.ForeignKey(Village, models.CASCADE, related_name="claims", verbose_name=_("村（社区）"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="claims",
        verbose_name=_("账号"),
    )
    resident = models.ForeignKey(Resident, models.CASCADE, related_name="claims", verbose_name=_("居民"))
    relation = models.CharField(_("关系"), max_length=8, choices=Relation, default=Relation.SELF)
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.PROPOSED)
    basis = models.CharField(_("依据"), max_length=12, choices=Basis, default=Basis.COMMITTEE)
    created_at = models.DateTimeField(_("提出时间"), db_default=Now())
    decided_at = models.DateTimeField(_("处理时间"), null=True, blank=True)
    ended_at = models.DateTimeField(_("解除时间"), null=True, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("认领")
        verbose_name_plural = _("认领")
        constraints = [
            models.UniqueConstraint(fields=["user", "resident"], name="one_claim_per_user_and_resident"),
            models.UniqueConstraint(
                fields=["user", "village"],
                condition=models.Q(relation="self", state="confirmed"),
                name="one_self_per_user_and_village",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} → {self.resident}"
