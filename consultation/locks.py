"""Casting and closing exclude each other; casters do not wait for one another. One clock: the database's."""

from __future__ import annotations

import datetime
import sqlite3
import threading
from contextlib import AbstractContextManager, nullcontext

from django.db import OperationalError, connection

from .errors import DatabaseBusy
from .models import Meeting, Motion


def database_now() -> datetime.datetime:
    """The database's time, UTC-aware; to be read after the lock."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT CLOCK_TIMESTAMP()")
            return cursor.fetchone()[0]
        cursor.execute("SELECT STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')")
        return datetime.datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=datetime.UTC)


def lock_meeting(meeting: Meeting) -> Meeting:
    """The meeting's row, read again under a lock that opening, check-in and closing share."""
    return Meeting.objects.select_for_update(of=("self",)).select_related("village", "preset").get(pk=meeting.pk)


class _Turns:
    """One writer of this process at a time.

    Where another process keeps SQLite's lock until the patience of the one whose turn it is runs out, all who queued
    behind are refused with that one, instead of waiting as long each in turn; and until somebody gets the lock again,
    the next only look whether it is free.
    """

    LOOK = 500  # milliseconds

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_vain = 0  # how many times somebody waited for nothing
        self._stuck = False
        self._patience: int | None = None  # of the connection whose turn it is, while it is shortened

    def __enter__(self) -> None:
        before = self._in_vain
        self._lock.acquire()
        if self._in_vain != before:
            self._lock.release()
            raise DatabaseBusy
        try:
            if self._stuck:
                self._patience = _busy_timeout()
                _busy_timeout(self.LOOK)
        except BaseException:
            self._leave()
            raise

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._stuck = _was_locked(error)
        self._in_vain += self._stuck
        self._leave()
        if self._stuck:
            raise DatabaseBusy from error

    def _leave(self) -> None:
        try:
            if self._patience is not None:
                _busy_timeout(self._patience)
        finally:
            self._patience = None
            self._lock.release()


def _busy_timeout(milliseconds: int | None = None) -> int:
    """How long this connection waits for SQLite's lock; with a number, from now on that long."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout" + (f" = {milliseconds:d}" if milliseconds is not None else ""))
        return int(cursor.fetchone()[0])


def _was_locked(error: BaseException | None) -> bool:
    """Whether SQLite gave up waiting for another process: nothing was written then."""
    if not isinstance(error, OperationalError):
        return False
    code: int = getattr(error.__cause__, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return code & 0xFF == sqlite3.SQLITE_BUSY


_turns = _Turns()


def casting_turn() -> AbstractContextManager[object]:
    """To be held around a ballot's whole transaction: on SQLite, whose writers come one by one anyway, the threads of
    this process queue here; its own waiting is a sleep of up to a tenth of a second. Elsewhere nothing.

    Raises DatabaseBusy when another process does not let go of the database; then nothing is recorded.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        return _turns
    return nullcontext()


def share_casting(motion_id: int) -> None:
    """What every ballot takes: many at once, but never together with a closing."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [motion_id])
    # On SQLite BEGIN IMMEDIATE has already made this the only writer.


def stop_casting(motion: Motion) -> Motion:
    """What closing takes: waits for ballots in flight, keeps new ones out; the motion read again behind it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [motion.pk])
    return (
        Motion.objects.select_for_update(of=("self",)).select_related("meeting", "meeting__village").get(pk=motion.pk)
    )
