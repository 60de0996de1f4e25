"""What is kept of contests, by subject."""

from .contests import Award, Contest, ContestTemplate, Criterion, Stage
from .counted import CountedVotes
from .entries import Entry, EntryCheck
from .pages import ContestIndexPage, ContestPage

__all__ = [
    "Award",
    "Contest",
    "ContestIndexPage",
    "ContestPage",
    "ContestTemplate",
    "CountedVotes",
    "Criterion",
    "Entry",
    "EntryCheck",
    "Stage",
]
