"""How often somebody may do a thing. Counted in the cache: lost counts only mean more patience."""

from django.core.cache import cache, caches

UPLOADS_AN_HOUR = 20
EXPORTS_AN_HOUR = 5
PDFS_AN_HOUR = 20


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


def too_many_uploads(account: int) -> bool:
    """Count one more form with files of this account (by its key), whatever it is about."""
    return too_often(f"upload:{account}", limit=UPLOADS_AN_HOUR, seconds=3600)


def too_many_exports(account: int) -> bool:
    """The same for lists that it takes away."""
    return too_often(f"export:{account}", limit=EXPORTS_AN_HOUR, seconds=3600)


def too_many_pdfs(account: int) -> bool:
    """The same for pages that the server sets as PDF for it, which takes seconds each."""
    return too_often(f"pdf:{account}", limit=PDFS_AN_HOUR, seconds=3600)
