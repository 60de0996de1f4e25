"""The law as data: who decides, how many must be there, how many must agree, how early people are told."""

from __future__ import annotations

import datetime
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class LawSource(models.Model):
    """One edition of a law, with the days it is in force [from, to]."""

    key = models.SlugField(_("代号"), unique=True)
    name = models.CharField(_("名称"), max_length=120)
    edition = models.CharField(_("版本"), max_length=60)
    in_force_from = models.DateField(_("施行"))
    in_force_to = models.DateField(_("失效"), null=True, blank=True)

    class Meta:
        verbose_name = _("法律依据")
        verbose_name_plural = _("法律依据")
        ordering = ("name", "-in_force_from")

    def __str__(self) -> str:
        return f"《{self.name}》({self.edition})"


class Electorate(models.TextChoices):
    """Who is counted: a rule of the roll, read by residents.roll.entitled_units."""

    ADULTS = "adults", _("十八周岁以上村（居）民")
    HOUSEHOLDS = "households", _("户代表")
    ASSEMBLY_MEMBERS = "assembly_members", _("村（居）民代表和委员会成员")
    GROUP_ADULTS = "group_adults", _("本组十八周岁以上村民")
    GROUP_HOUSEHOLDS = "group_households", _("本组户代表")
    AFFECTED_HOUSEHOLDS = "affected_households", _("相关住户")
    DELEGATES = "delegates", _("议事代表")
    COLLECTIVE_MEMBERS = "collective_members", _("集体经济组织成员")


class Comparison(models.TextChoices):
    MORE_THAN = ">", _("超过（不含本数）")
    AT_LEAST = ">=", _("以上（含本数）")


class Base(models.TextChoices):
    ELECTORATE = "electorate", _("应到")
    PRESENT = "present", _("实到")


class Proxies(models.TextChoices):
    NONE = "none", _("不能委托")
    SAME_HOUSEHOLD = "same_household_written", _("可以书面委托同一户的人")
    ANYBODY = "written", _("可以书面委托其他参会人")


class Signers(models.TextChoices):
    """Which officers sign the minutes; an office that nobody held signs nothing."""

    CHAIR = "chair", _("只要主持人")
    CHAIR_RECORDER = "chair_recorder", _("主持人、记录员")
    WITH_SCRUTINEER = "with_scrutineer", _("主持人、记录员；有举手、纸票清点的，还要监票人")
    WITH_COUNTERS = "with_counters", _("主持人、记录员；有举手、纸票清点的，还要监票人和计票人")


def _share(name: str) -> models.Q:
    """A whole share above nothing."""
    return models.Q(**{f"{name}_num__gt": 0, f"{name}_den__gt": 0, f"{name}_num__lte": models.F(f"{name}_den")})


class ProcedurePresetQuerySet(models.QuerySet):
    def in_force(self, on: datetime.date) -> Self:
        return self.filter(law__in_force_from__lte=on).filter(
            models.Q(law__in_force_to__isnull=True) | models.Q(law__in_force_to__gte=on)
        )

    def for_kind(self, kind: str) -> Self:
        return self.filter(applies_to=kind)


