"""What people ask and see about their own data: corrections they want, and where they are signed in."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .people import Resident
from .places import Village
from .proposals import Proposal
from .tenancy import VillageQuerySet


class CorrectionQuerySet(VillageQuerySet):
    def open(self) -> Self:
        """Those that nobody has answered and no confirmed change of the roll has settled."""
        return self.filter(state=Correction.State.WAITING).exclude(proposal__state=Proposal.State.DONE)


class Correction(models.Model):
    """Somebody says that their line of the roll is wrong (PIPL art. 46): the roll's keepers change it or say why not.

    A keeper answers with a change of the roll, which takes two people as every change does, or with a reason.
    """

    class About(models.TextChoices):
        NAME = "name", _("姓名")
        GENDER = "gender", _("性别")
        BIRTH = "birth", _("出生日期")
        HOUSEHOLD = "household", _("哪一户、与户主关系")
        GROUP = "group", _("哪个小组")
        PHONE = "phone", _("电话")
        RESIDENCE = "residence", _("户籍、是否常住")
        LEFT = "left", _("已经不该在名册上")
        OTHER = "other", _("别的")

    class State(models.TextChoices):
        WAITING = "waiting", _("等村（居）委会办理")
        REFUSED = "refused", _("没有改")
        WITHDRAWN = "withdrawn", _("已撤回")

    village = models.ForeignKey(Village, models.CASCADE, related_name="corrections", verbose_name=_("村（社区）"))
    number = models.PositiveIntegerField(_("编号"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="corrections", verbose_name=_("账号")
    )
    resident = models.ForeignKey(Resident, models.CASCADE, related_name="corrections", verbose_name=_("居民"))
    about = models.CharField(_("哪一项"), max_length=12, choices=About)
    # What it should say and why; sealed, because people write phones there. Emptied when it is forgotten.
    wish_sealed = models.BinaryField(_("应该是什么（加密）"), blank=True, default=b"")
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.WAITING)
    # The change of the roll that was proposed for it; its fate is the correction's.
    proposal = models.ForeignKey(
        Proposal, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("名册修改")
    )
    answer = models.CharField(_("答复"), max_length=200, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("办理人")
    )
    created_at = models.DateTimeField(_("提出时间"), db_default=Now())
    decided_at = models.DateTimeField(_("处理时间"), null=True, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("更正申请")
        verbose_name_plural = _("更正申请")
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(fields=["village", "number"], name="one_correction_per_number")]

    def __str__(self) -> str:
        return f"{self.village} {self.number}"


class SignIn(models.Model):
    """A browser in which an account is signed in: shown to the account itself, gone with the session."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    # In words ("微信 · 安卓手机"): enough to know one's own again; no address, no version.
    device = models.CharField(_("设备"), max_length=60, blank=True)
    at = models.DateTimeField(_("登录时间"), db_default=Now())

    class Meta:
        verbose_name = _("登录记录")
        verbose_name_plural = _("登录记录")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.device
