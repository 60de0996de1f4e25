"""What both engines share: the words of places, what is kept of a field, what is asked."""

from __future__ import annotations

import functools
import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from modelsearch.utils import get_content_type_pk
from wagtail.search.index import RelatedFields
from wagtail.search.models import IndexEntry
from wagtail.search.query import MatchAll, Not, Or, PlainText, SearchQuery

from residents.models import Village, VillageGroup
from residents.names import sounds_of
from ui.asked_words import Asked, read_asked
from ui.chinese_words import WORD, learn, pairs_of, tokens

BEGINS = "*"  # behind a term: whatever begins so
TITLE_WEIGHT = 8.0  # a title's words against the text's
NOTHING = Not(MatchAll())
# So many that match are weighed, those that came last and those that match by their titles: of ten thousand villages
# that all speak of banquets none is likelier than the next, and to weigh them all takes longer than anybody waits.
WEIGHED_MOST = 2_000
# Content types to look in, and which of their rows (None: all).
Places = Mapping[int, QuerySet[Any] | None]


@functools.cache
def learn_places() -> None:
    """Once a process: the names of villages and groups are words. One that comes later is found by its characters."""
    names = set(Village.objects.values_list("name", flat=True))
    short = {name.removesuffix("社区").removesuffix("村") for name in names}  # untranslated: parts of names
    groups = set(VillageGroup.objects.exclude(name="").values_list("name", flat=True))  # tenancy: names alone
    learn(names | short | groups)


class ChineseIndexer:
    """Beside an ObjectIndexer of Wagtail's: the tokens of each field instead of its text."""

    def prepare_field(self, obj: Any, field: Any) -> Iterator[tuple[Any, ...]]:
        found = super().prepare_field(obj, field)  # type: ignore[misc]
        if isinstance(field, RelatedFields):  # comes back here for each of its fields
            yield from found
            return
        learn_places()
        for *front, value in found:
            sounds = sounds_of(value) if field.field_name == "title" else ()
            yield (*front, " ".join([*tokens(value), *sounds]))


def query_of(asked: Asked, *, any_of: bool = False) -> SearchQuery:
    """All words, or else all pairs of characters; with `any_of` one of the words is enough."""
    begins = [other + ("" if other.isdigit() else BEGINS) for part in asked.parts for other in part.others]
    singles = [one + BEGINS for part in asked.parts for one in part.singles]
    words = [WORD + word for part in asked.parts for word in part.words]
    loose = [pair for part in asked.parts for run in part.loose for pair in pairs_of(run)]
    pairs = [pair for part in asked.parts for pair in part.pairs]
    if not words + loose + begins + singles:
        return NOTHING
    by_words = words + loose + begins + singles
    by_pairs = pairs + begins + singles
    if any_of:
        return PlainText(" ".join(by_words), operator="or")
    if set(by_words) == set(by_pairs):
        return PlainText(" ".join(by_words))
    return Or([PlainText(" ".join(by_words)), PlainText(" ".join(by_pairs))])


class ChineseIndex:
    """Beside an index of Wagtail's, which takes no indexer of somebody else's."""

    indexer_class: type
    backend: Any
    entries: QuerySet[Any]

    def add_items(self, model: type, objs: Iterable[Any]) -> None:
        """Put these rows of one model in, or anew."""
        indexers = [self.indexer_class(obj, self.backend) for obj in objs]
        content_type = get_content_type_pk(model)
        self.entries.bulk_create(
            [
                IndexEntry(
                    content_type_id=content_type,
                    object_id=one.id,
                    title=one.title,
                    autocomplete=one.autocomplete,
                    body=one.body,
                )
                for one in indexers
            ],
            update_conflicts=True,
            unique_fields=["content_type", "object_id"],
            update_fields=["title", "autocomplete", "body"],
            batch_size=200,
        )

    def _refresh_title_norms(self, full: bool = False) -> None:
        """Titles are weighed by what was asked of them (ui/asked_words.py), not by how long they are beside the average
        of all, for which Wagtail would read the whole index at each save."""


class ChineseCompiler:
    """Beside a query compiler of Wagtail's: plain words of the admin's search are asked for as the index has them."""

    query: SearchQuery

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.query, PlainText):
            learn_places()
            self.query = query_of(read_asked(self.query.query_string), any_of=self.query.operator == "or")


def likeliest(matching: Callable[[bool], QuerySet[Any]], *, most: int) -> list[tuple[int, str]]:
    """(content type, key) of the best by score, the highest first; `matching(titles_alone)` are rows of (primary key,
    score, content type, key)."""
    found = list(matching(False).order_by("-pk")[:WEIGHED_MOST])
    if len(found) == WEIGHED_MOST:
        found += matching(True).order_by("-pk")[:WEIGHED_MOST]
    best = heapq.nsmallest(most, set(found), key=lambda row: (-row[1], row[0]))
    return [(content_type, key) for _pk, _score, content_type, key in best]


def terms_of(query: PlainText) -> list[tuple[str, bool]]:
    """Its terms, and of each whether it is only how a word begins."""
    return [(term.removesuffix(BEGINS), term.endswith(BEGINS)) for term in query.query_string.split()]


def rows_in(places: Places, *, prefix: str = "") -> Q:
    """A condition on index entries; `prefix` leads to them."""
    wanted = Q(pk__in=[])
    for content_type, rows in places.items():
        here = Q(**{f"{prefix}content_type": content_type})
        if rows is not None:
            keys = rows.order_by().annotate(_key=Cast("pk", CharField())).values("_key")
            here &= Q(**{f"{prefix}object_id__in": keys})
        wanted |= here
    return wanted
