"""Which article of a new text is which of the old one: the same article keeps its lineage, whatever its number.

Same words first, then the same title, then words that are much alike. Each old article is given once.
"""

from __future__ import annotations

import difflib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

ALIKE = 0.6  # of difflib's ratio
MOST_COMPARED = 40_000  # pairs; beyond that only same words and titles count


@dataclass(frozen=True)
class Known:
    """An article, or a stanza, of the version before."""

    lineage: uuid.UUID
    title: str
    text: str


def lineages_for(new: Sequence[tuple[str, str]], old: Sequence[Known]) -> list[uuid.UUID]:
    """A lineage for each (title, text) of the new version: that of the old one it goes on from, or a fresh one."""
    found: list[uuid.UUID | None] = [None] * len(new)
    left = list(old)

    def give(place: int, known: Known) -> None:
        found[place] = known.lineage
        left.remove(known)

    for same in (_same_words, _same_title):
        for place, one in enumerate(new):
            if found[place] is None and (known := next((k for k in left if same(one, k)), None)) is not None:
                give(place, known)
    waiting = [place for place, lineage in enumerate(found) if lineage is None]
    if len(waiting) * len(left) <= MOST_COMPARED:
        pairs = [(likeness, place, known) for place in waiting for known in left
                 if (likeness := _likeness(new[place][1], known.text)) >= ALIKE]  # fmt: skip
        for _likeness_of, place, known in sorted(pairs, key=lambda pair: -pair[0]):
            if found[place] is None and known in left:
                give(place, known)
    return [lineage or uuid.uuid4() for lineage in found]


def _same_words(one: tuple[str, str], known: Known) -> bool:
    return one[1] == known.text and one[0] == known.title


def _same_title(one: tuple[str, str], known: Known) -> bool:
    return bool(one[0]) and one[0] == known.title


def _likeness(one: str, other: str) -> float:
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    return matcher.ratio()
