"""A published version goes into the index whole: itself, its articles or stanzas. Drafts never do."""

from __future__ import annotations

from ui.search_index import index_now

from .models import Article, RuleVersion, Stanza


def index_version(version: RuleVersion) -> None:
    """At once, in the transaction that publishes it. Which version is in force is asked with each search."""
    articles = Article.objects.of(version.village).filter(chapter__version=version).select_related("chapter")
    stanzas = Stanza.objects.of(version.village).filter(version=version)
    index_now([version, *articles, *stanzas])
