"""How often somebody may do a thing. Counted in the cache: lost counts only mean more patience."""

from django.core.cache import cache, caches


def too_often(key: str, *, limit: int, seconds: int, first_free: bool = False) -> bool:
    """Count one more of `key` and say whether there were more than `limit` in this window of `seconds`.

    With `first_free` the first one in each process asks no other process: for what nearly everybody does just once.
    """
    name = f"limit:{key}"
    if first_free:
        if caches["process"].add(name, 1, seconds):
            return False
        limit -= 1
    if cache.add(name, 1, seconds):
        return limit < 1
    try:
        return cache.incr(name) > limit
    except (ValueError, OSError):  # expired between the two calls, or the cache is away
        return False


def used_up(key: str, *, limit: int) -> bool:
    """Whether `too_often` would refuse one more, without counting one."""
    return int(cache.get(f"limit:{key}") or 0) >= limit
