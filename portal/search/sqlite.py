"""The index in SQLite's FTS5."""

from __future__ import annotations

import functools
import operator
from typing import Any

from django.db.models import QuerySet
from modelsearch.backends.database.sqlite import sqlite
from modelsearch.backends.database.sqlite.query import BM25, Lexeme, MatchExpression, SearchQueryExpression
from wagtail.models import Page
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


class _Indexer(ChineseIndexer, sqlite.ObjectIndexer):
    pass


class _Relevance(BM25):
    """The table's columns are autocomplete, body, title; the smaller, the better."""

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, list[Any]]:
        return f"bm25({sqlite.SQLiteFTSIndexEntry._meta.db_table}, 0.0, 1.0, {TITLE_WEIGHT})", []


class _Index(ChineseIndex, sqlite.SQLiteIndex):
    indexer_class = _Indexer


class _Compiler(ChineseCompiler, sqlite.SQLiteSearchQueryCompiler):
    def build_search_query_content(self, query: Any, config: Any = None) -> Any:
        if not isinstance(query, PlainText):
            return super().build_search_query_content(query, config=config)
        lexemes = [Lexeme(term, prefix=begins) for term, begins in terms_of(query)]
        join = operator.and_ if query.operator == "and" else operator.or_
        return SearchQueryExpression(functools.reduce(join, lexemes), config=config)


class _Autocomplete(_Compiler, sqlite.SQLiteAutocompleteQueryCompiler):
    pass


class SqliteBackend(sqlite.SQLiteSearchBackend):
    index_class = _Index
    query_compiler_class = _Compiler
    autocomplete_query_compiler_class = _Autocomplete

    def candidates(self, asked: Asked, places: Places, *, most: int, any_of: bool = False) -> list[tuple[int, str]]:
        """(content type, key) of what may answer in these places, the likeliest first; one query."""
        learn_places()
        query = query_of(asked, any_of=any_of)
        if query is NOTHING or not places:
            return []
        compiled = self.query_compiler_class(Page.objects.none(), query).build_search_query(query)

        def matching(titles_alone: bool) -> QuerySet[Any]:
            fields = ["title"] if titles_alone else ["title", "body"]
            return (
                sqlite.SQLiteFTSIndexEntry.objects.filter(MatchExpression(fields, compiled))
                .filter(rows_in(places, prefix="index_entry__"))
                .annotate(score=-_Relevance())
                .values_list("pk", "score", "index_entry__content_type", "index_entry__object_id")
            )

        return likeliest(matching, most=most)
