"""Putting a motion to the vote, casting, counting hands, closing, deciding."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import User

from . import agenda_times, live, temperature
from .amendments import require_amendments_settled
from .attendance import present_count, quorum_reached, required_for
from .ballot_box import Standing, drop_in, drop_in_at_once, standing
from .bulletin_text import canonical, normal, sha256
from .choosing import asked, require_choice
from .errors import (
    AlreadyVoted,
    CameLate,
    HoldsPaper,
    Invalid,
    KeyMissing,
    MotionNotOpen,
    NoQuorum,
    NotCheckedIn,
    NotEntitled,
    VotingError,
    WrongState,
)
from .key_store import KeyStoreError, get_key_store, prepare_when_new
from .locks import casting_turn, database_now, lock_meeting, share_casting, stop_casting
from .models import (
    Attendance,
    Ballot,
    Choice,
    Decision,
    Kiosk,
    Mark,
    Meeting,
    Motion,
    Proxy,
    RosterEntry,
    SpentKey,
)
from .moves import move
from .options import looks_like_picks
from .paper import all_papers_of
from .sealing import needs_sheet, seal
from .tabling import referred_to, require_enough_for_secrecy, require_standing_runoff
from .tabling import secret_warning as secret_warning
from .tabling import table_motion as table_motion
from .tabling import withdraw_motion as withdraw_motion

MAX_KEY_LENGTH = 64
_CHOICES = frozenset(Choice.values)  # an enumeration composes its list anew each time


def _definition(motion: Motion, meeting: Meeting) -> dict[str, object]:
    """All that opening freezes: the words, the ballot, the rule, the electorate, who acts for whom, who decides."""
    decides = referred_to(motion)
    between_options = {"most": motion.most, "runoff_of": motion.runoff_of.number if motion.runoff_of else 0}
    return (between_options if motion.form.keys else {}) | {
        "text": motion.text,
        "kind": motion.kind,
        "method": motion.method,
        "secret": motion.secret,
        "changeable": motion.changeable,
        "options": motion.options,
        "rules": meeting.procedure,
        "roster": meeting.roster.digest,
        "proxies": _proxies(meeting),
        "entitled": motion.entitled_count,
        "present": motion.present_count,
        **({"referred_to": decides} if decides else {}),
    }


def _proxies(meeting: Meeting) -> str:
    """SHA-256 over who acts for whom, by number; nothing when nobody does."""
    pairs = Proxy.objects.standing().filter(meeting=meeting, grantor__attendances__in=_represented(meeting))
    acting = sorted(pairs.values_list("grantor__number", "holder__number"))
    return sha256(canonical(acting)) if acting else ""


def _represented(meeting: Meeting) -> QuerySet[Attendance]:
    return Attendance.objects.filter(meeting=meeting, method=Attendance.Method.PROXY).present()


def digest_of(definition: Mapping[str, object]) -> str:
    """64 hex digits of the canonical JSON (docs/bulletin.md)."""
    return sha256(canonical(definition))


def _make_key() -> str:
    """A key for one motion's box, stored before anything is put into it; its name in the store."""
    ref = secrets.token_hex(16)
    try:
        prepare_when_new()
        get_key_store().make(ref)
    except KeyStoreError as error:
        raise KeyMissing(_("票箱的钥匙存不下来，无记名表决不能开始。请通知管理员检查磁盘，再按一次。")) from error
    return ref


@transaction.atomic
def open_motion(motion: Motion, *, by: User | None) -> Motion:
    """Start the vote: freezes the question, its rule, who is entitled and who is present.

    Raises NoQuorum while too few are there, WrongState when the meeting is not live or another motion is running.
    """
    meeting = lock_meeting(motion.meeting)
    motion = Motion.objects.select_for_update().get(pk=motion.pk)
    if not meeting.is_live:
        raise WrongState(_("会议没有在进行，不能表决。"))
    if meeting.motions.running().exists():
        raise WrongState(_("另一项正在表决，请先结束它。"))
    if not motion.is_voted:
        raise WrongState(_("这一项不表决，请直接写谈下来怎么样。"))
    move(motion, Motion.State.OPEN)
    require_standing_runoff(motion)
    require_amendments_settled(motion)
    if not quorum_reached(meeting):
        raise NoQuorum(
            _("实到 %(present)s，至少要到 %(required)s 才能表决。")
            % {"present": present_count(meeting), "required": required_for(meeting)}
        )
    meeting.openings += 1
    meeting.phase = Meeting.Phase.VOTING
    if motion.agenda_item is not None:
        meeting.item_number = motion.agenda_item.number
        agenda_times.turn_to(meeting, meeting.item_number)
    meeting.save(update_fields=["openings", "phase", "item_number"])
    temperature.clear(meeting, by=by)
    motion.opening = meeting.openings
    motion.opened_at = database_now()
    motion.entitled_count = meeting.roster.entitled_count
    motion.present_count = present_count(meeting)
    if motion.secret:
        require_enough_for_secrecy(motion.present_count)
    motion.definition = normal(_definition(motion, meeting))
    motion.definition_hash = digest_of(motion.definition)
    if motion.secret and motion.by_phone:
        motion.key_ref = _make_key()
    motion.save()
    record(
        action="open_motion", subject=motion, village_id=meeting.village_id, actor=by, meeting=meeting.number,
        motion=motion.number, present=motion.present_count, definition=motion.definition_hash,
    )  # fmt: skip
    live.announce(meeting.pk)
    return motion


