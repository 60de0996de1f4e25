"""Many hands at once: threads that start together, each with a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import OperationalError, connections

LIMIT = 60.0  # seconds after which a test that hangs fails instead


def all_at_once(acts: Sequence[Callable[[], Any]], *, threads: int = 16) -> list[Any]:
    """Carry the acts out, in their order, over several threads; the answer of each, or the exception it raised."""
    answers: list[Any] = [None] * len(acts)
    numbers = iter(range(len(acts)))
    drawing = threading.Lock()
    start = threading.Barrier(min(threads, len(acts)))

    def work() -> None:
        try:
            start.wait(LIMIT)
            while True:
                with drawing:
                    number = next(numbers, None)
                if number is None:
                    return
                try:
                    answers[number] = acts[number]()
                except Exception as error:  # noqa: BLE001  the test judges what was raised
                    answers[number] = error
        finally:
            # The database is thrown away after the test, so no connection may outlive its thread.
            connections.close_all()

    workers = [threading.Thread(target=work, daemon=True) for _ in range(start.parties)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(LIMIT)
    assert not any(worker.is_alive() for worker in workers), "somebody waits for ever"
    return answers


def kinds(answers: Sequence[Any]) -> dict[str, int]:
    """How often each kind of answer was given, by the name of its class; what the database refuses, in its words."""
    names = [_name(answer) for answer in answers]
    return {name: names.count(name) for name in sorted(set(names))}


def _name(answer: Any) -> str:
    name = type(answer).__name__
    return f"{name}: {answer}" if isinstance(answer, OperationalError) else name
