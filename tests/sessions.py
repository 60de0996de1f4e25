"""Sessions as tests need them: signed in just now, or long ago, with or without a second factor."""

from __future__ import annotations

import time

from django.test import Client

from residents.models import User

METHODS, WHOSE = "account_authentication_methods", "account_authentication_methods_user"


def sign_in(client: Client, user: User, *methods: str, ago: float = 0) -> Client:
    """Sign in, having shown these (code, password, mfa, sms…) so many seconds ago."""
    client.force_login(user, backend="residents.backends.AccountBackend")
    return show(client, user, *methods, ago=ago)


def show(client: Client, user: User, *methods: str, ago: float = 0) -> Client:
    """Note in the session that these were shown so many seconds ago."""
    session = client.session
    session[METHODS] = [
        *session.get(METHODS, []),
        *({"method": method, "at": time.time() - ago, "reauthenticated": True} for method in methods),
    ]
    session[WHOSE] = str(user.pk)
    session.save()
    return client