def _check_ballot(motion: Motion, choice: str, key: str) -> None:
    if choice not in _CHOICES and not looks_like_picks(choice):
        raise Invalid(asked(motion.form), field="choice")
    if not key or len(key) > MAX_KEY_LENGTH:
        raise Invalid(_("页面不完整，请刷新后再投。"), field="key")


def cast_ballot(
    *,
    motion: Motion,
    entry: RosterEntry,
    choice: str,
    key: str,
    channel: str = Ballot.Channel.ONLINE,
    by: User | None = None,
) -> Ballot:
    """Record one voting unit's choice by name, once, while the motion is open; answers only after commit.

    `key` is the client's idempotency key (1-64 characters): the same key again is the same success again. In a
    changeable motion another key replaces the choice. Between options `choice` holds the keys of those picked
    (options.py). Raises Invalid, MotionNotOpen, NotCheckedIn, NotEntitled or
    AlreadyVoted; then nothing is recorded.
    """
    _check_ballot(motion, choice, key)
    try:
        with casting_turn():
            ballot = None
            if channel == Ballot.Channel.ONLINE and choice in _CHOICES:
                ballot = drop_in_at_once(motion, entry, choice=choice, key=key)
            if ballot is None:
                ballot = _drop_in_judged(motion, entry, choice=choice, key=key, channel=channel, by=by)
        live.announce(motion.meeting_id)
        return ballot
    except MotionNotOpen as refused:
        return _same_success(motion, entry, key, otherwise=refused)
    except IntegrityError:
        return _change(motion, entry, choice=choice, key=key, channel=channel, by=by)


@transaction.atomic
def _drop_in_judged(
    motion: Motion, entry: RosterEntry, *, choice: str, key: str, channel: str, by: User | None
) -> Ballot:
    share_casting(motion.pk)
    choice = require_choice(require_right(motion, entry, channel, secret=False).form, choice)
    recorder = by.pk if by is not None and channel != Ballot.Channel.ONLINE else None
    return drop_in(motion, entry, choice=choice, channel=channel, key=key, recorded_by_id=recorder)


def require_right(motion: Motion, entry: RosterEntry, channel: str, *, secret: bool) -> Standing:
    """Judge a ballot behind the lock: is the motion open, may it be voted this way, was the unit there?"""
    now = standing(motion, entry)
    if now.state == Motion.State.PAUSED:
        raise MotionNotOpen(_("表决暂停了，您的这一票没有计入。等主持人宣布继续，再按一次“投票”。"))
    if now.state != Motion.State.OPEN:
        raise MotionNotOpen
    if now.secret != secret:  # the page is of another day, or somebody filled in a form by hand
        raise Invalid(_("页面不完整，请刷新后再投。"), field="key")
    if now.method == Motion.Method.HANDS and channel != Ballot.Channel.RECORDER:
        raise NotEntitled(_("这一项只用举手表决，请在会场举手。"))
    if now.method == Motion.Method.PAPER:
        raise NotEntitled(_("这一项只用纸票，请到发票处领票。"))
    if now.method == Motion.Method.BELENIOS:
        raise NotEntitled(_("这一项在 Belenios 上投票，请用发给您的网址和凭证去投。"))
    if not now.present:
        here = Attendance.objects.filter(entry=entry, meeting=motion.meeting_id, out_at=None, voided_at=None)
        raise CameLate if here.exists() else NotCheckedIn
    return now


def refuse_second(motion: Motion, entry: RosterEntry) -> VotingError:
    """Why a unit that has its mark cannot vote again: it has voted, or it holds a paper."""
    # A paper may have been handed back this very moment; then the unit has not voted, and the next try goes through.
    if Mark.objects.filter(motion=motion, entry=entry, paper=False).exists():
        return AlreadyVoted()
    return HoldsPaper()


