"""Entries of another time, the last step of a transaction that a test never commits, and the guards taken down."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from django.db import connection

from audit import guards
from audit.chain import append
from audit.models import AuditEntry


def make_entry(**fields: Any) -> AuditEntry:
    """As `audit.log.record` writes it, but of a given time (`at`)."""
    entry = AuditEntry.objects.create(**{"action": "open_meeting", "subject": "村民会议"} | fields)
    append(entry)
    return entry


def settle() -> None:
    """Do what PostgreSQL leaves for just before the commit, in a test whose transaction is rolled back."""
    if hasattr(connection, "finish"):
        connection.finish()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@contextlib.contextmanager
def unguarded() -> Iterator[None]:
    """As somebody who owns the server: the guards are down meanwhile."""
    guards.take_down(connection)
    try:
        yield
    finally:
        guards.put_up(connection)
