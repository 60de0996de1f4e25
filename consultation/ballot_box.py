"""The statements of one ballot, written by hand: a full hall casts hundreds a second, and the ORM would take longer to
compose each of these than the database to answer it. Nothing here refuses: what the quick way does not take is judged
by the rule (voting.require_right).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection
from django.utils import timezone

from residents.backends import ACCOUNT_COLUMNS, AccountRow
from residents.rows import as_read

from .models import Ballot, Motion, RosterEntry
from .options import Form, form_of

_YES_NO = Form()
LARGEST = 2**31 - 1  # what a number in an address may be for the databases to take it

# The paper, the session it came with and the unit's own accounts in one statement: each that is asked on its own costs
# its thread a wait. Which of the accounts is signed in only the session says, once it is opened.
_PAPER = f"""
SELECT session.session_data, motion.id, motion.village_id, motion.meeting_id, motion.secret, entry.id, entry.name,
  EXISTS (SELECT 1 FROM consultation_proxy proxy WHERE proxy.grantor_id = entry.id AND proxy.ended_at IS NULL),
  {ACCOUNT_COLUMNS}
FROM consultation_motion motion
JOIN consultation_meeting meeting ON meeting.id = motion.meeting_id
JOIN residents_village village ON village.id = meeting.village_id
LEFT JOIN django_session session ON session.session_key = %s AND session.expire_date > %s
LEFT JOIN consultation_roster roster ON roster.meeting_id = meeting.id
LEFT JOIN consultation_rosterentry entry ON entry.roster_id = roster.id AND entry.number = %s
LEFT JOIN residents_claim claim ON claim.resident_id = entry.resident_id AND claim.state = 'confirmed'
LEFT JOIN residents_user account ON account.id = claim.user_id
WHERE village.slug = %s AND meeting.number = %s AND motion.number = %s
"""  # noqa: S608  names of our own columns

_HELD = """
SELECT 1 FROM consultation_proxy proxy
JOIN consultation_rosterentry holder ON holder.id = proxy.holder_id
JOIN residents_claim claim ON claim.resident_id = holder.resident_id
JOIN consultation_motion motion ON motion.id = %s
WHERE proxy.grantor_id = %s AND (motion.opening IS NULL OR proxy.granted_after < motion.opening)
  AND (proxy.ended_at IS NULL OR proxy.ended_after >= motion.opening)
  AND claim.user_id = %s AND claim.state = 'confirmed' AND claim.relation = 'self'
"""

# Was this unit there when the motion opened (Attendance.present_at)? `+ 0` keeps the databases from walking the whole
# meeting's attendances by its index instead of this unit's few.
_PRESENT = """EXISTS (
  SELECT 1 FROM consultation_attendance stay
  WHERE stay.entry_id = %s AND stay.meeting_id + 0 = motion.meeting_id AND stay.voided_at IS NULL
    AND stay.came_after < motion.opening AND (stay.left_after IS NULL OR stay.left_after >= motion.opening)
)"""
_STANDING = f"""
SELECT motion.state, motion.method, motion.secret, motion.changeable, motion.key_ref, {_PRESENT},
  motion.kind, motion.options, motion.most
