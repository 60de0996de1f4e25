"""A cache that may be away: Redis holds nothing that is lost when it is wiped."""

import functools
from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


class _KeptClient(RedisCacheClient):
    """One client for each server, instead of one for each call: making one costs more than asking it."""

    @functools.cached_property
    def _clients(self) -> dict[bool, Any]:
        return {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        if write not in self._clients:
            self._clients[write] = super().get_client(key, write=write)
        return self._clients[write]


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache that answers like an empty one while Redis cannot be reached."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _KeptClient

    def get(self, key, default=None, version=None):
        try:
            return super().get(key, default, version)
        except RedisError as error:
            log.warning("cache_away", error=type(error).__name__)
            return default

    def get_many(self, keys, version=None):
        try:
            return super().get_many(keys, version)
        except RedisError as error:
            log.warning("cache_away", error=type(error).__name__)
            return {}

    def set(self, key, value, timeout=300, version=None):
        try:
            return super().set(key, value, timeout, version)
        except RedisError as error:
            log.warning("cache_away", error=type(error).__name__)
            return None

    def add(self, key, value, timeout=300, version=None):
        try:
            return super().add(key, value, timeout, version)
        except RedisError as error:
            log.warning("cache_away", error=type(error).__name__)
            return True

    def delete(self, key, version=None):
        try:
            return super().delete(key, version)
        except RedisError as error:
            log.warning("cache_away", error=type(error).__name__)
            return False

    def incr(self, key, delta=1, version=None):
        try:
            return super().incr(key, delta, version)
        except RedisError as error:
            log.warning("cache_away", error=type(error).__name__)
            return delta
