"""The locked numbers of a contest as one document, and the ranking that follows from it alone; pure.

{"schema": "contest-ranking/1", "contest": {"slug", "title"},
 "formula": {"criteria": [{"key", "label", "most"}], "expert_share", "public_method", "expert_method", "tie_rule"},
 "awards": [{"name", "count"}],
 "entries": [{"key", "title", "village", "raw", "removed", "votes", "sheets": [{"judge", "marks": {criterion: mark}}]}],
 "out": [{"key", "title", "reason"}]}
Marks and `most` are decimal numbers as text, `expert_share` is whole percent, votes are whole. Judges are called by
their number: who gave which mark is nobody's business but the organizers'. Lists stand in the order of their keys.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from .ranking import Candidate, Formula, Sheet, Standing, rank

SCHEMA = "contest-ranking/1"
Document = Mapping[str, Any]


def canonical(document: Document) -> str:
    """Sorted keys, no spaces: the same numbers are the same text, whichever database kept them."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(document: Document) -> str:
    """SHA-256 of the canonical form, 64 hex digits."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def in_order(document: Document) -> dict[str, Any]:
    """The same document with its lists in the order of their keys; criteria and awards keep theirs."""
    ordered = copy.deepcopy(dict(document))
    ordered["entries"] = sorted(ordered["entries"], key=lambda one: one["key"])
    for one in ordered["entries"]:
        one["sheets"] = sorted(one["sheets"], key=lambda sheet: sheet["judge"])
    return ordered


def ranked(document: Document) -> list[Standing]:
    """The ranking of a document. Raises RankingError."""
    said = document["formula"]
    formula = Formula(
        {one["key"]: Fraction(one["most"]) for one in said["criteria"]}, Fraction(said["expert_share"], 100),
        said["public_method"], said["expert_method"], said["tie_rule"],
    )  # fmt: skip
    return rank(
        formula,
        [
            Candidate(
                one["key"],
                one["votes"],
                [
                    Sheet(sheet["judge"], {key: Fraction(mark) for key, mark in sheet["marks"].items()})
                    for sheet in one["sheets"]
                ],
            )
            for one in document["entries"]
        ],
    )


def award_of(document: Document, place: int) -> str:
    """What that place wins, or nothing.

    Awards go by place, best first: with 4 and 4 of them, places 1 to 4 win the first, 5 to 8 the second. Those who
    share a place share its award, even where more win it then than were meant to; the place after them is lower by as
    many, so that the next award has that many fewer. A contest that wants it otherwise has a tie rule that parts them.
    """
    reached = 0
    for one in document["awards"]:
        reached += one["count"]
        if place <= reached:
            return str(one["name"])
    return ""


def without_entry(document: Document, key: str, reason: str) -> dict[str, Any]:
    """The document once an entry is out of it. Raises KeyError when it is not in it."""
    changed = copy.deepcopy(dict(document))
    gone = next((one for one in changed["entries"] if one["key"] == key), None)
    if gone is None:
        raise KeyError(key)
    changed["entries"] = [one for one in changed["entries"] if one["key"] != key]
    changed["out"] = [*changed.get("out", []), {"key": key, "title": gone["title"], "reason": reason}]
    return changed


def with_votes_removed(document: Document, key: str, number: int) -> dict[str, Any]:
    """The document once `number` more of an entry's votes do not count. Raises KeyError, and ValueError for more votes
    than it has or fewer than 1."""
    changed = copy.deepcopy(dict(document))
    one = next((one for one in changed["entries"] if one["key"] == key), None)
    if one is None:
        raise KeyError(key)
    if not 1 <= number <= one["votes"]:
        raise ValueError(number)
    one["votes"] -= number
    one["removed"] += number
    return changed


def written(score: Fraction) -> str:
    """An exact score as it is stored and published."""
    return f"{score.numerator}/{score.denominator}"
