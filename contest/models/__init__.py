"""What is kept of contests, by subject."""

from .contests import Award, Contest, ContestTemplate, Criterion, Stage
from .counted import CountedVotes
from .entries import Entry, EntryCheck
from .entry_media import Endorsement, EntryFilm, EntryPhoto
from .judging import Assignment, Judge, Score, ScoreChange
from .moves import StageMove
from .pages import ContestIndexPage, ContestPage
from .results import Objection, Ranking, Result
from .votes import ContestPick, ContestVote, VoteDecision, VoterKey

__all__ = [
    "Assignment",
    "Award",
    "Contest",
    "ContestIndexPage",
    "ContestPage",
    "ContestPick",
    "ContestTemplate",
    "ContestVote",
    "CountedVotes",
    "Criterion",
    "Endorsement",
    "Entry",
    "EntryCheck",
    "EntryFilm",
    "EntryPhoto",
    "Judge",
    "Objection",
    "Ranking",
    "Result",
    "Score",
    "ScoreChange",
    "Stage",
    "StageMove",
    "VoteDecision",
    "VoterKey",
]
