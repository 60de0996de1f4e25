"""How rules are written out: numbers, paragraphs with their items, who decided."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from villagerules import numbering, reading_reads
from villagerules.bodies import adoption_words, body_name
from villagerules.finding import parted
from villagerules.models import Article, ModelClause, RuleVersion
from villagerules.remarks import words_of
from villagerules.structure import paragraphs_of

register = template.Library()
register.filter("article_label", numbering.article_label)
register.filter("chapter_label", numbering.chapter_label)
register.filter("item_label", numbering.item_label)
register.filter("article_anchor", numbering.article_anchor)
register.filter("stanza_anchor", numbering.stanza_anchor)
register.filter("paragraphs", paragraphs_of)
register.filter("body_name", body_name)
register.filter("adoption_words", adoption_words)
register.filter("remark_words", words_of)


@register.filter
def address(version: RuleVersion, door: str) -> str:
    """A door of a version: `version|address:"word"`, `version|address:"poster a3"`."""
    return version.address(*door.split())


@register.simple_tag
def door(version: RuleVersion, name: str, *more: object) -> str:
    """The same of a door with more in its address: `{% door version "article" article.anchor as url %}`."""
    return version.address(name, *more)


@register.filter
def compare_with(old: RuleVersion, new: RuleVersion) -> str:
    """Where two versions of a document stand beside each other."""
    return old.address("compare", new.number)


@register.simple_tag
def look_for(version: RuleVersion, asked: str) -> reading_reads.Found:
    """`{% look_for version request.GET.find as looked %}`: what somebody looks for in the text."""
    return reading_reads.look_for(version, asked or "")


@register.simple_tag
def decided(version: RuleVersion) -> reading_reads.Decided | None:
    """The vote by which it came about, if the portal held it."""
    return reading_reads.decided(version)


@register.simple_tag
def words_to_pass_on(version: RuleVersion, plain_words: str = "") -> str:
    """A few lines for a chat group."""
    return reading_reads.words_to_pass_on(version, plain_words=plain_words or "")


@register.filter
def marked(text: str, words: str) -> SafeString:
    """The text with what is looked for in it marked."""
    runs = ((format_html("<mark>{}</mark>", run) if hit else run,) for hit, run in parted(text, words))
    return format_html_join("", "{}", runs)


@register.filter
def said_on(counts: Mapping[uuid.UUID | None, int], lineage: uuid.UUID | None) -> int:
    """How many opinions others read on an article."""
    return counts.get(lineage, 0)


@register.filter
def similar_to(version: RuleVersion, article: Article) -> str:
    """Where the nearest articles of other villages stand beside it."""
    return version.address("similar", article.anchor)


@register.filter
def insert_url(version: RuleVersion, clause: ModelClause) -> str:
    """Where a model clause is adapted and put into this draft."""
    return version.address("insert_clause", clause.lineage)