FROM consultation_motion motion WHERE motion.id = %s
"""  # noqa: S608  our own text

_MARK = "INSERT INTO consultation_mark (village_id, motion_id, entry_id) VALUES (%s, %s, %s)"
# `cast_at` is the database's own default.
_BALLOT = """
INSERT INTO consultation_ballot (village_id, motion_id, entry_id, choice, channel, key, recorded_by_id)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
_MARK_AND_BALLOT = f"WITH mark AS ({_MARK}) {_BALLOT} RETURNING id"
_SLIP = "INSERT INTO consultation_slip (key, village_id, motion_id, payload) VALUES (%s, %s, %s, %s)"
# A second try fails without an error: PostgreSQL writes statements that fail into its log, unit and slip in one line.
_MARK_ONCE = f"{_MARK} ON CONFLICT DO NOTHING RETURNING id"
_SLIP_ONCE = """
INSERT INTO consultation_slip (key, village_id, motion_id, payload) SELECT %s, %s, %s, %s FROM mark
ON CONFLICT DO NOTHING
"""
_MARK_AND_SLIP = f"WITH mark AS ({_MARK_ONCE}) {_SLIP_ONCE}"
# The quick way's mark, for what nothing speaks against: a yes/no motion open for ballots by name and by phone, a unit
# there.
_PLAIN_MARK = f"""
INSERT INTO consultation_mark (village_id, motion_id, entry_id) SELECT %s, motion.id, %s FROM consultation_motion motion
WHERE motion.id = %s AND motion.state = 'open' AND NOT motion.secret AND motion.kind = 'yes_no'
  AND motion.method IN ({", ".join(f"'{method.value}'" for method in Motion.BY_PHONE)}) AND {_PRESENT}
"""  # noqa: S608  our own text
# One message, which PostgreSQL makes one transaction of. Each of its statements sees what was committed before it
# began: the second one sees a closing that the first one waited for.
_LOCK_MARK_AND_BALLOT = f"""
SELECT pg_advisory_xact_lock_shared(%s);
WITH mark AS ({_PLAIN_MARK} RETURNING entry_id)
INSERT INTO consultation_ballot (village_id, motion_id, entry_id, choice, channel, key, recorded_by_id)
SELECT %s, %s, mark.entry_id, %s, 'online', %s, NULL FROM mark RETURNING id
"""  # noqa: S608  our own text


@dataclass(frozen=True)
class Paper:
    """A ballot paper as it was handed in: the motion, the unit, the session it came with and the unit's own accounts.

    Motion and unit hold only their keys (and the unit its name); anything else is loaded when asked for.
    """

    motion: Motion
    entry: RosterEntry | None
    granted: bool  # somebody holds a grant of this unit's; who voted may be that one or the unit itself
    session_data: str | None
    accounts: Mapping[int, AccountRow]

    def entry_for(self, user_id: int) -> RosterEntry | None:
        """The unit, if this account may act for it: it is one of the unit's own, or holds the unit's grant."""
        if self.entry is None or user_id in self.accounts:
            return self.entry
        with connection.cursor() as cursor:
            cursor.execute(_HELD, [self.motion.pk, self.entry.pk, user_id])
            return self.entry if cursor.fetchone() else None


def find_paper(*, village: str, meeting: int, motion: int, entry: int, session_key: str | None = None) -> Paper | None:
    """By the numbers of an address and a form; None when there is no such motion."""
    if max(meeting, motion, entry) > LARGEST:
        return None
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(_PAPER, [session_key, now, entry, village, meeting, motion])
        rows = cursor.fetchall()
    if not rows:
        return None
    session_data, number, village_id, meeting_id, secret, unit, name, granted = rows[0][:8]
    return Paper(
        as_read(Motion, id=number, village_id=village_id, meeting_id=meeting_id, secret=secret),
        as_read(RosterEntry, id=unit, number=entry, name=name) if unit else None,
        bool(granted),
        session_data,
        {row[8]: row[8:] for row in rows if row[8] is not None},
    )


@dataclass(frozen=True)
class Standing:
    """What a ballot is judged by, behind the lock."""

    state: str
    method: str
    secret: bool
    changeable: bool
    key_ref: str
    present: bool
    form: Form = _YES_NO


def standing(motion: Motion, entry: RosterEntry) -> Standing:
    """One query: is the motion open now, and was this unit there when it opened?"""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [entry.pk, motion.pk])
        state, method, secret, changeable, key_ref, present, kind, options, most = cursor.fetchone()
    form = _YES_NO if kind == Motion.Kind.YES_NO.value else form_of(kind, json.loads(options), most)
    return Standing(state, method, bool(secret), bool(changeable), key_ref, bool(present), form)


