from .acting import Kiosk, Proxy, RosterCorrection
from .attendance import Attendance, Roster, RosterEntry
from .documents import MeetingDocument
from .floor import FloorQuestion, Speech
from .follow_ups import FollowUp, FollowUpRating, FollowUpReport
from .guests import Guest
from .meetings import AgendaItem, Meeting, MeetingSession, Officer
from .minutes import Addendum, Minutes, Signature
from .motions import Ballot, Choice, Decision, Mark, Motion, Outcome, SpentKey
from .pages import MeetingIndexPage, MeetingPage
from .petitions import Petition, PetitionBase, PetitionNotice, PetitionSheet, PetitionSignature
from .photos import Photo
from .presets import LawSource, ProcedurePreset
from .reminders import Reminder
from .replies import Reply
from .secret import Bulletin, Counted, Slip
from .sheets import PaperIssue, Sheet, SheetReading
from .temperature import Leaning, Temperature, TemperatureAnswer
from .topics import Recording, ReservedFor, Seconding, Topic, TopicCategory

__all__ = [
    "Addendum",
    "AgendaItem",
    "Attendance",
    "Ballot",
    "Bulletin",
    "Choice",
    "Counted",
    "Decision",
    "FloorQuestion",
    "FollowUp",
    "FollowUpRating",
    "FollowUpReport",
    "Guest",
    "Kiosk",
    "LawSource",
    "Leaning",
    "Mark",
    "Meeting",
    "MeetingDocument",
    "MeetingIndexPage",
    "MeetingPage",
    "MeetingSession",
    "Minutes",
    "Motion",
    "Officer",
    "Outcome",
    "PaperIssue",
    "Petition",
    "PetitionBase",
    "PetitionNotice",
    "PetitionSheet",
    "PetitionSignature",
    "Photo",
    "ProcedurePreset",
    "Proxy",
    "Recording",
    "Reminder",
    "Reply",
    "ReservedFor",
    "Roster",
    "RosterCorrection",
    "RosterEntry",
    "Seconding",
    "Sheet",
    "SheetReading",
    "Signature",
    "Slip",
    "Speech",
    "SpentKey",
    "Temperature",
    "TemperatureAnswer",
    "Topic",
    "TopicCategory",
]
