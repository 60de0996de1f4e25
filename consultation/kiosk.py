"""A tablet handed round the hall, for those without a phone. It has no account and keeps nobody: the recorder calls
somebody up, the tablet shows that one paper, the ballot empties it again.

Nothing keeps who was called when: the log has the tablet's beginning and end, the row only who is called now.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import User

from .attendance import require_live
from .bulletin_text import board_code, slip_key
from .errors import AlreadyVoted, CameLate, Invalid, MotionNotOpen, NotCheckedIn, NotEntitled, WrongState
from .locks import casting_turn, database_now, lock_meeting, share_casting
from .models import Ballot, Kiosk, Meeting, Motion, Proxy, RosterEntry
from .secret_ballots import cast_secret
from .voting import cast_ballot, refuse_second

MOST = 20  # tablets of one meeting
TOKEN_BYTES = 24  # 192 bits
LINK_LIFE = timedelta(minutes=30)
_SECRET = re.compile(r"[0-9a-f]{32}")


class CallOver(WrongState):
    message = _("这一次已经结束了。请看屏幕上现在叫的是谁，或者找工作人员。")


def _hash(token: str) -> str:
    return hashlib.sha256(f"kiosk:{token}".encode()).hexdigest()


@transaction.atomic
def start_kiosk(meeting: Meeting, *, by: User | None) -> tuple[Kiosk, str]:
    """A new tablet for this meeting, and the token of the link that joins it: once, within half an hour.

    Only the token's hash is kept. Raises WrongState when the meeting is not live or has `MOST` of them.
    """
    meeting = lock_meeting(meeting)
    require_live(meeting)
    if meeting.kiosks.standing().count() >= MOST:
        raise WrongState(_("一次会议最多同时用 %(most)s 台平板。请先收回不用的。") % {"most": MOST})
    token = secrets.token_urlsafe(TOKEN_BYTES)
    last = meeting.kiosks.aggregate(last=Max("number"))["last"] or 0
    kiosk = Kiosk.objects.create(
        village=meeting.village, meeting=meeting, number=last + 1, token_hash=_hash(token), started_by=by
    )
    record(
        action="start_kiosk", subject=meeting, village_id=meeting.village_id, actor=by,
        number=meeting.number, kiosk=kiosk.number,
    )  # fmt: skip
    return kiosk, token


def link_stands(meeting: Meeting, token: str) -> bool:
    """Whether a tablet may still be joined by this link."""
    return _waiting(meeting, token).exists()


def _waiting(meeting: Meeting, token: str) -> QuerySet[Kiosk]:
    since = database_now() - LINK_LIFE
    unused = Kiosk.objects.of(meeting.village).standing().filter(meeting=meeting, paired=False)
    return unused.filter(token_hash=_hash(token), started_at__gt=since)


def pair(meeting: Meeting, token: str) -> str | None:
    """Join the tablet that opened the link: the token for its cookie; None when the link is spent, old or unknown.

    Of two tablets that open one link at the same moment one is joined.
    """
    kept = secrets.token_urlsafe(TOKEN_BYTES)
    joined = meeting.is_live and _waiting(meeting, token).update(token_hash=_hash(kept), paired=True)
    return kept if joined else None


def kiosk_of(meeting: Meeting, token: str) -> Kiosk | None:
    """The tablet that holds this cookie, ended or not."""
    joined = Kiosk.objects.of(meeting.village).filter(meeting=meeting, paired=True, token_hash=_hash(token))
    return joined.select_related("entry", "motion", "meeting__village").first()


@transaction.atomic
def end_kiosk(kiosk: Kiosk, *, by: User | None) -> None:
    """Take the tablet back: from now on it shows nothing. A second time changes nothing."""
    kiosk = _locked(kiosk)
    if kiosk.ended_at is not None:
        return
    _empty(kiosk)
    kiosk.ended_at = database_now()
    kiosk.save()
    record(
        action="end_kiosk", subject=kiosk.meeting, village_id=kiosk.village_id, actor=by,
        number=kiosk.meeting.number, kiosk=kiosk.number,
    )  # fmt: skip


def _locked(kiosk: Kiosk) -> Kiosk:
    rows = Kiosk.objects.select_for_update(of=("self",)).select_related("entry", "motion", "meeting__village")
    return rows.get(pk=kiosk.pk)


def _empty(kiosk: Kiosk) -> None:
    kiosk.entry, kiosk.motion, kiosk.call = None, None, ""


@transaction.atomic
def call_up(kiosk: Kiosk, entry: RosterEntry) -> Kiosk:
    """The tablet is handed to this voting unit, for the motion under vote now.

    Raises WrongState for a tablet that is not joined, ended or taken, MotionNotOpen, NotEntitled where the motion is
    not voted by device, NotCheckedIn for who was not there at opening, AlreadyVoted or HoldsPaper. No log: nothing
    keeps who voted when.
    """
    kiosk = _locked(kiosk)
    if not kiosk.paired or kiosk.ended_at is not None or not kiosk.meeting.is_live:
        raise WrongState(_("这台平板还没有接上，或者已经收回。请另开一台。"))
    screen = screen_of(kiosk)
    if screen.state in ("ballot", "paused"):
        raise WrongState(_("%(name)s还在这台平板上投票，请等一等，或者先把平板收回来。") % {"name": screen.name})
    motion = kiosk.meeting.motions.filter(state=Motion.State.OPEN).first()
    if motion is None:
        raise MotionNotOpen(_("现在没有正在进行的表决，开始表决以后再叫人。"))
    if not motion.by_phone:
        raise NotEntitled(_("这一项不用手机和平板表决。"))
    _require_due(kiosk.meeting, motion, entry)
    kiosk.entry, kiosk.motion, kiosk.call = entry, motion, secrets.token_hex(16)
    try:
        with transaction.atomic():
            kiosk.save()
    except IntegrityError as error:  # at the same moment by somebody else
        raise _elsewhere(entry) from error
    return kiosk


def _elsewhere(entry: RosterEntry) -> WrongState:
    return WrongState(_("%(name)s已经在另一台平板上，不用再叫。") % {"name": entry.name})


def _require_due(meeting: Meeting, motion: Motion, entry: RosterEntry) -> None:
    if entry.roster.meeting_id != meeting.pk:
        raise Invalid(_("名册上没有这个号码，请核对。"))
    assert motion.opening is not None  # noqa: S101  it is open
    if not entry.attendances.present_at(motion.opening).exists():
        if entry.attendances.present().exists():
            raise CameLate(_("%(name)s签到时这一项已经开始表决，请等下一项。") % {"name": entry.name})
        raise NotCheckedIn(_("%(name)s还没有签到。请先签到，从下一项起可以投。") % {"name": entry.name})
    if entry.marks.filter(motion=motion).exists():
        raise refuse_second(motion, entry)
    if Kiosk.objects.filter(meeting=meeting, entry=entry, motion=motion).exists():
        raise _elsewhere(entry)
    # Left over from a motion that was stopped; never one of this motion, which another recorder may just have made.
    Kiosk.objects.filter(meeting=meeting, entry=entry).exclude(motion=motion).let_go()


@transaction.atomic
def take_back(kiosk: Kiosk) -> None:
    """Whoever is called up does not vote on this tablet after all."""
    Kiosk.objects.filter(pk=_locked(kiosk).pk).let_go()


@dataclass(frozen=True)
class Screen:
    """What a tablet shows: `state` is over, waiting, paused or ballot; for whom, perhaps through whom, and on what."""

    state: str
    name: str = ""
    holder: str = ""
    motion: Motion | None = None
    call: str = ""

    @property
    def mark(self) -> str:
        """One word that changes when the screen does."""
        return f"{self.state}-{self.call[:8]}"


def screen_of(kiosk: Kiosk) -> Screen:
    """`kiosk` with its entry, motion and meeting loaded."""
    if kiosk.ended_at is not None or not kiosk.meeting.is_live:
        return Screen("over")
    entry, motion = kiosk.entry, kiosk.motion
    if entry is None or motion is None or motion.state not in (Motion.State.OPEN, Motion.State.PAUSED):
        return Screen("waiting")
    grant = Proxy.objects.votable().filter(grantor=entry).select_related("holder").first()
    holder = grant.holder.name if grant is not None else ""
    state = "ballot" if motion.state == Motion.State.OPEN else "paused"
    return Screen(state, entry.name, holder, motion, kiosk.call)


def cast_at_kiosk(kiosk: Kiosk, *, call: str, choice: str, secret: str) -> str:
    """Put the called unit's ballot in the box and empty the tablet, both or neither; returns the ballot's board code.

    `call` is the word of the call-up as the paper carried it, `secret` 32 hex digits made for this paper (of use where
    the motion is secret; stored nowhere). The same call again is the same success again. Raises CallOver when somebody
    else is called by now or nobody, and whatever voting raises; then nothing is recorded.
    """
    if not _SECRET.fullmatch(secret):
        raise Invalid(_("页面不完整，请刷新后再投。"), field="secret")
    if not call or not secrets.compare_digest(call.encode(), kiosk.call.encode()):
        return _told_again(kiosk, call, secret)
    motion_id = kiosk.motion_id
    if motion_id is None:
        raise CallOver
    try:
        with casting_turn(), transaction.atomic():
            share_casting(motion_id)  # before the row, as closing does: it empties the tablet behind the lock
            now = _locked(kiosk)
            if now.call == call and now.ended_at is None and now.entry is not None and now.motion is not None:
                code = _cast(now.motion, now.entry, call=call, choice=choice, secret=bytes.fromhex(secret))
                _empty(now)
                now.done = call
                now.save()
                return code
    except AlreadyVoted:  # by phone meanwhile, or a paper was handed out: the tablet is free again
        Kiosk.objects.filter(pk=kiosk.pk, call=call).let_go()
        raise
    return _told_again(_fresh(kiosk), call, secret)


def _fresh(kiosk: Kiosk) -> Kiosk:
    return Kiosk.objects.select_related("entry", "motion", "meeting__village").get(pk=kiosk.pk)


def _cast(motion: Motion, entry: RosterEntry, *, call: str, choice: str, secret: bytes) -> str:
    code = code_of(motion, call=call, secret=secret)
    if motion.secret:
        slip = slip_key(secret)
        cast_secret(motion=motion, entry=entry, choice=choice, slip=slip, board=code, channel=Ballot.Channel.KIOSK)
    else:
        cast_ballot(motion=motion, entry=entry, choice=choice, key=call, channel=Ballot.Channel.KIOSK)
    return code


def code_of(motion: Motion, *, call: str, secret: bytes) -> str:
    """What the bulletin will list for the ballot of this call (docs/bulletin.md)."""
    return board_code(secret if motion.secret else call.encode())


def _told_again(kiosk: Kiosk, call: str, secret: str) -> str:
    """A repeated press after the ballot was accepted. Which motion it was for is forgotten by then; the latest that
    this meeting opened is the only one it can have been."""
    motion = kiosk.meeting.motions.filter(opening=kiosk.meeting.openings).first()
    if not call or call != kiosk.done or motion is None:
        raise CallOver
    return code_of(motion, call=call, secret=bytes.fromhex(secret))
