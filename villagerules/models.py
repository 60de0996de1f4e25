"""Village rules: the document, its versions with chapters and articles, and the page that shows what is in force."""

from __future__ import annotations

import datetime
import uuid
from typing import Any, Self

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from residents.models import Village, VillageQuerySet
from ui.pages import PortalPage


class VillageRules(models.Model):
    """One document of a village: its rules, convention or council charter, through all its versions."""

    class Kind(models.TextChoices):
        VILLAGE_RULES = "village_rules", _("村规民约")
        RESIDENTS_CONVENTION = "residents_convention", _("居民公约")
        YARD_CONVENTION = "yard_convention", _("院落公约")
        CEREMONY_COUNCIL_CHARTER = "ceremony_council_charter", _("红白理事会章程")
        CEREMONY_RULES = "ceremony_rules", _("红白事简办约定")
        CHARTER = "charter", _("村民自治章程")

    village = models.ForeignKey(Village, models.CASCADE, related_name="rules", verbose_name=_("村（社区）"))
    slug = models.SlugField(_("网址代号"), max_length=60)
    kind = models.CharField(_("类别"), max_length=24, choices=Kind)
    title = models.CharField(_("名称"), max_length=120)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("村规文件")
        verbose_name_plural = _("村规文件")
        constraints = [models.UniqueConstraint(fields=["village", "slug"], name="one_rules_per_slug")]

    def __str__(self) -> str:
        return self.title

    def version_in_force(self, on: datetime.date) -> RuleVersion | None:
        return self.versions.in_force(on).first()


class RuleVersionQuerySet(VillageQuerySet):
    def in_force(self, on: datetime.date) -> Self:
        """Derived from dates: published, effective on or before that day, none later is (newest first)."""
        return (
            self.filter(published_on__lte=on, effective_on__lte=on)
            .filter(models.Q(repealed_on__isnull=True) | models.Q(repealed_on__gt=on))
            .order_by("-effective_on", "-number")
        )


class RuleVersion(models.Model):
    """One version of the text with the dates of its life (the steps get their doors with rule making)."""

    class Style(models.TextChoices):
        ARTICLES = "articles", _("条款式")
        RHYME = "rhyme", _("顺口溜")

    class State(models.TextChoices):
        SOLICITING = "soliciting", _("征集民意")
        DRAFTING = "drafting", _("拟定草案")
        PUBLIC_COMMENT = "public_comment", _("公示征求意见")
        TOWNSHIP_REVIEW = "township_review", _("提请审核")
        REVIEW_RETURNED = "review_returned", _("退回修改")
        CLEARED = "cleared", _("审核通过")
        PARTY_DISCUSSION = "party_discussion", _("党组织研究")
        SCHEDULED = "scheduled", _("待表决")
        ADOPTED = "adopted", _("表决通过")
        VOTED_DOWN = "voted_down", _("表决未通过")
        FILED = "filed", _("已备案")
        CORRECTION_ORDERED = "correction_ordered", _("责令改正")
        PUBLISHED = "published", _("已公布")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    rules = models.ForeignKey(
        VillageRules,
        models.CASCADE,
        related_name="versions",
        verbose_name=_("村规文件"),
    )
    number = models.PositiveSmallIntegerField(_("版次"))
    style = models.CharField(_("体例"), max_length=12, choices=Style, default=Style.ARTICLES)
    state = models.CharField(_("状态"), max_length=20, choices=State, default=State.DRAFTING)
    # Imported versions came in with their dates and, for older ones, without their text.
    imported = models.BooleanField(_("由旧稿录入"), default=False)
    preamble = models.TextField(_("引言"), blank=True)
    note = models.CharField(_("修改说明"), max_length=200, blank=True)
    article_count = models.PositiveSmallIntegerField(_("条数"), default=0)
    adopted_by = models.SlugField(_("表决机关"), max_length=60, blank=True)
    motion = models.ForeignKey(
        "consultation.Motion",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("表决事项"),
    )
    adopted_on = models.DateField(_("表决日期"), null=True, blank=True)
    filed_with = models.CharField(_("备案机关"), max_length=60, blank=True)
    filed_on = models.DateField(_("备案日期"), null=True, blank=True)
    filing_number = models.CharField(_("备案号"), max_length=60, blank=True)
    published_on = models.DateField(_("公布日期"), null=True, blank=True)
    effective_on = models.DateField(_("施行日期"), null=True, blank=True)
    repealed_on = models.DateField(_("废止日期"), null=True, blank=True)
    # [{"item": "红事桌数", "limit": 20, "unit": "桌", "nature": "提倡"}]: figures that are advocated, never enforced.
    standards = models.JSONField(_("提倡标准"), default=list, blank=True)

    objects = RuleVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("村规版本")
        verbose_name_plural = _("村规版本")
        ordering = ("-number",)
        constraints = [models.UniqueConstraint(fields=["rules", "number"], name="one_version_per_number")]

    def __str__(self) -> str:
        return str(_("%(rules)s 第%(number)s版") % {"rules": self.rules, "number": self.number})


