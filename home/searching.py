"""The public's search: what answers to some words, the best first, the same on both databases.

The index proposes candidates in one query for the rules' texts and one for all else; each is read again, judged by its
own words (ui/asked_words.py) and put in order here.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.contrib.contenttypes.models import ContentType
from wagtail.search.backends import get_search_backend

from residents.models import Village
from residents.names import sounds_of
from ui.asked_words import Asked, Fit, Span, excerpt_of, fit_of, read_asked, spans_of
from ui.chinese_words import fold

from .search_sources import OTHERS, TEXTS, Found, Kind, Source

ASKED_MOST = 60  # characters
HITS_MOST = 200
CANDIDATES_MOST = 300  # of the rules' texts, and of all else
PLACES_MOST = 5  # villages of one name

MATCHES = {Fit.SOUND: "pinyin", Fit.SOME: "any", Fit.LITERAL: "literal"}


@dataclass(frozen=True)
class Hit:
    """One line of the answer, with what was asked for marked in its title and its excerpt."""

    found: Found
    asked: Asked
    fit: Fit

    @property
    def match(self) -> str:
        """ "word", or "pinyin", "any" (of several words), "literal"."""
        return MATCHES.get(self.fit, "word")

    @cached_property
    def title_spans(self) -> list[Span]:
        return spans_of(self.found.title, self.asked)

    @cached_property
    def excerpt_spans(self) -> list[Span]:
        return excerpt_of(self.found.text, self.asked)

    @property
    def excerpt(self) -> str:
        return "".join(span.text for span in self.excerpt_spans)


@dataclass(frozen=True)
class Answer:
    hits: Sequence[Hit]
    by_kind: Counter[Kind]
    more: bool  # there were more than HITS_MOST


def search(words: str, *, on: datetime.date, village: Village | None = None) -> Answer:
    """What everybody may read that answers to `words`, in all villages or in one. All of several words must be there;
    only where nothing has them all is one enough. A village's name among several words narrows the rest to it.
    """
    asked = read_asked(words[:ASKED_MOST])
    hits = _hits(asked, village, on)
    if village is None and len(asked.parts) > 1:
        for part in asked.parts:
            for place in _named(part.text):
                hits += _hits(asked.without(part), place, on)
    if not hits and sum(len(part.pieces) for part in asked.parts) > 1:
        hits = _hits(asked, village, on, any_of=True)
    ranked = _once(sorted(hits, key=_rank))
    shown = ranked[:HITS_MOST]
    return Answer(shown, Counter(hit.found.kind for hit in shown), len(ranked) > HITS_MOST)


def _named(words: str) -> list[Village]:
    """The villages that are called so, with or without 村 or 社区."""
    names = [words, f"{words}村", f"{words}社区"]  # untranslated: parts of names
    return list(Village.objects.real().filter(name__in=names).order_by("code")[:PLACES_MOST])


def _hits(asked: Asked, village: Village | None, on: datetime.date, *, any_of: bool = False) -> list[Hit]:
    if not asked.parts:
        return []
    hits = []
    for sources in (TEXTS, OTHERS):
        for found in _candidates(asked, sources, village, on, any_of=any_of):
            text = f"{found.text}\n{found.around}"
            fit = fit_of(asked, title=found.name, text=text, sounds=sounds_of(found.name))
            if fit is not None and (any_of or fit != Fit.SOME):
                hits.append(Hit(found, asked, fit))
    return hits


def _candidates(
    asked: Asked, sources: Sequence[Source], village: Village | None, on: datetime.date, *, any_of: bool
) -> list[Found]:
    by_type = {ContentType.objects.get_for_model(source.model).pk: source for source in sources}
    places = {number: source.of_village(village) if village is not None else None for number, source in by_type.items()}
    proposed: defaultdict[int, list[str]] = defaultdict(list)
    for number, key in get_search_backend().candidates(asked, places, most=CANDIDATES_MOST, any_of=any_of):
        proposed[number].append(key)
    return [found for number, keys in proposed.items() for found in by_type[number].read(keys, on)]


_BY_TITLE = {kind: number for number, kind in enumerate(Kind)}
# Of words in a text: what says it most closely first.
_BY_TEXT = {
    kind: number
    for number, kind in enumerate([Kind.ARTICLE, Kind.RULES, Kind.MEETING, Kind.NOTICE, Kind.PAGE, Kind.VILLAGE])
}


def _rank(hit: Hit) -> tuple[object, ...]:
    """The better fit, the words side by side, the kind, the newest, how often it says it, the shorter text."""
    found = hit.found
    text = fold(f"{found.name}\n{found.text}")
    apart = not all(part.text in text for part in hit.asked.parts)
    kinds = _BY_TITLE if hit.fit in (Fit.EXACT, Fit.TITLE, Fit.SOUND) else _BY_TEXT
    said = sum(text.count(piece) for part in hit.asked.parts for piece in part.pieces)
    newest = -found.on.toordinal() if found.on else 0
    return hit.fit, apart, kinds[found.kind], newest, -min(said, 5), len(text), found.title, found.url


def _once(hits: Sequence[Hit]) -> list[Hit]:
    """Each thing once, where it stands first."""
    first: dict[tuple[Kind, int], Hit] = {}
    for hit in hits:
        first.setdefault((hit.found.kind, hit.found.key), hit)
    return list(first.values())
