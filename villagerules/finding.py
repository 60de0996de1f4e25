"""Looking for words within a text of rules: where they stand, how often, and how a line is marked. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .numbering import article_anchor, stanza_anchor, stanza_label
from .structure import RulesText, clean_line

WORDS_MOST = 60


@dataclass(frozen=True)
class Hit:
    """A part of the text in which the words stand: its name, its id on the page, how often."""

    label: str
    anchor: str
    count: int


def words_asked(asked: str) -> str:
    """What is looked for, as the text itself is written; nothing for nothing and for what is too long to be a word."""
    words = clean_line(asked)
    return words if len(words) <= WORDS_MOST else ""


def parted(text: str, words: str) -> Iterator[tuple[bool, str]]:
    """The text in runs, each with whether it is what is looked for; small and capital letters alike."""
    end = 0
    for found in re.finditer(re.escape(words), text, re.IGNORECASE) if words else ():
        if found.start() > end:
            yield False, text[end : found.start()]
        yield True, found.group()
        end = found.end()
    if end < len(text):
        yield False, text[end:]


def find_in(rules: RulesText, words: str) -> list[Hit]:
    """Where the words stand, in the order of the text; the preamble under an empty name."""
    if not words:
        return []
    parts = [("", "", [rules.preamble])]
    for chapter in rules.chapters:
        parts += [
            (one.label, article_anchor(one.number, one.inserted), [one.title, one.text]) for one in chapter.articles
        ]
    for stanza in rules.stanzas:
        label = stanza.title or stanza_label(stanza.number)
        parts.append((label, stanza_anchor(stanza.number), [stanza.title, *stanza.lines]))
    hits = (Hit(label, anchor, sum(_count(text, words) for text in texts)) for label, anchor, texts in parts)
    return [hit for hit in hits if hit.count]


def _count(text: str, words: str) -> int:
    return sum(hit for line in text.splitlines() for hit, _run in parted(clean_line(line), words))
