"""The text of a version: chapters with their articles, or the stanzas of a rhyme."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.search import index

from residents.models import Village, VillageQuerySet
from villagerules.numbering import article_anchor, article_label

from .documents import RuleVersion


class Chapter(models.Model):
    """Number 0, without a title, holds the articles that stand in no chapter."""

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


class Article(index.Indexed, models.Model):
    """One article; its lineage stays the same over versions even when it is renumbered.

    `text` has a paragraph (款) or an item (项, beginning with （一）) on each line: `structure.paragraphs_of`.
    """

    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    chapter = models.ForeignKey(Chapter, models.CASCADE, related_name="articles")
    number = models.PositiveSmallIntegerField(_("条"))
    # 1 for 第十二条之一: put in behind the twelfth without renumbering what follows.
    inserted = models.PositiveSmallIntegerField(_("之几"), default=0, db_default=0)
    lineage = models.UUIDField(default=uuid.uuid4, db_index=True)
    title = models.CharField(_("标题"), max_length=120, blank=True)
    text = models.TextField(_("内容"))

    objects = VillageQuerySet.as_manager()

    # Kept in the index by `searching.index_version`, all of a version at once.
    search_auto_update = False
    search_fields = [index.SearchField("title"), index.SearchField("text"), index.SearchField("chapter_title")]

    class Meta:
        ordering = ("number", "inserted", "id")

    def __str__(self) -> str:
        return f"{self.label} {self.title}".strip()

    @classmethod
    def get_indexed_objects(cls) -> models.QuerySet[Article]:
        """What everybody may read, now or in its time; whether it is in force is asked with each search."""
        return cls.objects.filter(chapter__version__state=RuleVersion.State.PUBLISHED).select_related("chapter")

    @property
    def chapter_title(self) -> str:
        return self.chapter.title

    @property
    def label(self) -> str:
        return article_label(self.number, self.inserted)

    @property
    def anchor(self) -> str:
        return article_anchor(self.number, self.inserted)


class Stanza(index.Indexed, models.Model):
    """A stanza of a rhyme text; one line of verse per line."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    version = models.ForeignKey(RuleVersion, models.CASCADE, related_name="stanzas")
    number = models.PositiveSmallIntegerField(_("段"))
    lineage = models.UUIDField(default=uuid.uuid4, db_index=True)
    title = models.CharField(_("标题"), max_length=120, blank=True)
    text = models.TextField(_("内容"))

    objects = VillageQuerySet.as_manager()

    search_auto_update = False
    search_fields = [index.SearchField("title"), index.SearchField("text")]

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @classmethod
    def get_indexed_objects(cls) -> models.QuerySet[Stanza]:
        """As for articles."""
        return cls.objects.filter(version__state=RuleVersion.State.PUBLISHED)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()
