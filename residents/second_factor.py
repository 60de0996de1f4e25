"""The second factor: whose office needs one, and when this session last showed it.

A password or a code by SMS says that somebody knows or holds one thing. Offices need a second: a code of an app on the
phone, a passkey, a recovery code. Recorders, tellers and chairs of a meeting may use a code by SMS for it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest

from .models import User
from .rights import BY_SMS, OFFICERS, Letter

# How a factor is recorded in the session: allauth's own word, ours for a code by SMS, and the demo's one press.
MFA, SMS, DEMO = "mfa", "sms", "demo"
FRESH_SECONDS = 10 * 60  # publishing, roles, exports and closing ask again after that
HOURS_AT_MOST = 12 * 3600  # an officer's session and what it showed end with the day


def must_show(granting: Iterable[Letter]) -> bool:
    """Whether a right that comes by these letters waits for a second factor: none of them does without one."""
    held = frozenset(granting)
    return settings.SECOND_FACTOR_REQUIRED and bool(held) and held <= OFFICERS


def sms_will_do(granting: Iterable[Letter]) -> bool:
    return bool(frozenset(granting) & BY_SMS)


def shown_at(request: HttpRequest, *, by_sms: bool = False) -> float | None:
    """When this session last showed a second factor (seconds since 1970), None when never.

    The demo's one press counts as one that was shown just now: it works in development at the machine itself only.
    """
    records = get_authentication_records(request, request.user)
    methods = {record.get("method") for record in records}
    if DEMO in methods and settings.DEVELOPMENT:
        return time.time()
    counts = {MFA, SMS} if by_sms else {MFA}
    return max((float(record["at"]) for record in records if record.get("method") in counts), default=None)


def shown(request: HttpRequest, *, within: float = HOURS_AT_MOST, by_sms: bool = False) -> bool:
    at = shown_at(request, by_sms=by_sms)
    return at is not None and time.time() - at < within


def remember(request: HttpRequest, user: User, method: str, **detail: Any) -> None:
    """Note in the session that a second factor was shown now."""
    record_authentication(request, user, method, reauthenticated=True, **detail)


def has_one(user: User) -> bool:
    """Whether the account has set one up: an app or a passkey (recovery codes alone are none)."""
    return bool(is_mfa_enabled(user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]))
