"""How rules are written out: numbers, paragraphs with their items, who decided."""

from __future__ import annotations

from django import template

from villagerules import numbering
from villagerules.bodies import adoption_words, body_name
from villagerules.models import RuleVersion
from villagerules.remarks import words_of
from villagerules.structure import paragraphs_of

register = template.Library()
register.filter("article_label", numbering.article_label)
register.filter("chapter_label", numbering.chapter_label)
register.filter("item_label", numbering.item_label)
register.filter("article_anchor", numbering.article_anchor)
register.filter("paragraphs", paragraphs_of)
register.filter("body_name", body_name)
register.filter("adoption_words", adoption_words)
register.filter("remark_words", words_of)


@register.filter
def address(version: RuleVersion, door: str) -> str:
    """A door of a version: `version|address:"word"`, `version|address:"poster a3"`."""
    return version.address(*door.split())


@register.filter
def compare_with(old: RuleVersion, new: RuleVersion) -> str:
    """Where two versions of a document stand beside each other."""
    return old.address("compare", new.number)
