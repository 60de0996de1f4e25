"""How large a text can be printed on one sheet for the wall: a size of type and columns that hold all of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from .structure import RHYME, RulesText, clean_lines

POINT = 25.4 / 72  # mm
MARGIN = 10  # mm, on each side
HEAD, FOOT = 34, 30  # mm for the title, and for the code with its words
GAP = 7  # mm between columns
LINE = 1.45  # of the size of type
SIZES = {"a4": (210, 297), "a3": (297, 420)}  # mm
POINTS = (40, 36, 32, 28, 24, 22, 20, 18, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7)  # the smallest that can be read
_SPARE = 0.93  # columns never fill to the last line


@dataclass(frozen=True)
class Plan:
    points: int
    columns: int


def plan_poster(rules: RulesText, size: str) -> Plan | None:
    """The largest type in which the whole text stands on one sheet; None when there is none. `size` is of SIZES."""
    width, height = SIZES[size]
    room = height - 2 * MARGIN - HEAD - FOOT
    for points in POINTS:
        for columns in (1, 2, 3) if points < 24 else (1, 2):
            column = (width - 2 * MARGIN - GAP * (columns - 1)) / columns
            signs = math.floor(column / (points * POINT))
            if signs < 14:
                continue
            used = sum(_lines(rules, signs)) * points * POINT * LINE
            if used <= room * columns * _SPARE and (columns > 1 or signs <= 34):
                return Plan(points, columns)
    return None


def _lines(rules: RulesText, signs: int) -> Iterator[float]:
    """Lines of each part in a column of so many signs."""
    for line in clean_lines(rules.preamble):
        yield math.ceil((len(line) + 2) / signs)
    if rules.style == RHYME:
        for stanza in rules.stanzas:
            yield 0.8 + (1.3 if stanza.title else 0)
            yield from (math.ceil(len(line) / signs) for line in stanza.lines)
        return
    for chapter in rules.chapters:
        yield 2.2 if chapter.number else 0
        for article in chapter.articles:
            lines = clean_lines(article.text) or [""]
            lines[0] = f"{article.label}　{article.title}　{lines[0]}"
            yield 0.25
            yield from (math.ceil((len(line) + 1) / signs) for line in lines)
