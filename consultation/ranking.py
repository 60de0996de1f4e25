"""Points of options that people put in order (Borda's count). Imports neither Django nor models.

Of n options the place p on a ballot is worth n − p points and an option left out nothing: anybody can count it again on
a blackboard, and what was counted in two places is added up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from votelib.component.rankscore import Borda
from votelib.convert import RankedToPositionalVotes

_FROM_NOUGHT = 0  # what the last place is worth


def points(keys: Sequence[str], counts: Mapping[str, int]) -> dict[str, int]:
    """The points of each of these options; `counts` has how many put an option at a place, by `1A`, `2A`, `1B`…"""
    nobody: frozenset[str] = frozenset()
    ballots = {tuple(frozenset({key}) for key in keys): 0}  # so that those whom nobody ranked are known too
    for place in range(1, len(keys) + 1):
        for key in keys:
            ballots[(*[nobody] * (place - 1), frozenset({key}))] = counts.get(f"{place}{key}", 0)
    found = RankedToPositionalVotes(Borda(base=_FROM_NOUGHT)).convert(ballots)
    return {key: int(found[key]) for key in keys}
