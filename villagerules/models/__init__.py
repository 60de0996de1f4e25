"""Rules of a village: documents, versions, their text, how they come about, and the pages on which they are read."""

from .documents import RuleVersion, RuleVersionQuerySet, VillageRules
from .making import (
    ANSWER_MOST,
    FINDING_MOST,
    OPINION_MOST,
    AdoptingBody,
    AskingPeriod,
    Opinion,
    OpinionReply,
    Review,
    ReviewFinding,
    RuleStep,
)
from .pages import RulesIndexPage, VillageRulesPage
from .text import Article, Chapter, Stanza
from .wordings import RiskyWording

__all__ = [
    "ANSWER_MOST", "FINDING_MOST", "OPINION_MOST", "AdoptingBody", "Article", "AskingPeriod", "Chapter", "Opinion",
    "OpinionReply", "Review", "ReviewFinding", "RiskyWording", "RuleStep", "RuleVersion", "RuleVersionQuerySet",
    "RulesIndexPage", "Stanza", "VillageRules", "VillageRulesPage",
]  # fmt: skip
