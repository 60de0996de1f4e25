"""Putting a motion to the vote, casting, counting hands, closing, deciding."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import Count, Max
from django.utils import translation
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import User

from . import live
from .attendance import present_count, quorum_of, quorum_reached, required_for
from .ballot_box import drop_in, standing
from .errors import (
    AlreadyVoted,
    CameLate,
    Invalid,
    MotionNotOpen,
    NoQuorum,
    NotCheckedIn,
    NotEntitled,
    VotingError,
    WrongState,
)
from .locks import casting_turn, database_now, lock_meeting, share_casting, stop_casting
from .meetings import threshold_of
from .models import (
    AgendaItem,
    Attendance,
    Ballot,
    Choice,
    Decision,
    Meeting,
    Motion,
    Outcome,
    RosterEntry,
    Sheet,
)
from .tally import YES_NO, Tally, add_up, decide
from .wording import explain

MAX_MOTIONS = 200
MAX_KEY_LENGTH = 64


def move(motion: Motion, state: Motion.State) -> None:
    """Set the next state, or raise WrongState when the table of moves does not know the step."""
    if state not in Motion.MOVES[Motion.State(motion.state)]:
        raise WrongState(_("这一项现在是“%(state)s”，不能这样做。") % {"state": motion.get_state_display()})
    motion.state = state


@transaction.atomic
def table_motion(
    *,
    meeting: Meeting,
    text: str,
    by: User | None,
    agenda_item: AgendaItem | None = None,
    method: str = Motion.Method.HANDS_AND_ONLINE,
    counts_shown: bool = False,
) -> Motion:
    """Put a for/against/abstain question on the meeting's list, with its exact words.

    Raises Invalid for an empty text or a method not offered, WrongState once the meeting is over.
    """
    meeting = lock_meeting(meeting)
    if meeting.state not in (Meeting.State.PREPARING, Meeting.State.NOTICED, Meeting.State.LIVE):
        raise WrongState(_("会议已经结束，不能再加表决事项。"))
    if not text.strip():
        raise Invalid(_("请写明要表决什么。"), field="text")
    if method not in (Motion.Method.ONLINE, Motion.Method.HANDS, Motion.Method.HANDS_AND_ONLINE):
        raise Invalid(_("请选择手机、举手或者两种都用。"), field="method")
    last = meeting.motions.aggregate(last=Max("number"))["last"] or 0
    if last >= MAX_MOTIONS:
        raise Invalid(_("一次会议最多 %(limit)s 项表决。") % {"limit": MAX_MOTIONS})
    motion = Motion.objects.create(
        village=meeting.village,
        meeting=meeting,
        agenda_item=agenda_item,
        number=last + 1,
        text=text.strip(),
        method=method,
        counts_shown=counts_shown,
    )
    record(
        action="table_motion", subject=motion, village_id=meeting.village_id, actor=by,
        meeting=meeting.number, motion=motion.number,
    )  # fmt: skip
    live.announce(meeting.pk)
    return motion


def _definition(motion: Motion, meeting: Meeting) -> dict[str, object]:
    """All that opening freezes: the words, the ballot, the rule, the electorate."""
    return {
        "text": motion.text,
        "kind": motion.kind,
        "method": motion.method,
        "secret": motion.secret,
        "options": motion.options,
        "rules": meeting.procedure,
        "roster": meeting.roster.digest,
        "entitled": motion.entitled_count,
        "present": motion.present_count,
    }


def digest_of(definition: Mapping[str, object]) -> str:
    """64 hex digits of the canonical JSON (sorted keys, no spaces, UTF-8)."""
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def open_motion(motion: Motion, *, by: User | None) -> Motion:
    """Start the vote: freezes the question, its rule, who is entitled and who is present.

    Raises NoQuorum while too few are there, WrongState when the meeting is not live or another motion is running.
    """
    meeting = lock_meeting(motion.meeting)
    motion = Motion.objects.select_for_update().get(pk=motion.pk)
    if not meeting.is_live:
        raise WrongState(_("会议没有在进行，不能表决。"))
    if motion.secret:
        raise WrongState(_("无记名表决请用纸票。"))
    if meeting.motions.running().exists():
        raise WrongState(_("另一项正在表决，请先结束它。"))
    move(motion, Motion.State.OPEN)
    if not quorum_reached(meeting):
        raise NoQuorum(
            _("实到 %(present)s，至少要到 %(required)s 才能表决。")
            % {"present": present_count(meeting), "required": required_for(meeting)}
        )
    meeting.openings += 1
    meeting.phase = Meeting.Phase.VOTING
    if motion.agenda_item is not None:
        meeting.item_number = motion.agenda_item.number
    meeting.save(update_fields=["openings", "phase", "item_number"])
    motion.opening = meeting.openings
    motion.opened_at = database_now()
    motion.entitled_count = meeting.roster.entitled_count
    motion.present_count = present_count(meeting)
    motion.definition = _definition(motion, meeting)
    motion.definition_hash = digest_of(motion.definition)
    motion.save()
    record(
        action="open_motion", subject=motion, village_id=meeting.village_id, actor=by, meeting=meeting.number,
        motion=motion.number, present=motion.present_count, definition=motion.definition_hash,
    )  # fmt: skip
    live.announce(meeting.pk)
    return motion


def _check_ballot(motion: Motion, choice: str, key: str) -> None:
    if choice not in Choice.values:
        raise Invalid(_("请选择赞成、反对或者弃权，再按“投票”。"), field="choice")
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
    """Record one voting unit's choice, once, while the motion is open; answers only after commit.

    `key` is the client's idempotency key (1-64 characters): the same key again is the same success again.
    Raises Invalid, MotionNotOpen, NotCheckedIn, NotEntitled or AlreadyVoted; then nothing is recorded.
    """
    _check_ballot(motion, choice, key)
    try:
        with casting_turn(), transaction.atomic():
            share_casting(motion.pk)
            _require_right(motion, entry, channel)
            ballot = drop_in(
                motion,
                entry,
                choice=choice,
                channel=channel,
                key=key,
                recorded_by_id=by.pk if by is not None and channel != Ballot.Channel.ONLINE else None,
            )
            live.announce(motion.meeting_id)
            return ballot
    except MotionNotOpen:
        return _same_success(motion, entry, key, otherwise=MotionNotOpen())
    except IntegrityError:
        return _same_success(motion, entry, key, otherwise=AlreadyVoted())


def _require_right(motion: Motion, entry: RosterEntry, channel: str) -> None:
    now = standing(motion, entry)
    if now.state != Motion.State.OPEN:
        raise MotionNotOpen
    if now.secret or (now.method == Motion.Method.HANDS and channel == Ballot.Channel.ONLINE):
        raise NotEntitled(_("这一项只用举手表决，请在会场举手。"))
    if not now.present:
        here = Attendance.objects.filter(entry=entry, meeting=motion.meeting_id, out_at=None, voided_at=None)
        raise CameLate if here.exists() else NotCheckedIn


def _same_success(motion: Motion, entry: RosterEntry, key: str, *, otherwise: VotingError) -> Ballot:
    """A retry of a ballot that was recorded is answered as the first time, even after closing."""
    recorded = Ballot.objects.filter(motion=motion, entry=entry).first()
    if recorded is not None and recorded.key == key:
        return recorded
    if recorded is not None:
        raise AlreadyVoted
    raise otherwise


@transaction.atomic
def close_motion(motion: Motion, *, by: User | None) -> Motion:
    """Stop the vote: no ballot is accepted after it. Without a count of hands the result follows at once."""
    lock_meeting(motion.meeting)
    motion = stop_casting(motion)
    move(motion, Motion.State.CLOSING)
    motion.closed_at = database_now()
    motion.save(update_fields=["state", "closed_at"])
    record(
        action="close_motion", subject=motion, village_id=motion.village_id, actor=by,
        meeting=motion.meeting.number, motion=motion.number, cast=motion.marks.count(),
    )  # fmt: skip
    if not motion.by_hands:
        _seal(motion, by=by)
    live.announce(motion.meeting_id)
    return motion


def count_up(motion: Motion) -> Tally:
    """All stored ballots and confirmed sheets, and nothing else."""
    ballots = Ballot.objects.filter(motion=motion).values_list("channel", "choice").annotate(Count("pk"))
    parts: list[tuple[str, Mapping[str, int]]] = [(channel, {choice: number}) for channel, choice, number in ballots]
    parts += [(sheet.method, sheet.counts) for sheet in motion.sheets.filter(state=Sheet.State.CONFIRMED)]
    return add_up(parts, YES_NO)


def _seal(motion: Motion, *, by: User | None) -> Decision:
    """Count, decide and freeze. The motion is locked and closing."""
    meeting = motion.meeting
    if motion.by_hands:
        sheets = list(motion.sheets.all())
        if not sheets or any(sheet.state != Sheet.State.CONFIRMED for sheet in sheets):
            raise WrongState(_("举手人数还没有两个人核对一致，不能宣布结果。没有人举手就两人都填 0。"))
    tally = count_up(motion)
    verdict = decide(
        tally=tally,
        entitled=motion.entitled_count,
        present=motion.present_count,
        quorum=quorum_of(meeting),
        threshold=threshold_of(meeting),
        threshold_of=meeting.procedure["threshold_of"],
    )
    with translation.override("zh-hans"):  # the record is in the village's language
        arithmetic = explain(
            rules=meeting.procedure,
            entitled=motion.entitled_count,
            present=motion.present_count,
            required=verdict.required,
            needed=verdict.needed,
            counts=tally.counts,
            outcome=verdict.outcome,
        )
    move(motion, Motion.State.SEALED)
    decision = Decision.objects.create(
        village=motion.village,
        motion=motion,
        version=1,
        outcome=Outcome(verdict.outcome),
        entitled=motion.entitled_count,
        present=motion.present_count,
        required=verdict.required,
        needed=verdict.needed,
        counts=dict(tally.counts),
        channels={channel: dict(counts) for channel, counts in tally.channels.items()},
        arithmetic=arithmetic,
    )
    move(motion, Motion.State.PUBLISHED)
    motion.save(update_fields=["state"])
    Meeting.objects.filter(pk=meeting.pk).update(phase=Meeting.Phase.ANNOUNCED)
    record(
        action="decide_motion", subject=motion, village_id=motion.village_id, actor=by, meeting=meeting.number,
        motion=motion.number, outcome=decision.outcome, counts=decision.counts,
    )  # fmt: skip
    return decision


@transaction.atomic
def announce_result(motion: Motion, *, by: User | None) -> Decision:
    """The chair announces: every count is confirmed, the outcome is computed and frozen."""
    lock_meeting(motion.meeting)
    motion = stop_casting(motion)
    if motion.state != Motion.State.CLOSING:
        raise WrongState(_("请先停止表决，再宣布结果。"))
    decision = _seal(motion, by=by)
    live.announce(motion.meeting_id)
    return decision


@transaction.atomic
def withdraw_motion(motion: Motion, *, by: User | None) -> None:
    """Take a motion off the list before it is put to the vote."""
    motion = stop_casting(motion)
    if motion.state not in (Motion.State.DRAFT, Motion.State.ANNOUNCED):
        raise WrongState(_("已经开始表决的事项不能撤下。"))
    record(
        action="withdraw_motion", subject=motion, village_id=motion.village_id, actor=by,
        motion=motion.number, meeting=motion.meeting.number,
    )  # fmt: skip
    meeting_id = motion.meeting_id
    motion.delete()
    live.announce(meeting_id)
