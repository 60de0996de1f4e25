"""Counting what is in the box and on the sheets, deciding, and leaving nothing behind that joins voter and choice."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Count
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from audit.log import record
from residents.models import User

from .attendance import quorum_of
from .bulletins import another_code, counts_apart, marks_of, publish_bulletin, recorded_codes
from .errors import KeyMissing, WrongState
from .key_store import KeyStoreError, get_key_store
from .meetings import threshold_of
from .models import Ballot, Counted, Decision, Meeting, Motion, Outcome, ReservedFor, Sheet, Slip
from .models.secret import random_id
from .moves import move
from .paper import places_of
from .places import hands_missing
from .reserved import as_referred
from .slips import Paper, SlipBroken, unseal_paper
from .tally import CountError, Tally, Verdict, add_up, decide, decide_options
from .wording import explain_motion

log = structlog.get_logger(__name__)

DONE = (Motion.State.SEALED, Motion.State.PUBLISHED, Motion.State.ANNULLED)


class BoxWrong(Exception):
    """What is in the box is not what was put in; the reason in words."""


def needs_sheet(motion: Motion) -> bool:
    """People count hands, papers or bring a result from elsewhere: without a confirmed sheet nothing is announced."""
    return motion.by_hands or motion.by_paper or motion.by_belenios


def require_sheets(motion: Motion) -> None:
    """Raises WrongState until two people agree on every count that the method asks for."""
    sheets = list(motion.sheets.all())
    if any(sheet.state != Sheet.State.CONFIRMED for sheet in sheets):
        raise WrongState(_("还有计票单没有两个人核对一致，不能宣布结果。"))
    if motion.by_hands and not any(sheet.method == Sheet.Method.HANDS for sheet in sheets):
        raise WrongState(_("举手人数还没有两个人核对一致，不能宣布结果。没有人举手就两人都填 0。"))
    if motion.by_paper and not any(sheet.method == Sheet.Method.PAPER for sheet in sheets):
        raise WrongState(_("纸票还没有两个人清点一致，不能宣布结果。一张也没有就两人都填 0。"))
    if motion.by_hands and hands_missing(motion):
        raise WrongState(_("还有会场的举手没有清点，不能宣布结果。请把每个会场都录进来，没有人举手就填 0。"))
    counted = {sheet.session_id for sheet in sheets if sheet.method == Sheet.Method.PAPER}
    if motion.by_paper and places_of(motion) - counted:
        raise WrongState(_("还有会场的纸票没有清点，不能宣布结果。请把每个发过票的会场都录进来。"))
    if motion.by_belenios and not sheets:
        raise WrongState(_("Belenios 的结果还没有两个人录得一致，不能宣布结果。"))


def _read_key(motion: Motion) -> bytes:
    try:
        return get_key_store().read(motion.key_ref)
    except KeyStoreError as error:
        raise KeyMissing from error


def open_box(motion: Motion, *, strict: bool = True) -> list[Paper]:
    """Every slip unsealed, in no order that means anything.

    Raises BoxWrong when slips and marks differ in number or a slip does not open; with
    `strict` false only what does not open is left out, as two officers decided. Raises KeyMissing without the key.
    """
    key = _read_key(motion)
    papers: list[Paper] = []
    codes: set[str] = set()
    broken = 0
    for slip, payload in Slip.objects.filter(motion=motion).values_list("key", "payload").iterator():
        try:
            paper = unseal_paper(key, bytes(payload), motion_id=motion.pk, slip=slip)
        except SlipBroken:
            broken += 1
            continue
        if paper.board in codes:
            paper = replace(paper, board=another_code(slip))
        codes.add(paper.board)
        papers.append(paper)
    form = motion.form
    sound = not any(form.fault(paper.choice) for paper in papers)
    if strict and (broken or not sound or len(papers) != marks_of(motion)):
        raise BoxWrong(
            _("投票的有 %(marks)s 人，箱子里能打开的票有 %(papers)s 张，打不开的有 %(broken)s 张。")
            % {"marks": marks_of(motion), "papers": len(papers), "broken": broken}
        )
    return [paper for paper in papers if not form.fault(paper.choice)]


def _lay_on_table(motion: Motion, papers: list[Paper]) -> list[str]:
    """Write the choices under fresh random ids, in the order of those ids; the board codes, sorted, are returned.

    Of several options each that was picked, and of a ranking each at its place, is a row of its own: what one voter put
    together lies nowhere together.
    """
    choices = [pick for paper in papers for pick in motion.form.parts(paper.choice)]
    secrets.SystemRandom().shuffle(choices)
    ids = sorted(random_id() for _choice in choices)
    Counted.objects.bulk_create(
        (
            Counted(id=one, village_id=motion.village_id, motion=motion, choice=choice)
            for one, choice in zip(ids, choices, strict=True)
        ),
        batch_size=500,
    )
    Slip.objects.filter(motion=motion).delete()
    return sorted(paper.board for paper in papers)


def count_up(motion: Motion) -> Tally:
    """All stored ballots and confirmed sheets, and nothing else."""
    parts: list[tuple[str, Mapping[str, int]]]
    if motion.secret:
        rows = Counted.objects.filter(motion=motion).order_by().values_list("choice").annotate(Count("pk"))
        parts = [("online", {choice: number}) for choice, number in rows]
    else:
        ballots = Ballot.objects.filter(motion=motion).order_by().values_list("channel", "choice").annotate(Count("pk"))
        parts = [(channel, {choice: number}) for channel, choice, number in ballots]
    parts += [(sheet.method, sheet.counts) for sheet in motion.sheets.confirmed()]
    form = motion.form
    return add_up([(channel, form.spread(counts)) for channel, counts in parts], form.choices)


def _verdict(motion: Motion, tally: Tally, *, voters: int) -> Verdict:
    meeting, form = motion.meeting, motion.form
    frozen: dict[str, Any] = {
        "tally": tally,
        "entitled": motion.entitled_count,
        "present": motion.present_count,
        "quorum": quorum_of(meeting),
        "threshold": threshold_of(meeting),
        "threshold_of": meeting.procedure["threshold_of"],
    }
    if not form.keys:
        return decide(**frozen)
    return decide_options(**frozen, form=form, voters=voters, in_runoff=motion.runoff_of_id is not None)


def _dispute(motion: Motion, *, by: User | None, why: str) -> None:
    """Nothing is published; two officers decide."""
    move(motion, Motion.State.DISPUTED)
    motion.note = why[:200]
    motion.save(update_fields=["state", "note"])
    record(
        action="dispute_motion", subject=motion, village_id=motion.village_id, actor=by,
        meeting=motion.meeting.number, motion=motion.number, why=why,
    )  # fmt: skip


def _as_opinion(motion: Motion, verdict: Verdict) -> Verdict:
    """The same, but where somebody else decides the matter: what most want is told, and nothing follows from it."""
    outcome = as_referred(verdict.outcome, referred_to=str(motion.definition.get("referred_to", "")))
    return verdict if outcome == verdict.outcome else replace(verdict, outcome=outcome, going_on="")


def passed_on(motion: Motion) -> str:
    """Where a matter goes that somebody else decides, in words."""
    decides = str(motion.definition.get("referred_to", ""))
    if not decides:
        return ""
    with translation.override("zh-hans"):  # the record is in the village's language
        words = _("转%(body)s") if motion.reserved_for == ReservedFor.GOVERNMENT else _("提请%(body)s")
        return words % {"body": decides}


def decide_anew(motion: Motion, *, codes: list[str], by: User | None, version: int, reason: str = "") -> Decision:
    """Count everything that is stored now, and write decision and bulletin of that version."""
    meeting = motion.meeting
    tally = count_up(motion)
    rules = meeting.procedure
    sheets = list(motion.sheets.confirmed())
    cast = len(codes) + sum(sheet.speaking for sheet in sheets)
    verdict = _verdict(motion, tally, voters=cast)
    verdict = _as_opinion(motion, verdict)
    with translation.override("zh-hans"):  # the record is in the village's language
        arithmetic = explain_motion(
            motion,
            rules=rules,
            entitled=motion.entitled_count,
            present=motion.present_count,
            required=verdict.required,
            needed=verdict.needed,
            counts=tally.counts,
            outcome=verdict.outcome,
            winner=verdict.winner,
            going_on=verdict.going_on,
            referred_to=str(motion.definition.get("referred_to", "")),
        )
    apart = counts_apart(motion, len(codes), sheets)
    decision = Decision.objects.create(
        village=motion.village,
        motion=motion,
        version=version,
        outcome=Outcome(verdict.outcome),
        entitled=motion.entitled_count,
        present=motion.present_count,
        required=verdict.required,
        needed=verdict.needed,
        counts=dict(tally.counts),
        channels={channel: dict(counts) for channel, counts in tally.channels.items()} if apart else {},
        cast=cast,
        winner=verdict.winner,
        going_on=verdict.going_on,
        arithmetic=arithmetic,
        reason=reason[:200],
    )
    publish_bulletin(motion, decision, codes=codes, rules=rules, reason=reason)
    record(
        action="decide_motion", subject=motion, village_id=motion.village_id, actor=by, meeting=meeting.number,
        motion=motion.number, version=version, outcome=decision.outcome, counts=decision.counts,
    )  # fmt: skip
    return decision


@sensitive_variables()  # the key, and choices beside board codes, go into no error report
def seal(motion: Motion, *, by: User | None, strict: bool = True, reason: str = "") -> Decision | None:
    """Count, decide and freeze, in the transaction that holds the motion's lock; None when it became disputed.

    Safe to repeat: it commits as a whole or not at all. Raises WrongState while a sheet is missing, KeyMissing when the
    motion's key cannot be read (nothing changes then).
    """
    require_sheets(motion)
    try:
        with transaction.atomic():
            secret = motion.secret and motion.by_phone
            codes = _lay_on_table(motion, open_box(motion, strict=strict)) if secret else recorded_codes(motion)
            move(motion, Motion.State.SEALED)
            decision = decide_anew(motion, codes=codes, by=by, version=1, reason=reason)
    except (BoxWrong, CountError) as error:
        motion.state = Motion.State.CLOSING
        _dispute(motion, by=by, why=str(error) if isinstance(error, BoxWrong) else _("票数比到会的人还多。"))
        return None
    move(motion, Motion.State.PUBLISHED)
    motion.note = ""
    motion.referred_to = passed_on(motion)
    motion.save(update_fields=["state", "note", "referred_to"])
    Meeting.objects.filter(pk=motion.meeting_id).update(phase=Meeting.Phase.ANNOUNCED)
    # The count is kept: what fails in cleaning up after it is logged, and done again by night.
    transaction.on_commit(lambda: tidy_up(motion.village_id), robust=True)
    return decision


def tidy_up(village_id: int | None = None) -> int:
    """After a count: destroy the keys that nothing needs any more, note it, and clean the storage; how many keys.

    Does what an earlier run could not finish, too. What it cannot do now it leaves for the next time; the night's run,
    for all villages, cleans the storage in any case.
    """
    waiting = Motion.objects.filter(state__in=DONE).exclude(key_ref="")
    if village_id is not None:
        waiting = waiting.filter(village_id=village_id)
    done = 0
    for motion in waiting.select_related("meeting"):
        try:
            get_key_store().destroy(motion.key_ref)
        except KeyStoreError:
            log.error("key_not_destroyed", motion=motion.pk)
            continue
        with transaction.atomic():
            Motion.objects.filter(pk=motion.pk).update(key_ref="")
            record(
                action="destroy_key", subject=motion, village_id=motion.village_id,
                meeting=motion.meeting.number, motion=motion.number,
            )  # fmt: skip
        done += 1
    if done or village_id is None:
        _clean_storage()
    return done


def _clean_storage() -> None:
    """Deleted slips leave the files as well: pages are overwritten (secure_delete), the log is emptied."""
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            busy, *_pages = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:  # somebody still reads what was there before; by night nobody does
                log.warning("storage_not_cleaned")
        else:
            cursor.execute(f"VACUUM {connection.ops.quote_name(Slip._meta.db_table)}")
