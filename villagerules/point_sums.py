"""What lines of points sum up to. Imports neither Django nor models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LEAST_FOR_BANDS = 10  # households: among fewer, a band says who stands where
THIRDS = 3


@dataclass(frozen=True)
class PointsLine:
    """A valid line: points up or down, and whether the assembly let it go below nothing."""

    points: int
    below_zero: bool = False


def counted(lines: Iterable[PointsLine]) -> list[int]:
    """What each line counts, in their order: a deduction takes no more than there is, unless the assembly said so."""
    total, found = 0, []
    for line in lines:
        taken = line.points if line.points >= 0 or line.below_zero else max(line.points, -max(total, 0))
        total += taken
        found.append(taken)
    return found


def total(lines: Iterable[PointsLine]) -> int:
    """The sum of what they count: never below 0 where no line may go there."""
    return sum(counted(lines))


def third_of(mine: int, everybody: Sequence[int]) -> int | None:
    """In which third of the village a household stands, 0 for the first; who has as much as somebody stands beside
    them. None among too few households."""
    if len(everybody) < LEAST_FOR_BANDS:
        return None
    ahead = sum(1 for one in everybody if one > mine)
    return min(ahead * THIRDS // len(everybody), THIRDS - 1)
