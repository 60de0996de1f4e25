"""The statements of one ballot, written by hand: a full hall casts hundreds a second, and the ORM would take longer to
compose each of these than the database to answer it. Nothing here decides.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection

from .models import Ballot, Motion, RosterEntry

LARGEST = 2**31 - 1  # what a number in an address may be for the databases to take it

_PAPER = """
SELECT motion.id, motion.village_id, motion.meeting_id, motion.secret, entry.id, entry.name, EXISTS (
  SELECT 1 FROM consultation_proxy proxy WHERE proxy.grantor_id = entry.id AND proxy.ended_at IS NULL
)
FROM consultation_motion motion
JOIN consultation_meeting meeting ON meeting.id = motion.meeting_id
JOIN residents_village village ON village.id = meeting.village_id
LEFT JOIN consultation_roster roster ON roster.meeting_id = meeting.id
LEFT JOIN consultation_rosterentry entry ON entry.roster_id = roster.id AND entry.number = %s AND (EXISTS (
  SELECT 1 FROM residents_claim claim
  WHERE claim.resident_id = entry.resident_id AND claim.user_id = %s AND claim.state = 'confirmed'
) OR EXISTS (
  SELECT 1 FROM consultation_proxy proxy
  JOIN consultation_rosterentry holder ON holder.id = proxy.holder_id
  JOIN residents_claim claim ON claim.resident_id = holder.resident_id
  WHERE proxy.grantor_id = entry.id AND (motion.opening IS NULL OR proxy.granted_after < motion.opening)
    AND (proxy.ended_at IS NULL OR proxy.ended_after >= motion.opening)
    AND claim.user_id = %s AND claim.state = 'confirmed' AND claim.relation = 'self'
))
WHERE village.slug = %s AND meeting.number = %s AND motion.number = %s
"""

# `+ 0` keeps the databases from walking the whole meeting's attendances by its index instead of this unit's few.
_STANDING = """
SELECT motion.state, motion.method, motion.secret, motion.changeable, motion.key_ref, EXISTS (
  SELECT 1 FROM consultation_attendance stay
  WHERE stay.entry_id = %s AND stay.meeting_id + 0 = motion.meeting_id AND stay.voided_at IS NULL
    AND stay.came_after < motion.opening AND (stay.left_after IS NULL OR stay.left_after >= motion.opening)
)
FROM consultation_motion motion WHERE motion.id = %s
"""

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
_BALLOT_FIELDS = ["id", "village_id", "motion_id", "entry_id", "choice", "channel", "key", "recorded_by_id"]


@dataclass(frozen=True)
class Paper:
    """A ballot paper as it was handed in: the motion, and the voting unit if the account may act for it.

    Both hold only their keys (and the unit its name); anything else is loaded when asked for.
    """

    motion: Motion
    entry: RosterEntry | None
    granted: bool  # somebody holds a grant of this unit's; who voted may be that one or the unit itself


def find_paper(*, village: str, meeting: int, motion: int, entry: int, user_id: int) -> Paper | None:
    """By the numbers of an address and a form; None when there is no such motion."""
    if max(meeting, motion, entry) > LARGEST:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_PAPER, [entry, user_id, user_id, village, meeting, motion])
        row = cursor.fetchone()
    if row is None:
        return None
    put = Motion.from_db(DEFAULT_DB_ALIAS, ["id", "village_id", "meeting_id", "secret"], row[:4])
    unit = None
    if row[4] is not None:
        unit = RosterEntry.from_db(DEFAULT_DB_ALIAS, ["id", "number", "name"], [row[4], entry, row[5]])
    return Paper(put, unit, bool(row[6]))


@dataclass(frozen=True)
class Standing:
    """What a ballot is judged by, behind the lock."""

    state: str
    method: str
    secret: bool
    changeable: bool
    key_ref: str
    present: bool


def standing(motion: Motion, entry: RosterEntry) -> Standing:
    """One query: is the motion open now, and was this unit there when it opened (Attendance.present_at)?"""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [entry.pk, motion.pk])
        state, method, secret, changeable, key_ref, present = cursor.fetchone()
    return Standing(state, method, bool(secret), bool(changeable), key_ref, bool(present))


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
    return Ballot.from_db(DEFAULT_DB_ALIAS, _BALLOT_FIELDS, [number, *unit, choice, channel, key, recorded_by_id])


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
