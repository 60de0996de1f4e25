"""Hearing the announcements of other processes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from .announce import CHANNEL

if TYPE_CHECKING:
    from .registry import Registry

log = structlog.get_logger(__name__)


def _told_to_stop() -> bool:
    """The client's own timeout may swallow a cancellation; the task still remembers it."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def listen(registry: Registry) -> None:
    """Mark rooms as other processes announce them, for ever; comes back by itself when Redis was away."""
    if not settings.REDIS_URL:
        return
    pause = 0.5
    while True:
        client = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, health_check_interval=10)
        try:
            pubsub = client.pubsub(ignore_subscribe_messages=True)
            await pubsub.subscribe(CHANNEL)
            registry.listening = True
            registry.mark_all()  # whatever was announced while nobody listened
            pause = 0.5
            while not _told_to_stop():
                message = await pubsub.get_message(timeout=5)
                if message is not None:
                    registry.mark(int(message["data"]))
            return
        except (RedisError, OSError, ValueError) as error:
            registry.listening = False
            log.warning("bridge_away", error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10)
        finally:
            registry.listening = False
            await client.aclose()
