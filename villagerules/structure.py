"""The text of rules as plain values: chapters, articles, paragraphs (款), items (项); stanzas of a rhyme.

An article's text is one string. A line of it is a paragraph, or an item where it begins with （一）; an item belongs to
the paragraph above it. `paragraphs_of` is the one place that takes this apart: 第十二条第二款第（三）项 is
`paragraphs_of(text)[1].items[2]`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from ui.printable import printable

from .numbering import article_label, chapter_label, read_number, split_item, stanza_label

ARTICLES, RHYME = "articles", "rhyme"
_LINE_ENDS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")  # of no width, left by other programs


@dataclass(frozen=True)
class Item:
    """项. `label` as written, （三）; `number` 3, or 0 where the label is no number of ours."""

    number: int
    label: str
    words: str


@dataclass(frozen=True)
class Paragraph:
    """款, from 1, with the items below it. `words` is empty when the article begins with items."""

    number: int
    words: str
    items: tuple[Item, ...] = ()


@dataclass
class ArticleText:
    """One article; `inserted` is 1 for 第十二条之一."""

    number: int
    text: str
    title: str = ""
    inserted: int = 0

    @property
    def label(self) -> str:
        return article_label(self.number, self.inserted)


@dataclass
class ChapterText:
    """Number 0, without a title, holds the articles that stand in no chapter."""

    number: int
    title: str = ""
    articles: list[ArticleText] = field(default_factory=list)

    @property
    def heading(self) -> str:
        return "\u3000".join(filter(None, (chapter_label(self.number), self.title))) if self.number else ""


@dataclass
class StanzaText:
    number: int
    lines: list[str]
    title: str = ""

    @property
    def heading(self) -> str:
        return "\u3000".join(filter(None, (stanza_label(self.number), self.title)))


@dataclass
class RulesText:
    """A whole text, as it was read or as a version holds it."""

    title: str
    style: str = ARTICLES
    preamble: str = ""
    chapters: list[ChapterText] = field(default_factory=list)
    stanzas: list[StanzaText] = field(default_factory=list)

    @property
    def articles(self) -> Iterator[ArticleText]:
        return (article for chapter in self.chapters for article in chapter.articles)

    @property
    def chapter_count(self) -> int:
        return sum(1 for chapter in self.chapters if chapter.number)

    @property
    def item_count(self) -> int:
        return sum(len(one.items) for article in self.articles for one in paragraphs_of(article.text))

    @property
    def count(self) -> int:
        """Articles, or stanzas of a rhyme."""
        return len(self.stanzas) if self.style == RHYME else sum(1 for _one in self.articles)


def clean_line(line: str) -> str:
    """Normal form C, nothing invisible, no space at either end, one plain space for any run of spaces inside."""
    seen = _UNSEEN.sub("", printable(line))
    return re.sub(r"[\s\u3000\u00a0]+", " ", unicodedata.normalize("NFC", seen)).strip()


def tidy(text: str) -> str:
    """The same text with one kind of line end and nothing invisible: what is shown to be edited, line by line."""
    lines = printable(_LINE_ENDS.sub("\n", text.replace("\r\n", "\n"))).split("\n")
    return "\n".join(_UNSEEN.sub("", unicodedata.normalize("NFC", line)).rstrip() for line in lines)


def clean_lines(text: str) -> list[str]:
    """The lines of a text that say something."""
    return [clean for line in text.splitlines() if (clean := clean_line(line))]


def paragraphs_of(text: str) -> list[Paragraph]:
    """An article's text, or a preamble, taken apart."""
    found: list[tuple[str, list[Item]]] = []
    for line in clean_lines(text):
        item = split_item(line)
        if item is None:
            found.append((line, []))
            continue
        label, words = item
        if not found:
            found.append(("", []))
        found[-1][1].append(Item(_number(label), label, words))
    return [Paragraph(number, words, tuple(items)) for number, (words, items) in enumerate(found, start=1)]


def _number(label: str) -> int:
    try:
        return read_number(label[1:-1])
    except ValueError:
        return 0
