"""What somebody looks for, how well a text answers to it, and which part of the text is shown. Pure; both databases'
results are judged here, so that they come in one order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from .chinese_words import fold, pairs_of, runs, words_in, words_of

MOST_PARTS = 8
BEFORE, SHOWN = 24, 110  # characters of an excerpt: before the first hit, in all


class Fit(IntEnum):
    """How a text answers, the best first."""

    EXACT = 0  # it is called so
    TITLE = 1  # its title has the words
    TEXT = 2  # title and text together have them
    SOUND = 3  # its title sounds so
    SOME = 4  # it has some of them
    LITERAL = 5  # the characters stand there, but not as these words


def begins(asked: str, word: str) -> bool:
    """Letters may be the beginning of a word; a number is meant whole."""
    return not asked.isdigit() and word.startswith(asked)


@dataclass(frozen=True)
class Part:
    """One piece of what was asked, written without a space."""

    text: str  # folded
    words: tuple[str, ...]  # of the dictionary
    others: tuple[str, ...]  # runs that are not Chinese
    loose: tuple[str, ...]  # Chinese runs without a word that the dictionary knows
    pairs: tuple[str, ...]  # neighbouring characters of all Chinese runs
    singles: tuple[str, ...]  # Chinese runs of one character

    @property
    def is_latin(self) -> bool:
        return bool(self.others) and not self.pairs and not self.singles

    @property
    def pieces(self) -> tuple[str, ...]:
        return self.words + self.others + self.loose

    def is_in(self, folded: str, words: set[str]) -> bool:
        """As words; characters that the dictionary knows no word for only have to stand side by side."""
        return (
            all(word in words for word in self.words)
            and all(run in folded for run in self.loose)
            and all(other in words or any(begins(other, word) for word in words) for other in self.others)
        )


@dataclass(frozen=True)
class Asked:
    whole: str
    parts: tuple[Part, ...]

    def without(self, part: Part) -> Asked:
        """The rest of it."""
        rest = tuple(one for one in self.parts if one is not part)
        return Asked(" ".join(one.text for one in rest), rest)


def read_asked(words: str) -> Asked:
    """What was typed, taken apart at spaces; no parts where nothing can be looked for."""
    parts = tuple(part for text in fold(words).split() if (part := _part(text)) is not None)[:MOST_PARTS]
    return Asked(" ".join(part.text for part in parts), parts)


def _part(text: str) -> Part | None:
    found = runs(text)
    chinese = list(dict.fromkeys(run for run, is_chinese in found if is_chinese))
    if not found:
        return None
    return Part(
        text=text[text.index(found[0][0]) : text.rindex(found[-1][0]) + len(found[-1][0])],
        words=tuple(dict.fromkeys(word for run in chinese for word in words_of(run))),
        others=tuple(dict.fromkeys(run for run, is_chinese in found if not is_chinese)),
        loose=tuple(run for run in chinese if not words_of(run)),
        pairs=tuple(dict.fromkeys(pair for run in chinese for pair in pairs_of(run))),
        singles=tuple(run for run in chinese if len(run) == 1),
    )


def fit_of(asked: Asked, *, title: str, text: str, sounds: Sequence[str] = ()) -> Fit | None:
    """How well a thing of this title and text answers; None when it does not at all. `sounds`: its title's pinyin."""
    name, body = fold(title), fold(text)
    if asked.whole == name or asked.whole.replace(" ", "") == name.replace(" ", ""):
        return Fit.EXACT
    in_name = words_in(name)
    if all(part.is_in(name, in_name) for part in asked.parts):
        return Fit.TITLE
    whole = f"{name}\n{body}"
    in_whole = in_name | words_in(body)
    has = [part.is_in(whole, in_whole) for part in asked.parts]
    if all(has):
        return Fit.TEXT
    heard = [part.is_latin and any(sound.startswith(part.text) for sound in sounds) for part in asked.parts]
    if all(one or other for one, other in zip(has, heard, strict=True)):
        return Fit.SOUND
    if all(part.text in whole for part in asked.parts):
        return Fit.LITERAL
    if any(has) or any(word in in_whole for part in asked.parts for word in part.words + part.others):
        return Fit.SOME
    return None


@dataclass(frozen=True)
class Span:
    text: str
    hit: bool


def spans_of(text: str, asked: Asked) -> list[Span]:
    """The text with what was asked for marked: whole parts where they stand so, else their words."""
    folded, places = _folded_with_places(text)
    marked = [False] * len(text)
    for part in asked.parts:
        wanted = [part.text] if part.text in folded else list(part.pieces)
        for word in wanted:
            for found in re.finditer(re.escape(word), folded):
                for place in range(found.start(), found.end()):
                    marked[places[place]] = True
    spans: list[Span] = []
    for letter, hit in zip(text, marked, strict=True):
        if spans and spans[-1].hit == hit:
            spans[-1] = Span(spans[-1].text + letter, hit)
        else:
            spans.append(Span(letter, hit))
    return spans


def excerpt_of(text: str, asked: Asked) -> list[Span]:
    """The stretch around the first hit, with hits marked; the beginning where there is none."""
    line = " ".join(text.split())
    hit = _first_hit(line, asked)
    start = max(0, hit - BEFORE)
    if start and len(line) - start < SHOWN:
        start = max(0, len(line) - SHOWN)
    spans = spans_of(line[start : start + SHOWN], asked)
    if start:
        spans.insert(0, Span("…", False))
    if start + SHOWN < len(line):
        spans.append(Span("…", False))
    return spans


def _first_hit(line: str, asked: Asked) -> int:
    folded, places = _folded_with_places(line)
    for of_part in ([part.text for part in asked.parts], [word for part in asked.parts for word in part.pieces]):
        found = [place for word in of_part if (place := folded.find(word)) >= 0]
        if found:
            return places[min(found)]
    return 0


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    """The folded text and, for each of its characters, which one of the text it came from."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        folded = fold(letter)
        letters.append(folded)
        places.extend([place] * len(folded))
    return "".join(letters), places
