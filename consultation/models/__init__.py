from .attendance import Attendance, Roster, RosterEntry
from .meetings import AgendaItem, Meeting, MeetingSession, Officer
from .minutes import Minutes
from .motions import (
    Ballot,
    Choice,
    Decision,
    Mark,
    Motion,
    Outcome,
    Sheet,
    SheetReading,
)
from .pages import MeetingIndexPage, MeetingPage
from .presets import LawSource, ProcedurePreset

__all__ = [
    "AgendaItem",
    "Attendance",
    "Ballot",
    "Choice",
    "Decision",
    "LawSource",
    "Mark",
    "Meeting",
    "MeetingIndexPage",
    "MeetingPage",
    "MeetingSession",
    "Minutes",
    "Motion",
    "Officer",
    "Outcome",
    "ProcedurePreset",
    "Roster",
    "RosterEntry",
    "Sheet",
    "SheetReading",
]
