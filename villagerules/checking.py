"""Looking a whole text through for risky wordings, and seeding the list. What a county has edited is never overwritten.

A finding is for a person to judge: nothing here says that a text is lawful.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import models

from residents.seeding import add_missing, data_in

from .models import RiskyWording
from .numbering import article_anchor, stanza_anchor, stanza_label
from .structure import RHYME, RulesText
from .wording import Found, Wording, look_through

FILE = Path(__file__).parent / "data" / "wordings.yaml"


@dataclass(frozen=True)
class Finding:
    """Something to look at. `article` is the article's or stanza's number, 0 for the preamble; `label` 第十二条;
    `anchor` its place on the page, nothing for the preamble."""

    article: int
    label: str
    anchor: str
    found: Found

    @property
    def wording(self) -> Wording:
        return self.found.wording


def wordings() -> list[Wording]:
    """The list as the county has it, what one cannot write first."""
    return [line.wording for line in RiskyWording.objects.filter(used=True)]


def check_rules(rules: RulesText, listed: Sequence[Wording] | None = None) -> list[Finding]:
    """What is to be looked at in a text, article by article; `listed` saves asking for the list again."""
    listed = wordings() if listed is None else listed
    return [
        Finding(number, label, anchor, found)
        for number, label, anchor, text in _parts(rules)
        for found in look_through(text, listed)
    ]  # fmt: skip


def _parts(rules: RulesText) -> Iterator[tuple[int, str, str, str]]:
    if rules.preamble:
        yield 0, "", "", rules.preamble
    if rules.style == RHYME:
        for stanza in rules.stanzas:
            yield stanza.number, stanza_label(stanza.number), stanza_anchor(stanza.number), "\n".join(stanza.lines)
        return
    for article in rules.articles:
        yield article.number, article.label, article_anchor(article.number, article.inserted), article.text


def seed_wordings(model: type[models.Model] = RiskyWording) -> int:
    """Add the lines that are missing; how many."""
    return add_missing(model, map(_fields, data_in(FILE)), by=("code",))


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: "\n".join(value) if isinstance(value, list) else value for name, value in row.items()}
