"""Guessing a password: five tries in five minutes for an account, then a wait that grows from a minute to an hour.

It is counted for the account, not for the address: a hall is one address. Codes and passkeys stay open meanwhile, so
nobody is locked out by a stranger's guesses.
"""

from __future__ import annotations

import time

from django.core.cache import cache
from django.utils.translation import gettext as _

from ui.limits import too_often

TRIES, SECONDS = 5, 300
FIRST_WAIT, LONGEST_WAIT = 60, 3600
REMEMBERED = 24 * 3600  # how long the wait keeps growing


class MustWait(Exception):
    """The message says how long, and which other door is open."""

    def __init__(self, seconds: int) -> None:
        minutes = -(-seconds // 60)
        words = _(
            "密码试错的次数太多了，请过 %(minutes)s 分钟再试。也可以用手机验证码登录；忘了密码，请村（居）委会重设。"
        )
        super().__init__(words % {"minutes": minutes})
        self.retry_after = seconds


def count_try(account: str) -> None:
    """Count one try for an account (whatever names it). Raises MustWait instead of letting it be looked at."""
    until = cache.get(f"guess:until:{account}")
    if until is not None and until > time.time():
        raise MustWait(int(until - time.time()) + 1)
    if too_often(f"guess:{account}", limit=TRIES, seconds=SECONDS):
        seconds = _next_wait(account)
        cache.set(f"guess:until:{account}", time.time() + seconds, seconds)
        cache.delete(f"limit:guess:{account}")
        raise MustWait(seconds)


def was_right(account: str) -> None:
    """The right password: whatever was counted is forgotten."""
    cache.delete(f"limit:guess:{account}")
    cache.delete(f"guess:waits:{account}")


def _next_wait(account: str) -> int:
    name = f"guess:waits:{account}"
    waits = int(cache.get(name, 0))
    cache.set(name, waits + 1, REMEMBERED)
    return int(min(FIRST_WAIT * 2**waits, LONGEST_WAIT))