class ProcedurePreset(models.Model):
    """How one body meets and decides, with its source. A meeting keeps a frozen copy of what it ran under."""

    key = models.SlugField(_("代号"), max_length=60, unique=True)
    body = models.SlugField(_("机关"), max_length=60)
    label = models.CharField(_("名称"), max_length=60)
    applies_to = models.CharField(
        _("适用"),
        max_length=12,
        choices=[("village", _("村")), ("community", _("社区"))],
    )
    electorate = models.CharField(_("应到人员"), max_length=24, choices=Electorate)
    quorum_op = models.CharField(_("到会要求"), max_length=2, choices=Comparison)
    quorum_num = models.PositiveSmallIntegerField(_("到会分子"))
    quorum_den = models.PositiveSmallIntegerField(_("到会分母"))
    quorum_basis = models.CharField(_("到会依据"), max_length=60, blank=True)
    threshold_of = models.CharField(_("通过基数"), max_length=12, choices=Base)
    threshold_op = models.CharField(_("通过要求"), max_length=2, choices=Comparison)
    threshold_num = models.PositiveSmallIntegerField(_("通过分子"))
    threshold_den = models.PositiveSmallIntegerField(_("通过分母"))
    notice_days = models.PositiveSmallIntegerField(_("提前通知（天）"))
    notice_basis = models.CharField(_("通知依据"), max_length=60, blank=True)
    urgent_allowed = models.BooleanField(_("特殊情况可以立即召开"), default=False)
    binding = models.BooleanField(_("作出决定（否则只形成意见）"), default=True)
    remote_default = models.BooleanField(_("默认可以远程参加"), default=False)
    proxy = models.CharField(
        _("来不了的人能不能委托别人投票"),
        max_length=24,
        choices=Proxies,
        default="none",
        help_text=_("法律写明可以的才打开，例如集体经济组织成员大会（《农村集体经济组织法》第二十七条）。"),
    )
    proxy_cap = models.PositiveSmallIntegerField(
        _("一个人最多受几个人委托"), default=3, db_default=3, help_text=_("不能委托的会议不用管这一项。")
    )
    signers = models.CharField(
        _("会议记录要谁签字"),
        max_length=16,
        choices=Signers,
        default=Signers.WITH_SCRUTINEER,
        db_default=Signers.WITH_SCRUTINEER,
        help_text=_("每个人各签各的，都签了才算签好。"),
    )
    speech_minutes = models.PositiveSmallIntegerField(
        _("每次发言最多几分钟"), default=3, db_default=3, help_text=_("0 表示不限。每次会议可以另外定。")
    )
    # Who may demand that it is called (petitions.py): a share of whoever it counts, or of the representatives.
    petition_num = models.PositiveSmallIntegerField(_("多少人请求就要召开：分子"), null=True, blank=True)
    petition_den = models.PositiveSmallIntegerField(_("多少人请求就要召开：分母"), null=True, blank=True)
    petition_delegates_num = models.PositiveSmallIntegerField(_("多少代表请求就要召开：分子"), null=True, blank=True)
    petition_delegates_den = models.PositiveSmallIntegerField(_("多少代表请求就要召开：分母"), null=True, blank=True)
    petition_days = models.PositiveSmallIntegerField(_("请求够数后几天内召集"), null=True, blank=True)
    petition_days_basis = models.CharField(
        _("召集天数的依据"), max_length=60, blank=True, help_text=_("空着就显示“依据待核”。")
    )
    law = models.ForeignKey(LawSource, models.RESTRICT, related_name="presets", verbose_name=_("法律"))
    citation = models.CharField(_("条款"), max_length=60)
    verified = models.BooleanField(_("依据已核对"), default=False)

    objects = ProcedurePresetQuerySet.as_manager()

    class Meta:
        verbose_name = _("会议程序")
        verbose_name_plural = _("会议程序")
        ordering = ("applies_to", "label")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quorum_den__gt=0, threshold_den__gt=0)
                & models.Q(quorum_num__lte=models.F("quorum_den"))
                & models.Q(threshold_num__lte=models.F("threshold_den")),
                name="preset_fractions_at_most_one",
            ),
            models.CheckConstraint(
                condition=(models.Q(petition_num__isnull=True) | _share("petition"))
                & (models.Q(petition_delegates_num__isnull=True) | _share("petition_delegates")),
                name="preset_petition_shares_at_most_one",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def body_name(self) -> str:
        """The body without how it is held: 村民会议, whether by persons or by households."""
        return self.label.partition("（")[0]

    def frozen_copy(self) -> dict[str, Any]:
        """All that decides, as JSON, with its source in words; what Meeting.rules keeps."""
        fields = (
            "key", "body", "label", "electorate", "quorum_op", "quorum_num", "quorum_den", "quorum_basis",
            "threshold_of", "threshold_op", "threshold_num", "threshold_den", "notice_days", "notice_basis",
            "urgent_allowed", "binding", "remote_default", "proxy", "proxy_cap", "signers", "speech_minutes",
            "citation", "verified",
        )  # fmt: skip
        return {name: getattr(self, name) for name in fields} | {
            "law": self.law.name,
            "edition": self.law.edition,
        }
