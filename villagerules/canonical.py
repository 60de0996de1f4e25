"""A version's whole text in one form only, and its hash: what was reviewed, voted on and published is the same text.

Unicode normal form C; UTF-8 when hashed; "\\n" between lines, none at the end; one empty line between parts:

    听泉坳村村规民约

    泉从坳里出…

    第一章　总则

    第一条　【为什么订】本村规民约依照…
    （一）…

A rhyme has 第一段　起板 above each stanza. Who adopted it and when is no part of the text. `reading.read_rules` reads
this form back into the same text.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

from .structure import RHYME, ArticleText, RulesText, clean_line, clean_lines


class Whole(Protocol):
    """A version of rules, as its model is."""

    def whole_text(self) -> RulesText: ...


def canonical_text(version: Whole) -> str:
    """The text of a version in its canonical form."""
    return written_out(version.whole_text())


def text_hash(version: Whole) -> str:
    """SHA-256 of the canonical text, in hexadecimal digits."""
    return hashlib.sha256(canonical_text(version).encode()).hexdigest()


def written_out(rules: RulesText) -> str:
    """The same of a text that no version holds yet."""
    parts = [clean_line(rules.title), "\n".join(clean_lines(rules.preamble))]
    if rules.style == RHYME:
        parts += ["\n".join([_clean_heading(one.heading), *map(clean_line, one.lines)]) for one in rules.stanzas]
    else:
        for chapter in rules.chapters:
            parts.append(_clean_heading(chapter.heading))
            parts += [_article(article) for article in chapter.articles]
    return "\n\n".join(part for part in parts if part)


def _clean_heading(heading: str) -> str:
    return clean_line(heading).replace(" ", "\u3000", 1)


def _article(article: ArticleText) -> str:
    lines = clean_lines(article.text)
    title = f"【{clean_line(article.title)}】" if article.title.strip() else ""
    # An article that begins with an item has it on a line of its own: （一） beside 第一条 would be its title.
    first, rest = (lines[0], lines[1:]) if lines and not lines[0].startswith(("（", "(")) else ("", lines)
    return "\n".join([f"{article.label}\u3000{title}{first}".strip(), *rest])
