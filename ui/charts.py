"""Sizes for bars drawn as SVG attributes: styles in attributes are forbidden by our policy. Whole percents, pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    key: str
    label: str
    count: int
    percent: int


def percent(part: int, whole: int) -> int:
    """How many hundredths of the whole, held between 0 and 100; anything above zero stays visible."""
    if part <= 0 or whole <= 0:
        return 0
    return max(1, min(100, part * 100 // whole))


def bars(counts: Mapping[str, int], labels: Mapping[str, str], *, base: int = 0) -> list[Bar]:
    """One bar per choice, as wide as its share of `base` (or of all votes)."""
    whole = base or sum(counts.values())
    return [Bar(key, str(labels[key]), counts[key], percent(counts[key], whole)) for key in counts]
