"""The index by which alike articles are found among all that are in force; made from the articles, never edited."""

from __future__ import annotations

from django.db import models

from residents.models import Village, VillageQuerySet

from .documents import RuleVersion
from .text import Article


class ClauseText(models.Model):
    """One wording, however many villages use it, without spaces and punctuation; its key is likeness.digest_of."""

    id = models.BigIntegerField(primary_key=True)
    plain = models.TextField()

    class Meta:
        verbose_name = "clause text"

    def __str__(self) -> str:
        return self.plain[:40]


class ClauseKey(models.Model):
    """A key under which a wording is found (likeness.keys_of)."""

    key = models.BigIntegerField()
    text = models.ForeignKey(ClauseText, models.CASCADE, related_name="keys")

    class Meta:
        verbose_name = "clause key"
        constraints = [models.UniqueConstraint(fields=["key", "text"], name="one_row_per_key_and_clause")]

    def __str__(self) -> str:
        return f"{self.key} {self.text_id}"


class ClauseUse(models.Model):
    """An article in force that says so."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    version = models.ForeignKey(RuleVersion, models.CASCADE, related_name="+")
    article = models.OneToOneField(Article, models.CASCADE, related_name="+")
    text = models.ForeignKey(ClauseText, models.CASCADE, related_name="uses")

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = "clause use"

    def __str__(self) -> str:
        return f"{self.village_id} {self.article_id}"
