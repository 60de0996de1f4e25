"""Telling every process that a meeting changed: never what, so that nothing can leak or be lost on the way."""

from __future__ import annotations

import functools
import os
import threading
import time

import structlog
from django.conf import settings
from django.db import transaction
from redis import Redis
from redis.exceptions import RedisError

from .registry import registry

log = structlog.get_logger(__name__)

CHANNEL = "village-portal:meetings"
# Redis away costs short timeouts in a thread of its own, then silence for a while; never an answer.
TIMEOUT = 0.2
QUIET_AFTER_FAILURE = 5.0
# Seconds between two rounds of publishing: screens are fed at most every 200 ms, so sooner would be for nothing.
ROUND = 0.05
# The same while no other process listens: one that begins to reads everything anew (bridge.py).
ROUND_ALONE = 1.0


class _Crier:
    """Publishes what this process announced: the first at once, what follows gathered into rounds.

    A round that is lost (Redis away, the process killed) is made up for by the screens' next beat. Where one process
    is the whole site, telling itself what it knows would cost a tenth of a ballot.
    """

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
        self._changed: set[int] = set()
        self._lock = threading.Lock()
        self._called = threading.Event()
        threading.Thread(target=self._serve, name="crier", daemon=True).start()

    def tell(self, meeting_id: int) -> None:
        with self._lock:
            self._changed.add(meeting_id)
        self._called.set()

    def _serve(self) -> None:
        while True:
            self._called.wait()
            self._called.clear()
            with self._lock:
                changed, self._changed = self._changed, set()
            time.sleep(self._publish(changed))

    def _publish(self, meeting_ids: set[int]) -> float:
        """Returns how many seconds the next round waits for."""
        try:
            heard = [self._redis.publish(CHANNEL, str(meeting_id)) for meeting_id in meeting_ids]
        except (RedisError, OSError) as error:
            # The commit stands; sockets catch up at their next beat.
            log.warning("announce_failed", error=type(error).__name__)
            return QUIET_AFTER_FAILURE
        return ROUND if max(heard, default=0) > registry.listening else ROUND_ALONE


@functools.cache
def _crier(process: int, url: str) -> _Crier:
    """One for each process: threads don't survive the fork of a worker."""
    return _Crier(url)


def announce(meeting_id: int) -> None:
    """Mark the meeting as changed once the running transaction is committed (at once outside of one)."""
    transaction.on_commit(functools.partial(_tell, meeting_id))


def _tell(meeting_id: int) -> None:
    registry.mark_from_thread(meeting_id)
    if settings.REDIS_URL:
        _crier(os.getpid(), settings.REDIS_URL).tell(meeting_id)
