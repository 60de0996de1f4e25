"""Accounts by phone: one for a number, made when its first code is asked for, of use once that code is typed."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.log import record

from .models import Claim, User
from .phones import mask_phone, open_phone, phone_hash, seal_phone


def account_of(phone: str) -> User | None:
    """The account that signs in with these 11 digits, if any."""
    return User.objects.filter(phone_hash=phone_hash(phone)).first()


def account_for(phone: str) -> User:
    """The same, made where there is none: without a password, a name or any right."""
    fields = {
        "username": f"p-{secrets.token_hex(8)}",
        "phone_sealed": seal_phone(phone),
        "display_name": mask_phone(phone),
        "password": "!",
    }
    return User.objects.get_or_create(phone_hash=phone_hash(phone), defaults=fields)[0]


def phone_of(user: User) -> str:
    """Its 11 digits, or nothing."""
    return open_phone(bytes(user.phone_sealed))


def phone_shown(user: User) -> None:
    """The number's code was typed: it is this person's, who agreed to the notice beside the form."""
    user.phone_verified_at = timezone.now()
    user.save(update_fields=["phone_verified_at"])
    agreed(user)


def agreed(user: User) -> None:
    """This person read the privacy notice and agreed to it, in this edition (PIPL art. 14, 17)."""
    user.consented_at, user.consented_to = timezone.now(), settings.PRIVACY_EDITION
    user.save(update_fields=["consented_at", "consented_to"])


def attach_phone(user: User, phone: str) -> None:
    """Let the account sign in with another number from now on; it counts as shown once its code is typed."""
    user.phone_sealed, user.phone_hash, user.phone_verified_at = seal_phone(phone), phone_hash(phone), None
    user.save(update_fields=["phone_sealed", "phone_hash", "phone_verified_at"])


@transaction.atomic
def release_phone(user: User) -> User:
    """The number has gone to somebody else: the old account loses it and whatever it did for others by it.

    Returns the account of whoever holds the number now, a new one without any right.
    """
    phone = phone_of(user)
    ended = Claim.objects.filter(user=user).confirmed()
    for claim in ended.select_related("village", "resident"):
        record(action="end_claim", subject=claim, village_id=claim.village_id, actor=None, because="number_released")
    ended.update(state=Claim.State.ENDED, ended_at=timezone.now())
    attach_phone(user, "")
    record(action="release_number", subject=user, village_id=None, actor=None)
    return account_for(phone)
