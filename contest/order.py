"""A fair order: by chance for each visitor, and the same for that visitor each time; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import TypeVar

Thing = TypeVar("Thing")


def shuffled(things: Iterable[Thing], seed: str, key: Callable[[Thing], object]) -> list[Thing]:
    """In an order that hangs on `seed` and each thing's own `key`: what comes or goes leaves the others' order."""
    return sorted(things, key=lambda one: hashlib.sha256(f"{seed}:{key(one)}".encode()).digest())
