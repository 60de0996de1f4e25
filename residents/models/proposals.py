"""Acts that two people must do: one proposes, another, who is somebody else on the roll, confirms."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .people import Resident
from .places import Region, Village


class ProposalQuerySet(models.QuerySet):
    def of(self, village: Village) -> Self:
        return self.filter(village=village)

    def waiting(self) -> Self:
        return self.filter(state=Proposal.State.PROPOSED, expires_at__gt=timezone.now())


class Proposal(models.Model):
    """One act that waits for its second person. What it will do stands in `payload`, whole, and is shown before."""

    class Kind(models.TextChoices):
        ROLL_IMPORT = "roll_import", _("导入名册")
        ROLL_EDIT = "roll_edit", _("修改名册")
        CLAIM = "claim", _("确认居民身份")
        APPOINT = "appoint", _("任职")
        DISMISS = "dismiss", _("免职")
        RESTORE_ACCESS = "restore_access", _("恢复登录")
        CHANGE_PHONE = "change_phone", _("更换手机")
        CREATE_VILLAGE = "create_village", _("新建村（社区）")
        MARK_PILOT = "mark_pilot", _("认定示范点")
        END_PILOT = "end_pilot", _("示范点结束")
        MERGE_VILLAGES = "merge_villages", _("合并村（社区）")
        SETTLE_MOTION = "settle_motion", _("处理表决")
        VOID_SIGNATURE = "void_signature", _("签名无效")
        CORRECT_RESULT = "correct_result", _("更正结果")
        ADD_TO_MINUTES = "add_to_minutes", _("会议记录补记")
        IMPORT_RULES = "import_rules", _("录入现行村规")
        PUBLISH_RULES = "publish_rules", _("公布村规")
        REPEAL_RULES = "repeal_rules", _("废止村规")
        ENTER_POINTS = "enter_points", _("记积分、表扬")
        RELEASE_VOTES = "release_votes", _("处理暂扣的公众票")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("等第二人确认")
        DONE = "done", _("已办理")
        REFUSED = "refused", _("已退回")
        WITHDRAWN = "withdrawn", _("已撤回")

    village = models.ForeignKey(
        Village, models.CASCADE, null=True, blank=True, related_name="proposals", verbose_name=_("村（社区）")
    )
    region = models.ForeignKey(
        Region, models.CASCADE, null=True, blank=True, related_name="proposals", verbose_name=_("行政区划")
    )
    # Within the village, or the region where there is none; what stands in addresses.
    number = models.PositiveIntegerField(_("编号"))
    kind = models.CharField(_("事项"), max_length=16, choices=Kind)
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.PROPOSED)
    summary = models.CharField(_("内容"), max_length=300)
    payload = models.JSONField(_("细节"), default=dict)
    # Rows of an import: sealed, because they hold phones; emptied once decided.
    sealed = models.BinaryField(_("表格内容（加密）"), blank=True, default=b"")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("提出人")
    )
    proposed_person = models.ForeignKey(Resident, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("确认人")
    )
    decided_person = models.ForeignKey(Resident, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(_("说明"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("提出时间"), db_default=Now())
    expires_at = models.DateTimeField(_("过期时间"))
    decided_at = models.DateTimeField(_("处理时间"), null=True, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("待确认事项")
        verbose_name_plural = _("待确认事项")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["village", "number"], name="one_proposal_per_number"),
            models.UniqueConstraint(
                fields=["region", "number"],
                condition=models.Q(village__isnull=True),
                name="one_proposal_per_number_of_region",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("proposed_by"))
                | models.Q(state="withdrawn"),
                name="two_accounts_for_a_proposal",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_person__isnull=True)
                | ~models.Q(decided_person=models.F("proposed_person"))
                | models.Q(state="withdrawn"),
                name="two_people_for_a_proposal",
            ),
        ]
        indexes = [models.Index(fields=["village", "state"], name="proposals_waiting")]

    def __str__(self) -> str:
        return self.summary
