"""What the server side spends: processor seconds and memory of whole process trees."""

import contextlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import psutil


class Use(NamedTuple):
    """Processor seconds since the processes began (user and system), resident bytes now."""

    cpu: float
    memory: int


def use_of(pids: Iterable[int]) -> Use:
    """Sum over the processes and all their children, those that have ended included."""
    cpu, memory = 0.0, 0
    for process in _trees(pids):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            # A child that ends moves into its parent's children_*, so the sum never falls.
            cpu += times.user + times.system
            cpu += times.children_user + times.children_system
            memory += process.memory_info().rss
    return Use(cpu, memory)


def _trees(pids: Iterable[int]) -> Iterator[psutil.Process]:
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            root = psutil.Process(pid)
            yield root
            yield from root.children(recursive=True)
