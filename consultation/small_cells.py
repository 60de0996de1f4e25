"""Which cells of a breakdown may be shown: none of fewer than ten people, and none that gives such a one away.

Whoever knows a total subtracts from it what is shown; so what is hidden is never one cell alone, and never fewer than
ten people together.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

LEAST = 10  # a promise to residents, no figure of the law: a breakdown of fewer is never published

Key = TypeVar("Key", bound=Hashable)


def shown_cells(people: Mapping[Key, int], *, least: int = LEAST) -> frozenset[Key]:
    """The keys that may be shown beside the total of all, by how many people each cell holds; empty cells aside."""
    by_size = sorted((key for key in people if people[key] > 0), key=lambda key: people[key])
    hidden = [key for key in by_size if people[key] < least]
    if not hidden:
        return frozenset(by_size)
    shown = by_size[len(hidden) :]
    while shown and (len(hidden) < 2 or sum(people[key] for key in hidden) < least):
        hidden.append(shown.pop(0))
    return frozenset(shown)
