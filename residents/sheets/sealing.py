"""A sheet between its preview and its second person: sealed, because it holds phones."""

from __future__ import annotations

import json
import zlib

from residents.phones import open_text, seal_text

from .people import People, PersonRow


def seal_people(people: People) -> bytes:
    """The people of a sheet without problems, compressed and sealed under FIELD_KEY."""
    told = {"rows": people.rows, "people": [person.as_json() for person in people.people]}
    return seal_text(zlib.compress(json.dumps(told, ensure_ascii=False).encode()))


def open_people(sealed: bytes) -> People:
    """The people again. Raises cryptography.fernet.InvalidToken when FIELD_KEY is another."""
    told = json.loads(zlib.decompress(open_text(sealed)))
    return People(told["rows"], [PersonRow.from_json(one) for one in told["people"]], [], [])
