"""Telling every process that a meeting changed: never what, so that nothing can leak or be lost on the way."""

from __future__ import annotations

import functools
import time

import structlog
from django.conf import settings
from django.db import transaction
from redis import Redis
from redis.exceptions import RedisError

from .registry import registry

log = structlog.get_logger(__name__)

CHANNEL = "village-portal:meetings"
# A publish must never hold up an answer: Redis away costs one short timeout, then silence for a while.
TIMEOUT = 0.2
QUIET_AFTER_FAILURE = 5.0

_quiet_until = 0.0


@functools.cache
def _redis(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)


def announce(meeting_id: int) -> None:
    """Mark the meeting as changed once the running transaction is committed (at once outside of one)."""
    transaction.on_commit(functools.partial(_tell, meeting_id))


def _tell(meeting_id: int) -> None:
    global _quiet_until
    registry.mark_from_thread(meeting_id)
    if not settings.REDIS_URL or time.monotonic() < _quiet_until:
        return
    try:
        _redis(settings.REDIS_URL).publish(CHANNEL, str(meeting_id))
    except (RedisError, OSError) as error:
        # The commit stands; sockets catch up at their next beat.
        _quiet_until = time.monotonic() + QUIET_AFTER_FAILURE
        log.warning("announce_failed", error=type(error).__name__)
