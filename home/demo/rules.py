"""The villages' rules: documents, versions, chapters, articles and stanzas, each with its reading page."""

from __future__ import annotations

from typing import Any

from residents.models import Village
from villagerules.models import Article, Chapter, RuleVersion, Stanza, VillageRules
from villagerules.reading_pages import rules_page
from villagerules.searching import index_version

from .files import Days


def load_rules(document: dict[str, Any], days: Days) -> VillageRules:
    """One document with its version in force and the earlier ones its history names, unless it is there already."""
    village = Village.objects.get(slug=document["village"])
    rules, created = VillageRules.objects.get_or_create(
        village=village, slug=document["slug"], defaults={"kind": document["kind"], "title": document["title"]}
    )
    if created:
        for past in document.get("history", []):
            if past["version"] != document["version"]:
                _past_version(rules, past, days)
        _version(rules, document, days)
    rules_page(
        rules,
        plain_words="\n".join(document.get("plain_words", [])),
        summary=(document.get("preamble") or "").strip().splitlines()[0][:190] if document.get("preamble") else "",
    )
    return rules


def _past_version(rules: VillageRules, past: dict[str, Any], days: Days) -> None:
    """An earlier version known by its dates only."""
    adopted = days.date(past["adopted_on"])
    RuleVersion.objects.create(
        village=rules.village,
        rules=rules,
        number=past["version"],
        state=RuleVersion.State.PUBLISHED,
        imported=True,
        note=past.get("note", ""),
        article_count=past.get("articles", 0),
        adopted_on=adopted,
        published_on=adopted,
        effective_on=adopted,
    )


def _note_of(document: dict[str, Any]) -> str:
    return next((h.get("note", "") for h in document.get("history", []) if h["version"] == document["version"]), "")


def _version(rules: VillageRules, document: dict[str, Any], days: Days) -> None:
    chapters, stanzas = document.get("chapters", []), document.get("stanzas", [])
    version = RuleVersion.objects.create(
        village=rules.village,
        rules=rules,
        number=document["version"],
        style=document["style"],
        state=RuleVersion.State.PUBLISHED,
        imported=True,
        preamble=(document.get("preamble") or "").strip(),
        note=_note_of(document),
        article_count=sum(len(chapter["articles"]) for chapter in chapters) or len(stanzas),
        adopted_by=document["adopted_by"],
        adopted_on=days.date(document["adopted_on"]),
        filed_with=document.get("filed_with") or "",
        filed_on=days.date(document.get("filed_on")),
        filing_number=document.get("filing_number") or "",
        published_on=days.date(document["published_on"]),
        effective_on=days.date(document["effective_on"]),
        standards=document.get("standards", []),
    )
    for row in chapters:
        chapter = Chapter.objects.create(
            village=rules.village, version=version, number=row["number"], title=row["title"]
        )
        Article.objects.bulk_create(
            Article(
                village=rules.village,
                chapter=chapter,
                number=a["number"],
                title=a.get("title", ""),
                text=a["text"].strip(),
            )
            for a in row["articles"]
        )
    Stanza.objects.bulk_create(
        Stanza(village=rules.village, version=version, number=n, title=s.get("title", ""), text="\n".join(s["lines"]))
        for n, s in enumerate(stanzas, start=1)
    )
    index_version(version)
