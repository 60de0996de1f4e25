"""Advocated standards beside what an event came to: which of them speak of it, and what lies beyond them.

They are advocated (提倡): the answer is shown in soft words and has no consequence. Imports neither Django nor models.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TABLES, DAYS, GIFT = "tables", "days", "gift"
MOST_LINES, ITEM_MOST, UNIT_MOST, LIMIT_MOST = 30, 30, 6, 1_000_000
ADVOCATED = "提倡"  # untranslated: as it is kept; another nature there is none
_LINE = re.compile(r"^(?P<item>[^0-9]*[^0-9：:，,.．\s])[：:，,\s]*(?P<limit>[0-9]{1,7})\s*(?P<unit>[^0-9\s]+)$")


class NoStandard(ValueError):
    """A line that is none: `line` counts from 1."""

    def __init__(self, line: int, words: str) -> None:
        super().__init__(words)
        self.line, self.words = line, words


def read_standards(text: str) -> list[dict[str, Any]]:
    """One a line, 红事桌数 20 桌, as a version keeps them. Empty lines are left out.

    Raises NoStandard for a line without a name, a whole number and its unit, too long or said before; and for the first
    line that is too many.
    """
    found: list[dict[str, Any]] = []
    for at, line in enumerate(text.splitlines(), start=1):
        words = line.strip()
        if not words:
            continue
        read = _LINE.match(words)
        if read is None or len(read["item"]) > ITEM_MOST or len(read["unit"]) > UNIT_MOST:
            raise NoStandard(at, words)
        limit = int(read["limit"])
        if limit > LIMIT_MOST or any(one["item"] == read["item"] for one in found) or len(found) == MOST_LINES:
            raise NoStandard(at, words)
        found.append({"item": read["item"], "limit": limit, "unit": read["unit"], "nature": ADVOCATED})
    return found


def written(told: Sequence[Mapping[str, Any]]) -> str:
    """The lines that `read_standards` reads."""
    return "\n".join(f"{one.get('item', '')} {one.get('limit', '')} {one.get('unit', '')}" for one in told)


@dataclass(frozen=True)
class Standard:
    """`item` 红事桌数, at most `limit` of `unit`; `measure` is TABLES, DAYS or GIFT, empty for what nobody notes here
    (the price of a packet of cigarettes)."""

    item: str
    limit: int
    unit: str
    measure: str


def standards_for(word: str, words: Iterable[str], told: Sequence[Mapping[str, Any]]) -> list[Standard]:
    """Those of a version's `standards` that speak of a kind of event: they name its `word` (红事), or none of the
    `words` of all kinds. A line without a whole number is left out."""
    others = {one for one in words if one and one != word}
    found = []
    for line in told:
        item, limit, unit = str(line.get("item", "")), line.get("limit"), str(line.get("unit", ""))
        if not isinstance(limit, int) or isinstance(limit, bool) or not item:
            continue
        if word in item or not any(one in item for one in others):
            found.append(Standard(item, limit, unit, _measure(item, unit)))
    return found


def _measure(item: str, unit: str) -> str:
    if unit == "桌":  # untranslated: as rules write it
        return TABLES
    if unit == "天":  # untranslated: as rules write it
        # 红事提前15天: how early, not how long
        return "" if "提前" in item else DAYS  # untranslated: as rules write it
    return GIFT if unit == "元" and "礼" in item else ""  # untranslated: as rules write it


def beyond(standards: Iterable[Standard], came_to: Mapping[str, int | None]) -> list[Standard]:
    """Those that the numbers go beyond; `came_to` by TABLES, DAYS and GIFT. The limit itself is within."""
    return [one for one in standards if _number(one, came_to) > one.limit]


def within(standards: Iterable[Standard], came_to: Mapping[str, int | None]) -> bool | None:
    """Whether all numbers that are known lie within; None where no standard speaks of any of them."""
    held = [one for one in standards if one.measure and came_to.get(one.measure) is not None]
    return not beyond(held, came_to) if held else None


def _number(standard: Standard, came_to: Mapping[str, int | None]) -> int:
    return (came_to.get(standard.measure) or 0) if standard.measure else 0
