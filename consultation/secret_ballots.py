"""Casting a secret ballot: a mark on the list, a sealed slip in the box, and no way from one to the other."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from . import live
from .ballot_box import slip_in
from .bulletins import bulletin_of
from .choosing import asked, require_choice
from .errors import AlreadyVoted, Invalid, KeyMissing, MotionNotOpen, NotEntitled, VotingError
from .key_store import KeyStoreError, get_key_store
from .locks import casting_turn, share_casting
from .models import Ballot, Mark, Motion, RosterEntry, Slip
from .options import YES_NO, looks_like_picks
from .slips import Paper, SlipBroken, seal_paper, unseal_paper
from .voting import refuse_second, require_right

_HEX = re.compile(r"[0-9a-f]{64}")
MAX_TURN = 1000


def cast_secret(
    *,
    motion: Motion,
    entry: RosterEntry,
    choice: str,
    slip: str,
    board: str,
    channel: str = Ballot.Channel.ONLINE,
    turn: int = 1,
) -> None:
    """Put one voting unit's secret paper in the box, once, while the motion is open; returns only after commit.

    `slip` and `board` are 64 hex digits made from the voter's own secret (bulletin_text.slip_key, board_code); the same
    slip again is the same success again; `choice` is as in voting.cast_ballot. In a changeable motion a higher `turn`
    of the same slip replaces it.
    Raises Invalid, MotionNotOpen, NotCheckedIn, NotEntitled, AlreadyVoted or KeyMissing; then nothing is recorded.
    """
    if choice not in YES_NO and not looks_like_picks(choice):
        raise Invalid(asked(motion.form), field="choice")
    if not _HEX.fullmatch(slip) or not _HEX.fullmatch(board) or not 1 <= turn <= MAX_TURN:
        raise Invalid(_("页面不完整，请刷新后再投。"), field="slip")
    if channel == Ballot.Channel.RECORDER:
        raise NotEntitled(_("无记名表决不能由别人代录，请用投票平板或者纸票。"))
    paper = Paper(choice, board, turn)
    try:
        with casting_turn(), transaction.atomic():
            share_casting(motion.pk)
            now = require_right(motion, entry, channel, secret=True)
            ready = replace(paper, choice=require_choice(now.form, choice))
            payload = seal_paper(read_key(now.key_ref), ready, motion_id=motion.pk, slip=slip)
            slip_in(motion, entry, slip=slip, payload=payload)
            live.announce(motion.meeting_id)
    except (MotionNotOpen, KeyMissing) as refused:
        _same_success(motion, entry, paper, slip=slip, otherwise=refused)
    except IntegrityError:
        _again(motion, entry, paper, slip=slip, channel=channel)


def read_key(ref: str) -> bytes:
    """The key of a motion's box. Raises KeyMissing: casting stops while it cannot be read."""
    try:
        return get_key_store().read(ref)
    except KeyStoreError as error:
        raise KeyMissing from error


def _same_success(motion: Motion, entry: RosterEntry, paper: Paper, *, slip: str, otherwise: VotingError) -> None:
    """A retry while nobody can vote (closed, paused, its key not to be read): the slip still lies in the box, or its
    code is on the bulletin.

    Of a change of mind only the box can tell whether it came in time; once that is empty, it is refused.
    """
    if not Mark.objects.filter(motion=motion, entry=entry, paper=False).exists():
        raise otherwise
    lying = Slip.objects.filter(motion=motion, key=slip).first()
    if lying is not None and paper.turn > 1 and _turn_of(lying) < paper.turn:
        raise otherwise
    if lying is not None:
        return
    bulletin = bulletin_of(motion)
    listed = bulletin is not None and paper.board in json.loads(bulletin.body)["codes"]
    if listed and paper.turn == 1:
        return
    raise otherwise if listed else AlreadyVoted()


def _turn_of(lying: Slip) -> int:
    key = read_key(Motion.objects.values_list("key_ref", flat=True).get(pk=lying.motion_id))
    try:
        return unseal_paper(key, bytes(lying.payload), motion_id=lying.motion_id, slip=lying.key).turn
    except SlipBroken:  # whatever it is, the count will find it; a voter cannot mend it
        return MAX_TURN


def _again(motion: Motion, entry: RosterEntry, paper: Paper, *, slip: str, channel: str) -> None:
    """There is a mark or a slip already: the same success for a retry, another choice where people may change."""
    with casting_turn(), transaction.atomic():
        share_casting(motion.pk)
        if not Mark.objects.filter(motion=motion, entry=entry).exists():
            # Somebody else's slip has this key; nobody makes the same 128 random bits twice by chance.
            raise Invalid(_("页面过期了，请刷新后再投。"), field="slip")
        lying = Slip.objects.select_for_update().filter(motion=motion, key=slip).first()
        if lying is None:
            raise refuse_second(motion, entry)
        if paper.turn == 1 or _turn_of(lying) >= paper.turn:
            return  # a repetition, perhaps one that comes late
        now = require_right(motion, entry, channel, secret=True)
        if not now.changeable:
            raise AlreadyVoted
        ready = replace(paper, choice=require_choice(now.form, paper.choice))
        lying.payload = seal_paper(read_key(now.key_ref), ready, motion_id=motion.pk, slip=slip)
        lying.save(update_fields=["payload"])
        live.announce(motion.meeting_id)
