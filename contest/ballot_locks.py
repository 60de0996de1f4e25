"""Casting and counting of the public's ballots exclude each other; voters do not wait for one another."""

from __future__ import annotations

from django.db import connection

from .models import Contest

_CONTESTS = 7211  # the advisory locks' family; those of motions have one number only


def share_voting(contest_id: int) -> None:
    """What every ballot takes in its transaction: many at once, never together with `stop_voting`."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [_CONTESTS, contest_id])
    # On SQLite BEGIN IMMEDIATE has already made this the only writer.


def stop_voting(contest: Contest) -> Contest:
    """What locking the scores and deciding on ballots take: waits for ballots under way, keeps new ones out until the
    transaction ends; the contest read again behind it, under its row's lock."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_CONTESTS, contest.pk])
    return Contest.objects.select_for_update(of=("self",)).get(pk=contest.pk)
