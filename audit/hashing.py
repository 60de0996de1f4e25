"""What an entry's hash is taken over: canonical JSON of all its fields.

Never to be changed, or what was written before would no longer verify.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from typing import Protocol

FORMAT = "village-audit-1"
FIRST = ""  # what stands before the first entry of a chain


class Entry(Protocol):
    """What is hashed of an entry, as it reads back from the database."""

    pk: int
    village_id: int | None
    actor_id: int | None
    actor_name: str
    action: str
    subject: str
    detail: object
    at: datetime.datetime


def chain_of(entry: Entry) -> int:
    """The chain an entry belongs to: its village's number, 0 for the site's own."""
    return entry.village_id or 0


def entry_text(entry: Entry, *, number: int, previous: str) -> str:
    """Canonical JSON: sorted keys, no spaces, the time in UTC with microseconds."""
    body = {
        "format": FORMAT,
        "number": number,
        "previous": previous,
        "id": entry.pk,
        "village": entry.village_id,
        "actor": entry.actor_id,
        "actor_name": entry.actor_name,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
        "at": entry.at.astimezone(datetime.UTC).isoformat(timespec="microseconds"),
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def entry_hash(entry: Entry, *, number: int, previous: str) -> str:
    """64 hex digits of SHA-256 of the text's UTF-8; half a pair of surrogates, which SQLite keeps, is no obstacle."""
    text = entry_text(entry, number=number, previous=previous)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
