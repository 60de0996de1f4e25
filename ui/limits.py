"""How often somebody may do a thing. Counted in the cache: lost counts only mean more patience."""

from django.core.cache import cache


def too_often(key: str, *, limit: int, seconds: int) -> bool:
    """Count one more of `key` and say whether there were more than `limit` in this window of `seconds`."""
    name = f"limit:{key}"
    if cache.add(name, 1, seconds):
        return False
    try:
        return cache.incr(name) > limit
    except (ValueError, OSError):  # expired between the two calls, or the cache is away
        return False
