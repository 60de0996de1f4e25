"""The index in PostgreSQL's tsvector, by the simple configuration: no stop words, no stems."""

from __future__ import annotations

import functools
import operator
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, QuerySet
from django.db.models.expressions import CombinedExpression
from modelsearch.backends.database.postgres import postgres
from modelsearch.backends.database.postgres.query import Lexeme
from wagtail.models import Page
from wagtail.search.models import IndexEntry
from wagtail.search.query import PlainText

from ui.asked_words import Asked

from .common import (
    NOTHING,
    TITLE_WEIGHT,
    ChineseCompiler,
    ChineseIndex,
    ChineseIndexer,
    Places,
    learn_places,
    likeliest,
    query_of,
    rows_in,
    terms_of,
)

CONFIG = "simple"


class _Indexer(ChineseIndexer, postgres.ObjectIndexer):
    pass


class _Index(ChineseIndex, postgres.PostgresIndex):
    indexer_class = _Indexer


class _Compiler(ChineseCompiler, postgres.PostgresSearchQueryCompiler):
    def build_tsquery_content(self, query: Any, config: Any = None, invert: bool = False) -> Any:
        if not isinstance(query, PlainText):
            return super().build_tsquery_content(query, config=config, invert=invert)
        lexemes = [Lexeme(term, invert=invert, prefix=begins) for term, begins in terms_of(query)]
        join = operator.and_ if query.operator == "and" else operator.or_
        return SearchQuery(functools.reduce(join, lexemes), search_type="raw", config=config)


class _Autocomplete(_Compiler, postgres.PostgresAutocompleteQueryCompiler):
    pass


class PostgresBackend(postgres.PostgresSearchBackend):
    index_class = _Index
    query_compiler_class = _Compiler
    autocomplete_query_compiler_class = _Autocomplete

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.config = CONFIG

    def candidates(self, asked: Asked, places: Places, *, most: int, any_of: bool = False) -> list[tuple[int, str]]:
        """(content type, key) of what may answer in these places, the likeliest first; one query."""
        learn_places()
        query = query_of(asked, any_of=any_of)
        if query is NOTHING or not places:
            return []
        compiled = self.query_compiler_class(Page.objects.none(), query).build_tsquery(query, config=CONFIG)
        title, body = F("title"), F("body")
        both = CombinedExpression(title, "||", body)

        def matching(titles_alone: bool) -> QuerySet[Any]:
            return (
                # As Wagtail's own index on both has it.
                IndexEntry.objects.annotate(_where=title if titles_alone else both)
                .filter(rows_in(places), _where=compiled)
                .annotate(score=TITLE_WEIGHT * SearchRank(title, compiled) + SearchRank(body, compiled))
                .values_list("pk", "score", "content_type", "object_id")
            )

        return likeliest(matching, most=most)
