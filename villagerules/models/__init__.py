"""Rules of a village: documents, versions, their text, and the pages on which they are read."""

from .documents import RuleVersion, RuleVersionQuerySet, VillageRules
from .pages import RulesIndexPage, VillageRulesPage
from .text import Article, Chapter, Stanza
from .wordings import RiskyWording

__all__ = [
    "Article", "Chapter", "RiskyWording", "RuleVersion", "RuleVersionQuerySet", "RulesIndexPage", "Stanza",
    "VillageRules", "VillageRulesPage",
]  # fmt: skip
