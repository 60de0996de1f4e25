"""Judges whose total for an entry lies far from the others'; pure. Shown after the lock, and nothing follows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

JUDGES_FEWEST = 4  # of fewer nobody can be told from the rest
POINTS_FEWEST = Fraction(10)  # out of 100: less is taste
SPREADS = 3


@dataclass(frozen=True)
class Outlier:
    """`total` and `middle`, the median of the others', are out of 100."""

    entry: str
    judge: str
    total: Fraction
    middle: Fraction


def outliers(totals: Mapping[str, Mapping[str, Fraction]]) -> list[Outlier]:
    """Of totals by entry and judge: those at least 10 points from the median of the entry's other judges, and more than
    three times as far as these are from it in the mean. Where all others agree, 10 points suffice; where the jury
    is split in halves, nobody is one."""
    found = []
    for entry, of_judges in sorted(totals.items()):
        if len(of_judges) < JUDGES_FEWEST:
            continue
        for judge, total in sorted(of_judges.items()):
            others = [other for name, other in of_judges.items() if name != judge]
            middle = _median(others)
            spread = sum((abs(other - middle) for other in others), Fraction(0)) / len(others)
            away = abs(total - middle)
            if away >= POINTS_FEWEST and away > SPREADS * spread:
                found.append(Outlier(entry, judge, total, middle))
    return found


def _median(numbers: list[Fraction]) -> Fraction:
    ordered = sorted(numbers)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
