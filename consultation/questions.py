"""Questions from the floor: asked by who is there, shown or rejected by the chair, answered in words or by mouth."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import User

from .errors import Invalid, Stale, WrongState
from .floor import changed, item_now, may_still_write, require_running, require_there
from .locks import database_now, lock_meeting
from .models import FloorQuestion, Meeting, RosterEntry

MOST_UNDECIDED = 5  # of one asker
State = FloorQuestion.State
SHOWABLE = (State.NEW, State.REJECTED)


@transaction.atomic
def ask_question(
    meeting: Meeting, text: str, *, entry: RosterEntry | None = None, guest: str = "", by: User | None = None
) -> FloorQuestion:
    """A unit that is there, or a guest by name, asks. The same words sent twice are one question.

    Raises WrongState outside of a running meeting, NotCheckedIn, Invalid for nobody, nothing, or too many unread.
    """
    meeting = lock_meeting(meeting)
    require_running(meeting)
    text, guest = text.strip(), guest.strip()
    if not text:
        raise Invalid(_("请写下问题。"), field="text")
    if (entry is None) == (not guest):
        raise Invalid(_("请写是谁问的：名册上的人，或者来宾的姓名。"), field="who")
    if entry is not None:
        require_there(meeting, entry)
    own = FloorQuestion.objects.of(meeting.village).filter(meeting=meeting, entry=entry, guest=guest).undecided()
    same = own.filter(text=text).first()
    if same is not None:
        return same
    if own.count() >= MOST_UNDECIDED:
        raise Invalid(_("您已经有 %(most)s 个问题等主持人看，请先等一等。") % {"most": MOST_UNDECIDED}, field="text")
    every = FloorQuestion.objects.of(meeting.village).filter(meeting=meeting)
    question = FloorQuestion.objects.create(
        village=meeting.village,
        meeting=meeting,
        number=(every.aggregate(last=Max("number"))["last"] or 0) + 1,
        entry=entry,
        guest=guest,
        item=item_now(meeting),
        text=text,
        asked_at=database_now(),
        entered_by=by,
    )
    changed(meeting)
    return question


def _one(meeting: Meeting, number: int) -> FloorQuestion:
    found = meeting.questions.filter(number=number).select_related("entry").first()
    if found is None:
        raise Invalid(_("没有这个问题。"))
    return found


def _keep(question: FloorQuestion, **fields: object) -> None:
    for name, value in fields.items():
        setattr(question, name, value)
    question.save(update_fields=[*fields])


@transaction.atomic
def show(meeting: Meeting, number: int) -> bool:
    """Let everybody in the village read it, also one that was rejected before; whether that was news."""
    meeting = lock_meeting(meeting)
    require_running(meeting)
    question = _one(meeting, number)
    if question.state not in SHOWABLE:
        return False
    _keep(question, state=State.SHOWN, reason="")
    changed(meeting)
    return True


@transaction.atomic
def put_on_screen(meeting: Meeting, number: int) -> bool:
    """Let the hall's screen show it, the one before makes room; whether that was news."""
    meeting = lock_meeting(meeting)
    require_running(meeting)
    question = _one(meeting, number)
    if question.on_screen:
        return False
    meeting.questions.filter(on_screen=True).update(on_screen=False)
    state = State.SHOWN if question.state in SHOWABLE else question.state
    _keep(question, state=state, reason="", on_screen=True)
    changed(meeting)
    return True


@transaction.atomic
def take_off_screen(meeting: Meeting, number: int) -> bool:
    meeting = lock_meeting(meeting)
    question = _one(meeting, number)
    if not question.on_screen:
        return False
    _keep(question, on_screen=False)
    changed(meeting)
    return True


@transaction.atomic
def reject(meeting: Meeting, number: int, reason: str, *, by: User | None) -> bool:
    """Do not show it, or take it back from everybody's eyes; the asker reads why. Whether that was news.

    Raises Invalid without a reason, WrongState for what was answered already.
    """
    meeting = lock_meeting(meeting)
    require_running(meeting)
    reason = reason.strip()
    if not reason:
        raise Invalid(_("请写为什么不放出来，提问的人会看到。"), field="reason")
    question = _one(meeting, number)
    if question.state == State.REJECTED:
        return False
    if question.state not in (State.NEW, State.SHOWN):
        raise WrongState(_("这个问题已经答了。"))
    _keep(question, state=State.REJECTED, reason=reason, on_screen=False)
    record(
        action="reject_question", subject=question, village_id=meeting.village_id, actor=by,
        meeting=meeting.number, question=question.number, reason=reason,
    )  # fmt: skip
    changed(meeting)
    return True


@transaction.atomic
def answered_by_mouth(meeting: Meeting, number: int) -> bool:
    """It was answered in the hall, without words here; whether that was news."""
    meeting = lock_meeting(meeting)
    question = _one(meeting, number)
    if question.state not in (State.NEW, State.SHOWN):
        return False
    _keep(question, state=State.ORAL, answered_at=database_now(), on_screen=False)
    changed(meeting)
    return True


@transaction.atomic
def answer(meeting: Meeting, number: int, words: str, *, revision: int) -> FloorQuestion:
    """Answer in words, which the minutes take; again to put it better, until the minutes are checked.

    Raises Stale when somebody saved since `revision`, Invalid without words, WrongState for a rejected question.
    """
    meeting = lock_meeting(meeting)
    words = words.strip()
    if not words:
        raise Invalid(_("请写答复。当场口头答了的，按“当场答了”。"), field="answer")
    question = _one(meeting, number)
    if question.state == State.REJECTED:
        raise WrongState(_("这个问题没有放出来。要答复，请先放出来。"))
    if not may_still_write(meeting):
        raise WrongState(_("会议记录已经核对，不能再改。要改请先让监督委员会退回。"))
    if question.revision != revision:
        raise Stale
    _keep(
        question, state=State.ANSWERED, answer=words, revision=revision + 1,
        answered_at=question.answered_at or database_now(),
    )  # fmt: skip
    changed(meeting)
    return question


def end_all(meeting: Meeting) -> None:
    """The meeting is over: nothing is on its screen. To be called under the meeting's lock."""
    meeting.questions.filter(on_screen=True).update(on_screen=False)
