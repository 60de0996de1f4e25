"""A version taken away: as text, as JSON, as a Word file laid out by GB/T 9704.

Each of them read back gives the same text. In the village's language whoever takes them: they are one record.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone, translation

from ui.official_paper import Paper

from .bodies import adoption_words
from .canonical import canonical_text, text_hash
from .models import RuleVersion
from .structure import RHYME, RulesText, clean_lines, paragraphs_of

HEADER = "第 %d 版　文本校验值 %s"  # untranslated: stands on the paper
DRAFT = "草案（没有公布，不作依据）"  # untranslated: stands on the paper


def as_text(version: RuleVersion) -> str:
    """Plain text in its canonical form, with who adopted it and when below the title."""
    title, _gap, rest = canonical_text(version).partition("\n\n")
    with translation.override("zh-hans"):
        words = adoption_words(version)
    note = f"（{words}）" if words else ""
    return "\n\n".join(part for part in ("\n".join(filter(None, (title, note))), rest) if part) + "\n"


def as_values(rules: RulesText) -> dict[str, Any]:
    """A text as JSON has it. An article's `text` is whole, an item on its own line; `items` are its items once more."""
    return {
        "title": rules.title,
        "style": rules.style,
        "preamble": rules.preamble,
        "chapters": [
            {
                "number": chapter.number,
                "title": chapter.title,
                "articles": [
                    {
                        "number": article.number,
                        "inserted": article.inserted,
                        "label": article.label,
                        "title": article.title,
                        "text": article.text,
                        "items": [
                            {"paragraph": paragraph.number, "number": item.number, "text": item.words}
                            for paragraph in paragraphs_of(article.text)
                            for item in paragraph.items
                        ],
                    }
                    for article in chapter.articles
                ],
            }
            for chapter in rules.chapters
        ],
        "stanzas": [{"number": one.number, "title": one.title, "lines": one.lines} for one in rules.stanzas],
    }


def as_json(version: RuleVersion) -> str:
    """The text with the days of its life; `sha256` is of the canonical text."""

    def day(value: Any) -> str | None:
        return value.isoformat() if value else None

    told = {
        "schema": "rules/1",
        "village": version.village.slug,
        "slug": version.rules.slug,
        "kind": version.rules.kind,
        "version": version.number,
        "state": version.state,
        "imported": version.imported,
        "adopted_by": version.adopted_by,
        "adopted_on": day(version.adopted_on),
        "filed_with": version.filed_with,
        "filed_on": day(version.filed_on),
        "filing_number": version.filing_number,
        "published_on": day(version.published_on),
        "effective_on": day(version.effective_on),
        "repealed_on": day(version.repealed_on),
        "standards": version.standards,
        "sha256": text_hash(version),
        **as_values(version.whole_text()),
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def as_word(version: RuleVersion) -> bytes:
    """A .docx as papers of the authorities are laid out. What must not be read back as text stands in its header."""
    with translation.override("zh-hans"):
        rules, village = version.whole_text(), version.village
        told = HEADER % (version.number, text_hash(version))
        paper = Paper(
            title=rules.title,
            author=f"{village.name}{village.committee_name}",
            made_at=timezone.now(),
            header=told if version.is_public else f"{DRAFT}　{told}",
        )
        words = adoption_words(version)
        paper.title(rules.title, under=f"（{words}）" if words else "")
        paper.text(rules.preamble)
        if rules.style == RHYME:
            for stanza in rules.stanzas:
                paper.heading(stanza.heading, level=2)
                paper.text("\n".join(stanza.lines))
        for chapter in rules.chapters:
            if chapter.number:
                paper.heading(chapter.heading)
            for article in chapter.articles:
                lines = clean_lines(article.text)
                own = lines.pop(0) if lines and not lines[0].startswith(("（", "(")) else ""
                paper.labelled(article.label, f"{f'【{article.title}】' if article.title else ''}{own}")
                paper.text("\n".join(lines))
        return paper.content()