def drop_in(
    motion: Motion, entry: RosterEntry, *, choice: str, channel: str, key: str, recorded_by_id: int | None
) -> Ballot:
    """Write the mark and the recorded ballot. Raises IntegrityError when the unit has its mark already."""
    unit = (motion.village_id, motion.pk, entry.pk)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # both in one round trip
            cursor.execute(_MARK_AND_BALLOT, [*unit, *unit, choice, channel, key, recorded_by_id])
            number = cursor.fetchone()[0]
        else:
            cursor.execute(_MARK, unit)
            cursor.execute(_BALLOT, [*unit, choice, channel, key, recorded_by_id])
            number = cursor.lastrowid
    return _recorded(number, motion, entry, choice, channel, key, recorded_by_id)


def _recorded(
    number: int, motion: Motion, entry: RosterEntry, choice: str, channel: str, key: str, recorded_by_id: int | None
) -> Ballot:
    return as_read(
        Ballot, id=number, village_id=motion.village_id, motion_id=motion.pk, entry_id=entry.pk, choice=choice,
        channel=channel, key=key, recorded_by_id=recorded_by_id,
    )  # fmt: skip


def drop_in_at_once(motion: Motion, entry: RosterEntry, *, choice: str, key: str) -> Ballot | None:
    """A ballot by phone in a transaction of its own, committed when this returns, if nothing speaks against it.

    None when it was not taken, or when a transaction is running already: then the rule judges it. Raises IntegrityError
    when the unit has its mark already. On SQLite to be called in one's casting turn.
    """
    if not connection.get_autocommit():
        return None
    at_once = _in_one_message if connection.vendor == "postgresql" else _step_by_step
    unit = (motion.village_id, motion.pk, entry.pk)
    mark = (motion.village_id, entry.pk, motion.pk, entry.pk)
    with connection.cursor() as cursor:
        number = at_once(cursor, unit, mark, choice, key)
    if number is None:
        return None
    return _recorded(number, motion, entry, choice, Ballot.Channel.ONLINE, key, None)


def _in_one_message(cursor: Any, unit: tuple[int, ...], mark: tuple[int, ...], choice: str, key: str) -> int | None:
    cursor.execute(_LOCK_MARK_AND_BALLOT, [unit[1], *mark, *unit[:2], choice, key])
    cursor.nextset()
    row = cursor.fetchone()
    return row[0] if row else None


def _step_by_step(cursor: Any, unit: tuple[int, ...], mark: tuple[int, ...], choice: str, key: str) -> int | None:
    """Django's own `atomic` asks and sets more around these four than they take themselves."""
    cursor.execute("BEGIN IMMEDIATE")
    try:
        cursor.execute(_PLAIN_MARK, mark)
        if not cursor.rowcount:
            cursor.execute("ROLLBACK")
            return None
        cursor.execute(_BALLOT, [*unit, choice, "online", key, None])
        number: int = cursor.lastrowid
        cursor.execute("COMMIT")
    except BaseException:
        # A commit that failed for want of room has ended the transaction itself.
        if connection.connection.in_transaction:
            cursor.execute("ROLLBACK")
        raise
    return number


def slip_in(motion: Motion, entry: RosterEntry, *, slip: str, payload: bytes) -> None:
    """Write the mark and the sealed slip. Raises IntegrityError when the unit has its mark or the key is taken."""
    with connection.cursor() as cursor:
        unit = (motion.village_id, motion.pk, entry.pk)
        paper = (slip, motion.village_id, motion.pk, payload)
        if connection.vendor == "postgresql":
            cursor.execute(_MARK_AND_SLIP, [*unit, *paper])
            if cursor.rowcount != 1:
                raise IntegrityError("the unit has its mark, or the slip's key is taken")
        else:
            cursor.execute(_MARK, unit)
            cursor.execute(_SLIP, paper)
