"""What is kept of contests, by subject."""

from .contests import Award, Contest, ContestTemplate, Criterion, Stage
from .counted import CountedVotes
from .entries import Entry, EntryCheck
from .moves import StageMove
from .pages import ContestIndexPage, ContestPage
from .votes import ContestPick, ContestVote, VoteDecision, VoterKey

__all__ = [
    "Award",
    "Contest",
    "ContestIndexPage",
    "ContestPage",
    "ContestPick",
    "ContestTemplate",
    "ContestVote",
    "CountedVotes",
    "Criterion",
    "Entry",
    "EntryCheck",
    "Stage",
    "StageMove",
    "VoteDecision",
    "VoterKey",
]
