"""Village rules: the document and its versions."""

from __future__ import annotations

import datetime
from typing import Self

from django.apps import apps
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.search import index

from residents.models import Village, VillageQuerySet
from villagerules.structure import ArticleText, ChapterText, RulesText, StanzaText


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
    # Whether other villages may take its articles as examples; the village may take that back.
    shared = models.BooleanField(_("给别的村参考"), default=False, db_default=False)

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
        """Derived from dates: published, effective on or before that day, none later is; a later one that was repealed
        does not bring the earlier one back."""
        begun = models.Q(state=RuleVersion.State.PUBLISHED, published_on__lte=on, effective_on__lte=on)
        later = models.Q(effective_on__gt=models.OuterRef("effective_on")) | models.Q(
            effective_on=models.OuterRef("effective_on"), number__gt=models.OuterRef("number")
        )
        superseded = RuleVersion.objects.filter(begun, later, rules=models.OuterRef("rules"))
        return (
            self.filter(begun)
            .filter(models.Q(repealed_on__isnull=True) | models.Q(repealed_on__gt=on))
            .exclude(models.Exists(superseded))
            .order_by("-effective_on", "-number")
        )

    def with_text(self) -> Self:
        """`has_text`: whether the words themselves were brought in, or the days alone."""
        text = apps.get_model("villagerules", "Chapter"), apps.get_model("villagerules", "Stanza")
        found = [models.Exists(model.objects.filter(version=models.OuterRef("pk"))) for model in text]
        return self.annotate(has_text=found[0] | found[1])

    def in_words(self) -> Self:
        """Those whose words were brought in."""
        return self.with_text().filter(has_text=True)

    def public(self) -> Self:
        """What everybody may read, the newest first: drafts and what waits for a second person are not among it."""
        return self.filter(state=RuleVersion.State.PUBLISHED).order_by("-effective_on", "-number")

    def being_made(self) -> Self:
        """Those about which the village was asked and that are not at their end: everybody may know of them."""
        ended = [RuleVersion.State.PUBLISHED, RuleVersion.State.VOTED_DOWN, RuleVersion.State.CORRECTION_ORDERED]
        return self.exclude(state__in=ended).filter(steps__isnull=False).distinct()

    def drafts(self) -> Self:
        """On their way; the text can still change."""
        return self.exclude(state=RuleVersion.State.PUBLISHED)


class RuleVersion(index.Indexed, models.Model):
    """One version of the text with the dates of its life; life_cycle.py says which step follows which."""

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
    # As this version is headed; empty for those that are headed as their document.
    title = models.CharField(_("本版名称"), max_length=120, blank=True, default="", db_default="")
    style = models.CharField(_("体例"), max_length=12, choices=Style, default=Style.ARTICLES)
    state = models.CharField(_("状态"), max_length=20, choices=State, default=State.DRAFTING)
    # Imported versions came in with their dates and, for older ones, without their text.
    imported = models.BooleanField(_("由旧稿录入"), default=False)
    preamble = models.TextField(_("引言"), blank=True)
    note = models.CharField(_("修改说明"), max_length=200, blank=True)
    article_count = models.PositiveSmallIntegerField(_("条数"), default=0)
    # The day on which the Party organisation studied it; nothing else of that is kept.
    party_on = models.DateField(_("党组织研究日期"), null=True, blank=True)
    adopted_by = models.SlugField(_("表决机关"), max_length=60, blank=True)
    body_basis = models.CharField(_("由这个会议表决的依据"), max_length=200, blank=True, default="", db_default="")
    # Of the text that is or was put to the vote; what is published has the same one.
    voted_hash = models.CharField(_("表决文本校验值"), max_length=64, blank=True, default="", db_default="")
    # Taken off a meeting's list before the vote, it leaves the version waiting for another meeting.
    motion = models.ForeignKey(
        "consultation.Motion",
        models.SET_NULL,
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
    published_where = models.CharField(_("在哪里公布"), max_length=200, blank=True, default="", db_default="")
    effective_on = models.DateField(_("施行日期"), null=True, blank=True)
    repealed_on = models.DateField(_("废止日期"), null=True, blank=True)
    repeal_motion = models.ForeignKey(
        "consultation.Motion",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("废止的表决事项"),
    )
    # [{"item": "红事桌数", "limit": 20, "unit": "桌", "nature": "提倡"}]: figures that are advocated, never enforced.
    standards = models.JSONField(_("提倡标准"), default=list, blank=True)

    objects = RuleVersionQuerySet.as_manager()

    # Kept in the index by searching.index_version, when it is published.
    search_auto_update = False
    search_fields = [
        index.SearchField("title"),
        index.RelatedFields("rules", [index.SearchField("title")]),
        index.SearchField("words_around"),
    ]

    class Meta:
        verbose_name = _("村规版本")
        verbose_name_plural = _("村规版本")
        ordering = ("-number",)
        constraints = [models.UniqueConstraint(fields=["rules", "number"], name="one_version_per_number")]

    def __str__(self) -> str:
        return str(_("%(rules)s 第%(number)s版") % {"rules": self.rules, "number": self.number})

    def get_absolute_url(self) -> str:
        return self.address()

    @classmethod
    def get_indexed_objects(cls) -> models.QuerySet[RuleVersion]:
        """What everybody may read, now or in its time; whether it is in force is asked with each search."""
        return cls.objects.filter(state=cls.State.PUBLISHED).select_related("rules")

    def address(self, name: str = "version", *more: object) -> str:
        """A door of this version by its name in urls.py."""
        return reverse(f"villagerules:{name}", args=[self.village.slug, self.rules.slug, self.number, *more])

    @property
    def words_around(self) -> str:
        """What it says beside its articles: the preamble, and the matters it advocates figures for."""
        return "\n".join([self.preamble, *(str(line.get("item", "")) for line in self.standards)]).strip()

    @property
    def is_public(self) -> bool:
        return self.state == self.State.PUBLISHED

    @property
    def shown_title(self) -> str:
        return self.title or self.rules.title

    def whole_text(self) -> RulesText:
        """The text as plain values, in its order; two or three queries."""
        chapters = [
            ChapterText(
                chapter.number,
                chapter.title,
                [ArticleText(one.number, one.text, one.title, one.inserted) for one in chapter.articles.all()],
            )
            for chapter in self.chapters.prefetch_related("articles")
        ]
        stanzas = [StanzaText(one.number, one.lines, one.title) for one in self.stanzas.all()]
        return RulesText(self.shown_title, self.style, self.preamble, chapters, stanzas)
