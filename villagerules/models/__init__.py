"""Rules of a village: documents, versions, their text, how they come about, and the pages on which they are read."""

from .ceremonies import NOTE_MOST, CeremonyEvent, EventKind
from .clauses import ClauseOrigin, ClauseTheme, ModelClause
from .documents import RuleVersion, RuleVersionQuerySet, VillageRules
from .making import (
    CHECK_NOTE_MOST,
    FINDING_MOST,
    AdoptingBody,
    AskingPeriod,
    Review,
    ReviewFinding,
    RuleStep,
    YearlyCheck,
)
from .opinions import ANSWER_MOST, HIDDEN_MOST, OPINION_MOST, REPORT_MOST, Opinion, OpinionReply, OpinionReport
from .pages import RulesIndexPage, VillageRulesPage
from .points import (
    OBJECTION_MOST,
    POINTS_MOST,
    POINTS_NOTE_MOST,
    PointsCategory,
    PointsEntry,
    PointsObjection,
)
from .similar import ClauseKey, ClauseText, ClauseUse
from .suggestions import SUGGESTION_MOST, SUGGESTION_REASON_MOST, RuleSuggestion, SuggestionSecond
from .text import Article, Chapter, Stanza
from .wordings import RiskyWording

__all__ = [
    "ANSWER_MOST", "CHECK_NOTE_MOST", "FINDING_MOST", "HIDDEN_MOST", "NOTE_MOST", "OBJECTION_MOST", "OPINION_MOST",
    "POINTS_MOST", "POINTS_NOTE_MOST", "REPORT_MOST", "SUGGESTION_MOST", "SUGGESTION_REASON_MOST", "AdoptingBody",
    "Article", "AskingPeriod", "CeremonyEvent", "Chapter", "ClauseKey", "ClauseOrigin", "ClauseText", "ClauseTheme",
    "ClauseUse", "EventKind", "ModelClause", "Opinion", "OpinionReply", "OpinionReport", "PointsCategory",
    "PointsEntry", "PointsObjection", "Review", "ReviewFinding", "RiskyWording", "RuleStep", "RuleSuggestion",
    "RuleVersion", "RuleVersionQuerySet", "RulesIndexPage", "Stanza", "SuggestionSecond", "VillageRules",
    "VillageRulesPage", "YearlyCheck",
]  # fmt: skip
