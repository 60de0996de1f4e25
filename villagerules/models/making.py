"""How a version comes about: when people were asked, what the township found, and what happened when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from residents.models import Village, VillageQuerySet

from .documents import RuleVersion, VillageRules

FINDING_MOST = 1000
CHECK_NOTE_MOST = 300


class AdoptingBody(models.Model):
    """Which meeting may adopt which kind of rules, by law or by local practice."""

    kind = models.CharField(_("哪一类"), max_length=24, choices=VillageRules.Kind)
    body = models.SlugField(_("由什么会议通过"), max_length=60)
    needs_basis = models.BooleanField(
        _("要写明授权依据"), default=False, help_text=_("例如居民会议授权居民代表会议的决议。")
    )
    source = models.CharField(_("依据"), max_length=120)
    citation = models.CharField(_("条款"), max_length=60, blank=True)
    verified = models.BooleanField(_("依据已核对"), default=False)

    class Meta:
        verbose_name = _("村规由谁通过")
        verbose_name_plural = _("村规由谁通过")
        ordering = ("kind", "body")
        constraints = [models.UniqueConstraint(fields=["kind", "body"], name="one_line_per_kind_and_body")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.body}"


class AskingPeriod(models.Model):
    """The days on which people are asked: for what should be changed, or about a draft. [opens_at, closes_at)."""

    class Purpose(models.TextChoices):
        SOLICITING = "soliciting", _("征集民意")
        PUBLIC_COMMENT = "public_comment", _("公示征求意见")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    version = models.ForeignKey(RuleVersion, models.CASCADE, related_name="periods", verbose_name=_("版本"))
    purpose = models.CharField(_("为了什么"), max_length=20, choices=Purpose)
    # As the figure was on that day: what the county edits later changes nothing here.
    days = models.PositiveSmallIntegerField(_("天数"))
    basis = models.CharField(_("天数的依据"), max_length=200, blank=True)
    opens_at = models.DateTimeField(_("开始"))
    closes_at = models.DateTimeField(_("截止"))
    closed_at = models.DateTimeField(_("收齐的时间"), null=True, blank=True)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("征求意见")
        verbose_name_plural = _("征求意见")
        ordering = ("opens_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=models.Q(closed_at__isnull=True), name="one_period_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.version}"


class Review(models.Model):
    """One round before the township: the text that was handed in, word for word, and what came of it; or its order to
    correct rules that were voted already."""

    class State(models.TextChoices):
        WAITING = "waiting", _("审核中")
        RETURNED = "returned", _("退回修改")
        CLEARED = "cleared", _("审核通过")
        ORDERED = "ordered", _("责令改正")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    version = models.ForeignKey(RuleVersion, models.CASCADE, related_name="reviews", verbose_name=_("版本"))
    round = models.PositiveSmallIntegerField(_("第几轮"))
    state = models.CharField(_("结果"), max_length=12, choices=State, default=State.WAITING)
    text = models.TextField(_("送审全文"))
    text_hash = models.CharField(_("文本校验值"), max_length=64)
    submitted_at = models.DateTimeField(_("送审时间"), db_default=Now())
    # The list as it was signed: [{"code": …, "words": …, "source": …}].
    checklist = models.JSONField(_("审核清单"), default=list, blank=True)
    note = models.CharField(_("审核意见"), max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("审核人")
    )
    decided_at = models.DateTimeField(_("审核时间"), null=True, blank=True)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("合法性审查")
        verbose_name_plural = _("合法性审查")
        ordering = ("round",)
        constraints = [models.UniqueConstraint(fields=["version", "round"], name="one_review_per_round")]

    def __str__(self) -> str:
        return f"{self.version} {self.round} {self.get_state_display()}"


class ReviewFinding(models.Model):
    """What the township found in one article, or in the whole."""

    class Severity(models.TextChoices):
        MUST = "must", _("必须改")
        SHOULD = "should", _("建议改")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    review = models.ForeignKey(Review, models.CASCADE, related_name="findings", verbose_name=_("审查"))
    lineage = models.UUIDField(null=True, blank=True)
    place = models.CharField(_("哪一条"), max_length=60, blank=True)
    severity = models.CharField(_("轻重"), max_length=12, choices=Severity)
    text = models.CharField(_("审查意见"), max_length=FINDING_MOST)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("审核人")
    )
    at = models.DateTimeField(_("时间"), db_default=Now())

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("合法性审查意见")
        verbose_name_plural = _("合法性审查意见")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.place} {self.text}"[:60]


class YearlyCheck(models.Model):
    """The township's look at rules in force, once a year: are they lawful still, and are they kept."""

    class Result(models.TextChoices):
        FINE = "fine", _("正常")
        MEND = "mend", _("要整改")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    version = models.ForeignKey(RuleVersion, models.CASCADE, related_name="yearly_checks", verbose_name=_("版本"))
    on = models.DateField(_("年检日期"))
    result = models.CharField(_("结果"), max_length=8, choices=Result)
    note = models.CharField(_("说明"), max_length=CHECK_NOTE_MOST, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("经办账号")
    )
    at = models.DateTimeField(_("时间"), db_default=Now())

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("村规年检")
        verbose_name_plural = _("村规年检")
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        return f"{self.version} {self.on} {self.get_result_display()}"


class RuleStep(models.Model):
    """One line of a version's history as everybody concerned reads it. Written once, with the step itself."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    version = models.ForeignKey(RuleVersion, models.CASCADE, related_name="steps", verbose_name=_("版本"))
    action = models.CharField(_("做了什么"), max_length=24)
    state = models.CharField(_("之后的状态"), max_length=20, choices=RuleVersion.State)
    result = models.CharField(_("结果"), max_length=300, blank=True)
    office = models.CharField(_("哪个机构"), max_length=60)
    by_name = models.CharField(_("经办人"), max_length=60, blank=True)
    at = models.DateTimeField(_("时间"), db_default=Now())

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("村规办理经过")
        verbose_name_plural = _("村规办理经过")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.version} {self.action}"
