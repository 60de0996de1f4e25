"""What the library of model clauses shows, and how many villages use each; the county's list of themes, seeded."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Subquery

from residents.models import VillageQuerySet
from residents.seeding import add_missing, data_in

from .models import Article, ClauseTheme, ModelClause, RuleVersion
from .similar import villages_saying

FILE = Path(__file__).parent / "data" / "themes.yaml"


@dataclass(frozen=True)
class Clause:
    """A model clause with the article that says it now."""

    clause: ModelClause
    article: Article

    @property
    def version(self) -> RuleVersion:
        return self.article.chapter.version


def shared_articles(on: datetime.date) -> models.QuerySet[Article]:
    """Articles in force on that day that their villages share; none of villages that are merged or practice."""
    return Article.objects.filter(
        Exists(RuleVersion.objects.in_force(on).filter(pk=OuterRef("chapter__version")).order_by()),
        chapter__version__rules__shared=True,
        village__is_practice=False,
        village__merged_into=None,
    )


def clauses_shown(on: datetime.date, *, theme: str = "", words: str = "") -> VillageQuerySet:
    """Model clauses that can be read on that day, the most used first; with this theme (its slug), with these words in
    title or text. Each has `article_pk`."""
    mine = shared_articles(on).filter(lineage=OuterRef("lineage"), chapter__version__rules=OuterRef("rules"))
    for word in words.split():
        mine = mine.filter(models.Q(text__icontains=word) | models.Q(title__icontains=word))
    found = ModelClause.objects.filter(rules__shared=True).annotate(
        article_pk=Subquery(mine.order_by("pk").values("pk")[:1])
    )
    if theme:
        found = found.filter(Exists(ClauseTheme.objects.filter(slug=theme, clauses=OuterRef("pk"))))
    return found.filter(article_pk__isnull=False).order_by("-village_count", "pk")


def with_articles(clauses: Iterable[ModelClause]) -> Sequence[Clause]:
    """Clauses of `clauses_shown` with what they say; one query for the articles, one for the themes."""
    rows: list[Any] = list(clauses)  # with what clauses_shown says of each
    models.prefetch_related_objects(rows, "themes")
    articles = Article.objects.select_related("chapter__version__rules", "chapter__version__village__region").in_bulk(
        [one.article_pk for one in rows]
    )
    return [Clause(one, articles[one.article_pk]) for one in rows]


def themes_shown() -> Sequence[ClauseTheme]:
    return list(ClauseTheme.objects.filter(used=True))


def count_uses(on: datetime.date, *, only: ModelClause | None = None) -> None:
    """Count the villages that use each clause, by the index of alike articles; one that is not shown counts none."""
    counted = ModelClause.objects.all() if only is None else ModelClause.objects.filter(pk=only.pk)
    said = shared_articles(on).filter(lineage=OuterRef("lineage"), chapter__version__rules=OuterRef("rules"))
    for clause in counted.annotate(said=Subquery(said.order_by("pk").values("text")[:1])):
        number = villages_saying(clause.said, on=on) if clause.said else 0
        if number != clause.village_count:
            ModelClause.objects.filter(pk=clause.pk).update(village_count=number)


def seed_themes(model: type[models.Model] = ClauseTheme) -> int:
    """Add the themes that are missing; how many."""
    return add_missing(model, data_in(FILE)["themes"], by=("slug",))
