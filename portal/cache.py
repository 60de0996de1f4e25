"""A cache that may be away: Redis holds nothing that is lost when it is wiped."""

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache that answers like an empty one while Redis cannot be reached."""

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
