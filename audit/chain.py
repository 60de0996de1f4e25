"""Each entry's place in its village's chain, given as the last step of the transaction that wrote it.

Why last: whoever holds a chain waits for nothing more, so no two acts can wait for one another through it
(docs/decisions/0013-audit-chain.md).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from django.db import connection
from django.utils import timezone

from .hashing import FIRST, chain_of, entry_hash
from .models import AuditEntry, AuditHead, AuditLink

LOCKS = 0x41756469  # PostgreSQL: our own space of advisory locks, apart from those of motions


def append(entry: AuditEntry) -> None:
    """Give the entry its place before the transaction commits: at once where writers come one by one anyway (SQLite),
    else together with all others of the transaction, as its last step."""
    before_commit = getattr(connection, "before_commit", None)
    if before_commit is None:
        link([entry.pk])
    else:
        before_commit(link, entry.pk)


def link(ids: Sequence[int]) -> None:
    """Chain these entries in the order they were written; those that a savepoint took back are left out."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # References are checked now and not after the chain is taken: a check can wait for somebody else's row.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    # Read again: what is hashed is what the database gives back, its clock's time included.
    entries = list(AuditEntry.objects.filter(pk__in=ids).order_by("pk"))
    chains = {chain_of(entry) for entry in entries}
    take(chains)
    new = []
    for chain in sorted(chains):
        last = last_link(chain)
        mine = [entry for entry in entries if chain_of(entry) == chain]
        if last is not None:
            publish(last, day=day_of(mine[-1].at), whole_day=True)
        new += links_after(last, mine)
    AuditLink.objects.bulk_create(new, batch_size=500)


def links_after(last: AuditLink | None, entries: Iterable[AuditEntry]) -> list[AuditLink]:
    """The links of entries of one chain that come after `last`; nothing is written."""
    known, previous = (last.number, last.hash) if last else (0, FIRST)
    links = []
    for number, entry in enumerate(entries, start=known + 1):
        digest = entry_hash(entry, number=number, previous=previous)
        links.append(AuditLink(entry_id=entry.pk, chain=chain_of(entry), number=number, previous=previous, hash=digest))
        previous = digest
    return links


def take(chains: Iterable[int]) -> None:
    """Hold these chains until the transaction ends; always in one order, so that two can't hold one each."""
    if connection.vendor != "postgresql":
        return  # BEGIN IMMEDIATE has already made this the only writer
    with connection.cursor() as cursor:
        for key in sorted({chain % 2**31 for chain in chains}):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, key])


def last_link(chain: int) -> AuditLink | None:
    """Where the chain ends; to be read after it was taken."""
    return AuditLink.objects.filter(chain=chain).order_by("-number").first()


def publish(last: AuditLink, *, day: datetime.date, whole_day: bool = False) -> bool:
    """Make public where the chain stands, once a day and only if it grew since; whether that was done now.

    With `whole_day` not while `last` is of the same day: the first act of a day tells where the day before ended.
    """
    shown = AuditHead.objects.filter(chain=last.chain).first()
    if shown is not None and (shown.day >= day or shown.number >= last.number):
        return False
    if whole_day:
        before = AuditEntry.objects.filter(pk=last.entry_id).first()
        if before is not None and day_of(before.at) >= day:
            return False
    AuditHead.objects.create(chain=last.chain, day=day, number=last.number, hash=last.hash)
    return True


def day_of(at: datetime.datetime) -> datetime.date:
    """The site's calendar day, whatever zone a request speaks in."""
    return timezone.localdate(at, timezone.get_default_timezone())
