"""Asking anew who it is before data is taken away or an account closed: phones lie about unlocked."""

from __future__ import annotations

import time
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from .models import User
from .second_factor import DEMO, has_one
from .sign_ins import has_password

FRESH_SECONDS = 30 * 60


def signed_in_lately(request: HttpRequest) -> bool:
    """Whether this session was begun, or who it is was shown again, in the last half hour."""
    records = get_authentication_records(request, request.user)
    if settings.DEVELOPMENT and any(record.get("method") == DEMO for record in records):
        return True
    at = max((float(record["at"]) for record in records if "at" in record), default=0.0)
    return time.time() - at < FRESH_SECONDS


def ask_again(request: HttpRequest, *, back: str) -> HttpResponse | None:
    """The way to show again who it is, by what this account has; None when it was shown lately.

    Whoever has nothing to show (signed in at the desk or by a printed code) is asked nothing more.
    """
    assert request.user.is_authenticated  # noqa: S101  the door before has seen to it
    address = _address(User.objects.get(pk=request.user.pk))
    if not address or signed_in_lately(request):
        return None
    return HttpResponseRedirect(f"{address}?{urlencode({'next': back})}")


def _address(user: User) -> str:
    if has_one(user):
        app = is_mfa_enabled(user, [Authenticator.Type.TOTP])
        return reverse("mfa_reauthenticate" if app else "mfa_reauthenticate_webauthn")
    if has_password(user):
        return reverse("account_reauthenticate")
    return reverse("me:second_factor_sms") if user.phone_hash else ""
