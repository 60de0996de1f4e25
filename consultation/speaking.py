"""The speakers' queue: who asks to speak, who is called, how long they have, and what was said."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from residents.models import User

from .errors import Invalid, Stale, WrongState
from .floor import changed, item_now, may_still_write, require_running, require_there
from .floor_reads import line_of, queue_of
from .locks import database_now, lock_meeting
from .models import Meeting, RosterEntry, Speech

MOST_MINUTES = 60
MORE_SECONDS = 60  # what one press of the chair adds
State = Speech.State


def minutes_each(meeting: Meeting) -> int:
    """How many minutes a speech may take: the meeting's own setting, else the procedure's; 0 for no limit."""
    if meeting.speech_minutes is not None:
        return meeting.speech_minutes
    frozen = meeting.procedure.get("speech_minutes")  # a notice of earlier days has none
    return int(meeting.preset.speech_minutes if frozen is None else frozen)


@transaction.atomic
def set_rules(meeting: Meeting, *, minutes: int, new_voices_first: bool) -> Meeting:
    """How long each may speak (0: no limit), and whether who has not spoken yet comes first.

    A speech that has begun keeps its time. Raises Invalid above an hour, WrongState once the meeting is over.
    """
    meeting = lock_meeting(meeting)
    if meeting.state not in (Meeting.State.PREPARING, Meeting.State.NOTICED, Meeting.State.LIVE):
        raise WrongState(_("会议已经结束，不用再改。"))
    if minutes > MOST_MINUTES:
        raise Invalid(_("每次发言最多 %(most)s 分钟。") % {"most": MOST_MINUTES}, field="minutes")
    meeting.speech_minutes, meeting.new_voices_first = minutes, new_voices_first
    meeting.save(update_fields=["speech_minutes", "new_voices_first"])
    changed(meeting)
    return meeting


@transaction.atomic
def ask_to_speak(
    meeting: Meeting, *, entry: RosterEntry | None = None, guest: str = "", by: User | None = None
) -> Speech:
    """Stand in line: a unit that is there, or a guest by name. Who stands in line already keeps the place.

    Raises WrongState outside of a running meeting or while they speak, NotCheckedIn, or Invalid for nobody.
    """
    meeting = lock_meeting(meeting)
    require_running(meeting)
    guest = guest.strip()
    if (entry is None) == (not guest):
        raise Invalid(_("请写来宾的姓名。"), field="guest")
    if entry is not None:
        require_there(meeting, entry)
    own = Speech.objects.of(meeting.village).filter(meeting=meeting, entry=entry, guest=guest)
    standing = own.filter(state__in=(State.WAITING, State.SPEAKING)).order_by("-number").first()
    if standing is not None and standing.state == State.WAITING:
        return standing
    if standing is not None:
        raise WrongState(_("%(name)s正在发言。讲完了还想讲，可以再要求一次。") % {"name": standing.speaker})
    last = Speech.objects.of(meeting.village).filter(meeting=meeting).aggregate(last=Max("number"))["last"] or 0
    speech = Speech.objects.create(
        village=meeting.village,
        meeting=meeting,
        number=last + 1,
        entry=entry,
        guest=guest,
        item=item_now(meeting),
        asked_at=database_now(),
        entered_by=by,
    )
    changed(meeting)
    return speech


def _finish(speech: Speech, state: State) -> None:
    speech.state, speech.ended_at = state, database_now()
    speech.save(update_fields=["state", "ended_at"])


def _one(meeting: Meeting, number: int) -> Speech:
    found = meeting.speeches.filter(number=number).select_related("entry").first()
    if found is None:
        raise Invalid(_("没有这次发言。"))
    return found


@transaction.atomic
def withdraw(meeting: Meeting, entry: RosterEntry) -> bool:
    """The unit does not want to speak any more; whether it stood in line."""
    meeting = lock_meeting(meeting)
    waiting = meeting.speeches.waiting().filter(entry=entry).first()
    if waiting is None:
        return False
    _finish(waiting, State.WITHDRAWN)
    changed(meeting)
    return True


@transaction.atomic
def skip(meeting: Meeting, number: int) -> bool:
    """Take somebody out of the line who is not there or was entered by mistake; whether they stood in it."""
    meeting = lock_meeting(meeting)
    speech = _one(meeting, number)
    if speech.state != State.WAITING:
        return False
    _finish(speech, State.SKIPPED)
    changed(meeting)
    return True


@transaction.atomic
def call(meeting: Meeting, number: int | None = None, *, seen: int) -> bool:
    """Give the floor to somebody who waits, by default the next in line; who was speaking has finished.

    `seen` is the number of the speech that whoever pressed saw running (0: none). When another runs by now, somebody
    else was quicker: nothing is done, so that two presses do not call two people. Raises WrongState while a vote runs.
    """
    meeting = lock_meeting(meeting)
    require_running(meeting)
    line = line_of(meeting)
    current = next((one for one in line if one.state == State.SPEAKING), None)
    if (current.number if current is not None else 0) != seen:
        return False
    queue = queue_of(line, new_voices_first=meeting.new_voices_first)
    speech = next((one for one in queue if number is None or one.number == number), None)
    if speech is None:
        return False
    if meeting.motions.running().exists():
        raise WrongState(_("正在表决，请先结束这一项表决，再请人发言。"))
    if current is not None:
        _finish(current, State.DONE)
    speech.state, speech.started_at = State.SPEAKING, database_now()
    speech.item, speech.seconds = item_now(meeting), 60 * minutes_each(meeting)
    speech.save(update_fields=["state", "started_at", "item", "seconds"])
    changed(meeting)
    return True


@transaction.atomic
def end_speech(meeting: Meeting, number: int) -> bool:
    """The speaker has finished; whether they were still speaking."""
    meeting = lock_meeting(meeting)
    speech = _one(meeting, number)
    if speech.state != State.SPEAKING:
        return False
    _finish(speech, State.DONE)
    changed(meeting)
    return True


@transaction.atomic
def give_more_time(meeting: Meeting, number: int, *, seen: int) -> bool:
    """Another minute for who speaks. `seen` is the time they had when it was pressed: two presses at once add one."""
    meeting = lock_meeting(meeting)
    speech = _one(meeting, number)
    if speech.state != State.SPEAKING or speech.seconds != seen or not speech.seconds:
        return False
    speech.seconds += MORE_SECONDS
    speech.save(update_fields=["seconds"])
    changed(meeting)
    return True


def end_all(meeting: Meeting) -> None:
    """The meeting is over: who speaks has finished, who waits was not heard. To be called under the meeting's lock."""
    now = database_now()
    meeting.speeches.filter(state=State.SPEAKING).update(state=State.DONE, ended_at=now)
    meeting.speeches.waiting().update(state=State.SKIPPED, ended_at=now)


@transaction.atomic
def write_summary(meeting: Meeting, number: int, words: str, *, revision: int) -> Speech:
    """What was said, in the recorder's words. Raises Stale when somebody saved since `revision`, WrongState before the
    speech has begun and once the minutes are checked.
    """
    meeting = lock_meeting(meeting)
    speech = _one(meeting, number)
    if speech.state not in (State.SPEAKING, State.DONE):
        raise WrongState(_("%(name)s还没有讲，讲了再写。") % {"name": speech.speaker})
    if not may_still_write(meeting):
        raise WrongState(_("会议记录已经核对，不能再改。要改请先让监督委员会退回。"))
    if speech.revision != revision:
        raise Stale
    speech.summary = words.strip()
    speech.revision += 1
    speech.save(update_fields=["summary", "revision"])
    return speech
