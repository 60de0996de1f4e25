"""What speakers, questions and the taking of a temperature have in common: who leads them, who is there, the news."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext as _

from residents.models import User

from . import live
from .eligibility import offices_in
from .errors import Invalid, NotCheckedIn, WrongState
from .locks import database_now
from .models import AgendaItem, Attendance, Meeting, Minutes, Officer, RosterEntry, Speech

MODERATES = frozenset({Officer.Role.CHAIR, Officer.Role.RECORDER})


def may_moderate(user: User, meeting: Meeting) -> bool:
    """Call speakers, show or reject questions: the chair and the recorder."""
    return bool(offices_in(user, meeting) & MODERATES)


def require_running(meeting: Meeting) -> None:
    if not meeting.is_live:
        raise WrongState(_("会议没有在进行，现在不能这样做。"))


def require_there(meeting: Meeting, entry: RosterEntry) -> None:
    """Raises Invalid for a line of another meeting, NotCheckedIn for who is not there, or only by somebody's grant."""
    if entry.roster.meeting_id != meeting.pk:
        raise Invalid(_("名单里有不属于这次会议的人。"))
    if not entry.attendances.present().exclude(method=Attendance.Method.PROXY).exists():
        raise NotCheckedIn(_("%(name)s还没有签到，签到以后才能发言、提问。") % {"name": entry.name})


def item_now(meeting: Meeting) -> AgendaItem | None:
    """The agenda item the meeting is at."""
    return meeting.agenda.filter(number=meeting.item_number).first()


def may_still_write(meeting: Meeting) -> bool:
    """What was said and answered is written down until the minutes have been compared with what happened."""
    state = Minutes.objects.of(meeting.village).filter(meeting=meeting).values_list("state", flat=True).first()
    return state in (None, Minutes.State.DRAFT)


def changed(meeting: Meeting) -> None:
    """What everybody sees of the floor is another: the board is made anew."""
    Meeting.objects.filter(pk=meeting.pk).update(floor=F("floor") + 1)
    live.announce(meeting.pk)


def left(meeting: Meeting, entry: RosterEntry) -> None:
    """Who goes stands in no line and has no floor any more; who comes back asks anew. Under the meeting's lock."""
    now = database_now()
    mine = meeting.speeches.filter(entry=entry)
    gone = mine.waiting().update(state=Speech.State.SKIPPED, ended_at=now)
    gone += mine.filter(state=Speech.State.SPEAKING).update(state=Speech.State.DONE, ended_at=now)
    if gone:
        changed(meeting)


def place_changed(meeting: Meeting, entry: RosterEntry) -> None:
    """Somebody in the line, or speaking, is at another place now: it stands beside the name on every screen."""
    if meeting.speeches.filter(entry=entry, state__in=(Speech.State.WAITING, Speech.State.SPEAKING)).exists():
        changed(meeting)
