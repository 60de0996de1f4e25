"""What is kept of contests, by subject."""

from .contests import Award, Contest, ContestTemplate, Criterion, Stage
from .entries import Entry, EntryCheck
from .pages import ContestIndexPage, ContestPage

__all__ = [
    "Award",
    "Contest",
    "ContestIndexPage",
    "ContestPage",
    "ContestTemplate",
    "Criterion",
    "Entry",
    "EntryCheck",
    "Stage",
]