def _same_success(motion: Motion, entry: RosterEntry, key: str, *, otherwise: VotingError) -> Ballot:
    """A retry of a ballot that was recorded is answered as the first time, even after closing."""
    recorded = Ballot.objects.filter(motion=motion, entry=entry).first()
    if recorded is None:
        raise otherwise
    if recorded.key == key or SpentKey.objects.filter(motion=motion, key=key).exists():
        return recorded
    raise AlreadyVoted


def _change(motion: Motion, entry: RosterEntry, *, choice: str, key: str, channel: str, by: User | None) -> Ballot:
    """There is a mark already: the same success for a retry, another choice where the motion lets people change."""
    with casting_turn(), transaction.atomic():
        share_casting(motion.pk)
        ballot = Ballot.objects.select_for_update().filter(motion=motion, entry=entry).first()
        if ballot is None:
            raise refuse_second(motion, entry)
        if ballot.key == key or SpentKey.objects.filter(motion=motion, key=key).exists():
            return ballot
        now = require_right(motion, entry, channel, secret=False)
        if not now.changeable:
            raise AlreadyVoted
        choice = require_choice(now.form, choice)
        # The key of the paper that goes: a late repetition of it must not bring it back. Another unit may have spent
        # the same one, where a client gives all its papers one key.
        spent = SpentKey(village_id=ballot.village_id, motion_id=ballot.motion_id, key=ballot.key)
        SpentKey.objects.bulk_create([spent], ignore_conflicts=True)
        ballot.choice, ballot.key, ballot.channel = choice, key, channel
        ballot.save(update_fields=["choice", "key", "channel"])
        record(
            action="change_ballot", subject=entry, village_id=ballot.village_id, actor=by,
            motion_id=motion.pk, entry=entry.pk,
        )  # fmt: skip
        live.announce(motion.meeting_id)
        return ballot


@transaction.atomic
def pause_motion(motion: Motion, *, by: User | None) -> Motion:
    """Hold the vote: papers handed in meanwhile are refused, those in the box stay."""
    return _hold(motion, Motion.State.PAUSED, by=by, action="pause_motion")


@transaction.atomic
def resume_motion(motion: Motion, *, by: User | None) -> Motion:
    """Go on with a vote that was paused."""
    return _hold(motion, Motion.State.OPEN, by=by, action="resume_motion")


def _hold(motion: Motion, state: Motion.State, *, by: User | None, action: str) -> Motion:
    lock_meeting(motion.meeting)
    motion = stop_casting(motion)
    if state == Motion.State.OPEN and motion.state != Motion.State.PAUSED:  # announced ones are opened, not resumed
        raise WrongState(_("这一项没有暂停。"))
    move(motion, state)
    motion.save(update_fields=["state"])
    record(
        action=action, subject=motion, village_id=motion.village_id, actor=by,
        meeting=motion.meeting.number, motion=motion.number,
    )  # fmt: skip
    live.announce(motion.meeting_id)
    return motion


@transaction.atomic
def close_motion(motion: Motion, *, by: User | None) -> Motion:
    """Stop the vote: no ballot is accepted after it. Where nothing is counted by people the result follows at once.

    Raises WrongState for what is not open or paused; about one that was interrupted two people decide (settling.py).
    """
    lock_meeting(motion.meeting)
    motion = stop_casting(motion)
    if motion.state == Motion.State.INTERRUPTED:  # an old page of the chair's still has the button
        raise WrongState(_("这一项在恢复备份时中断了。要由两个人决定：作废重投，还是按箱子里现有的票计票。"))
    move(motion, Motion.State.CLOSING)
    Kiosk.objects.filter(motion=motion).let_go()
    motion.closed_at = database_now()
    motion.save(update_fields=["state", "closed_at"])
    papers = all_papers_of(motion) if motion.by_paper else None
    record(
        action="close_motion", subject=motion, village_id=motion.village_id, actor=by,
        meeting=motion.meeting.number, motion=motion.number, cast=motion.marks.count(),
        **({"papers_issued": papers.issued, "papers_spoiled": papers.spoiled} if papers else {}),
    )  # fmt: skip
    if not needs_sheet(motion):
        seal(motion, by=by)
    live.announce(motion.meeting_id)
    return motion


@transaction.atomic
def announce_result(motion: Motion, *, by: User | None) -> Decision | None:
    """The chair announces: every count is confirmed, the outcome is computed and frozen; None when it is disputed."""
    lock_meeting(motion.meeting)
    motion = stop_casting(motion)
    if motion.state != Motion.State.CLOSING:
        raise WrongState(_("请先停止表决，再宣布结果。"))
    decision = seal(motion, by=by)
    live.announce(motion.meeting_id)
    return decision
