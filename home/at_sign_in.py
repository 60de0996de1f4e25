"""Whoever signs in is put into the editors' groups of the offices held now."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from residents.models import User

from .editors import keep_groups


@receiver(user_logged_in)
def _signed_in(sender: Any, user: User, **_more: Any) -> None:
    keep_groups(user)
