"""Rules of a village: documents, versions, their text, how they come about, and the pages on which they are read."""

from .documents import RuleVersion, RuleVersionQuerySet, VillageRules
from .making import FINDING_MOST, AdoptingBody, AskingPeriod, Review, ReviewFinding, RuleStep
from .opinions import ANSWER_MOST, HIDDEN_MOST, OPINION_MOST, REPORT_MOST, Opinion, OpinionReply, OpinionReport
from .pages import RulesIndexPage, VillageRulesPage
from .text import Article, Chapter, Stanza
from .wordings import RiskyWording

__all__ = [
    "ANSWER_MOST", "FINDING_MOST", "HIDDEN_MOST", "OPINION_MOST", "REPORT_MOST", "AdoptingBody", "Article",
    "AskingPeriod", "Chapter", "Opinion", "OpinionReply", "OpinionReport", "Review", "ReviewFinding", "RiskyWording",
    "RuleStep", "RuleVersion", "RuleVersionQuerySet", "RulesIndexPage", "Stanza", "VillageRules", "VillageRulesPage",
]  # fmt: skip
