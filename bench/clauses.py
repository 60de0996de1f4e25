"""Made-up clauses as villages write them, from clauses.yaml; the same ones for the same number."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

WORDS = Path(__file__).with_suffix(".yaml")
_CHOICE = re.compile(r"{([^{}]*)}")
FIRST, LAST = 1, 1  # of all patterns: what rules begin and end with


@dataclass(frozen=True, slots=True)
class Clause:
    """One article; `chapter` is the title of the chapter it stands in."""

    chapter: str
    title: str
    text: str


@cache
def _patterns() -> list[Clause]:
    told = yaml.safe_load(WORDS.read_text(encoding="utf-8"))["chapters"]
    return [Clause(chapter, title, text) for chapter, clauses in told.items() for title, text in clauses]


def clauses_of(number: int, *, village: str, articles: int, edition: int = 1) -> list[Clause]:
    """The text of one village's rules in the order of its chapters; at most as many articles as there are patterns.

    `edition` 2 is the text after a revision: every other article has been put otherwise.
    """
    chance = random.Random(number)
    patterns = _patterns()
    middle = sorted(chance.sample(range(FIRST, len(patterns) - LAST), articles - FIRST - LAST))
    chosen = [patterns[0], *(patterns[place] for place in middle), patterns[-1]]
    texts = [_filled(one, chance, village) for one in chosen]
    if edition == 1:
        return texts
    later = random.Random(f"{number}/{edition}")
    return [
        _filled(pattern, later, village) if place % 2 else text
        for place, (pattern, text) in enumerate(zip(chosen, texts, strict=True))
    ]


def _filled(pattern: Clause, chance: random.Random, village: str) -> Clause:
    text = pattern.text.replace("{village}", village)
    return Clause(pattern.chapter, pattern.title, _CHOICE.sub(lambda one: chance.choice(one[1].split("|")), text))


def chapters_of(clauses: Sequence[Clause]) -> list[tuple[str, list[Clause]]]:
    """Title and articles of each chapter, in their order."""
    found: dict[str, list[Clause]] = {}
    for one in clauses:
        found.setdefault(one.chapter, []).append(one)
    return list(found.items())
