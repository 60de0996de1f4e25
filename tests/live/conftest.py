from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import connections

from consultation.live import ticker
from tests.factories.consultation import Hall, make_hall


def _close_readers() -> None:
    """Close the connections of the board's reading threads: their database is about to be thrown away."""
    together = threading.Barrier(ticker._readers._max_workers, timeout=10)

    def close() -> None:
        together.wait()  # one job for each thread
        connections.close_all()

    for job in [ticker._readers.submit(close) for _ in range(together.parties)]:
        job.result(timeout=20)


@pytest.fixture
def watched_db(committed_db: None) -> Iterator[None]:
    """Real transactions, seen by the reading threads and by other processes."""
    yield
    _close_readers()


@pytest.fixture
def hall(watched_db: None) -> Hall:
    """A live meeting of six."""
    return make_hall()