class Chapter(models.Model):
    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    version = models.ForeignKey(RuleVersion, models.CASCADE, related_name="chapters")
    number = models.PositiveSmallIntegerField(_("章"))
    title = models.CharField(_("标题"), max_length=120)

    objects = VillageQuerySet.as_manager()

    class Meta:
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="one_chapter_per_number")]

    def __str__(self) -> str:
        return self.title


class Article(models.Model):
    """One article; its lineage stays the same over versions even when it is renumbered."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    chapter = models.ForeignKey(Chapter, models.CASCADE, related_name="articles")
    number = models.PositiveSmallIntegerField(_("条"))
    lineage = models.UUIDField(default=uuid.uuid4, db_index=True)
    title = models.CharField(_("标题"), max_length=120, blank=True)
    text = models.TextField(_("内容"))

    objects = VillageQuerySet.as_manager()

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Stanza(models.Model):
    """A stanza of a rhyme text; one line of verse per line."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    version = models.ForeignKey(RuleVersion, models.CASCADE, related_name="stanzas")
    number = models.PositiveSmallIntegerField(_("段"))
    lineage = models.UUIDField(default=uuid.uuid4, db_index=True)
    title = models.CharField(_("标题"), max_length=120, blank=True)
    text = models.TextField(_("内容"))

    objects = VillageQuerySet.as_manager()

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


class RulesIndexPage(PortalPage):
    """A village's rules, one line each."""

    is_fixed = True
    is_creatable = False  # comes with the village
    parent_page_types = ["home.VillagePage"]
    subpage_types = ["villagerules.VillageRulesPage"]

    class Meta:
        verbose_name = _("村规列表")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        pages = VillageRulesPage.objects.child_of(self).live().select_related("rules")
        return super().get_context(request, *args, **kwargs) | {"rules_pages": pages}


class VillageRulesPage(PortalPage):
    """Where residents read what is in force; the text comes from the version in force, never from the page."""

    rules = models.OneToOneField(VillageRules, models.RESTRICT, related_name="page", verbose_name=_("村规文件"))
    plain_words = models.TextField(_("大白话"), blank=True, help_text=_("几句话说清要点，一行一句。"))

    content_panels = [*PortalPage.content_panels, FieldPanel("plain_words")]
    is_fixed = True  # what is in force is not taken away by one press
    is_creatable = False  # made for a document
    parent_page_types = ["villagerules.RulesIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("村规阅读页")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        version = self.rules.version_in_force(timezone.localdate())
        context = {
            "rules": self.rules,
            "version": version,
            "versions": self.rules.versions.all(),
        }
        if version is not None:
            context["chapters"] = version.chapters.prefetch_related("articles")
            context["stanzas"] = version.stanzas.all()
        return super().get_context(request, *args, **kwargs) | context
