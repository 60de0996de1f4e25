"""What happens whenever somebody signs in, by whatever door, or sets a second factor up: Django and allauth tell us."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from .models import User
from .officer_sessions import begin_if_officer
from .second_factor import MFA, remember
from .sign_ins import note_sign_in


@receiver(user_logged_in)
def _signed_in(sender: Any, request: HttpRequest, user: User, **_more: Any) -> None:
    begin_if_officer(request, user)
    note_sign_in(request, user)


@receiver(authenticator_added)
def _set_up(sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **_more: Any) -> None:
    """Who has just set one up has just shown it."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        remember(request, user, MFA, type=str(authenticator.type))
