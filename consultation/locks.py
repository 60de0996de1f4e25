"""Casting and closing exclude each other; casters do not wait for one another. One clock: the database's."""

from __future__ import annotations

import datetime
import threading
from contextlib import AbstractContextManager, nullcontext

from django.db import connection

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


_writers = threading.Lock()


def casting_turn() -> AbstractContextManager[object]:
    """To be held around a ballot's whole transaction: on SQLite, whose writers come one by one anyway, the threads of
    this process queue here; its own waiting is a sleep of up to a tenth of a second. Elsewhere nothing."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        return _writers
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
