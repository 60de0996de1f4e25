"""Helper mode: an officer at the desk brings somebody in who stands there, with consent, without any SMS.

The officer finds the line; the person agrees; a link that lives ten minutes and works once signs that person in, on the
person's own phone (a QR code) or on the desk's second device. Who did it stands in the village's log. It opens nobody's
account that has a door of its own, and no office.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.log import record

from .claims import ClaimError, account_without_door, confirm
from .entry_codes import grown_ups
from .models import Claim, Resident, User, Village
from .offices import person_of
from .phone_accounts import agreed

LINK_SECONDS = 600


@dataclass(frozen=True)
class Brought:
    """The account somebody is brought into, and the token of the link that opens it."""

    user: User
    token: str


def people_at_desk(village: Village, *, named_like: str | None = None) -> QuerySet[Resident]:
    """Those of the roll who may be brought in, the grown-ups of today; by name or pinyin on request."""
    people = grown_ups(village)
    if named_like is None:
        return people
    return people.filter(pk__in=Resident.objects.of(village).named_like(named_like))


@transaction.atomic
def bring_in(village: Village, resident: Resident, *, by: User, consent: str) -> Brought:
    """Open the account of the person at the desk. `consent`: how they agreed, in words.

    Only the newest link works. Raises ClaimError when the person has an account with a door of its own, is the officer,
    or holds an office.
    """
    if person_of(by, village) == resident:
        raise ClaimError(_("不能给自己办理。"))
    # One at a time for a person: two officers at once open one account, not two.
    Resident.objects.select_for_update(of=("self",)).get(pk=resident.pk)
    user = account_without_door(resident)
    if user is None:
        user = User.objects.create(username=f"d-{secrets.token_hex(8)}", password="!", display_name=resident.name)  # noqa: S106
    claim = confirm(user, resident, basis=Claim.Basis.DESK, by=by, office=False)
    agreed(user)
    record(action="bring_in", subject=claim, village_id=village.pk, actor=by, consent=consent, resident=resident.ref)
    return Brought(user, _new_link(user, village, by))


def _new_link(user: User, village: Village, by: User) -> str:
    """A link for the account; the one before it dies."""
    before = cache.get(f"desk:of:{user.pk}")
    if before:
        cache.delete(f"desk:{before}")
    token = secrets.token_urlsafe(18)
    cache.set(f"desk:of:{user.pk}", token, LINK_SECONDS)
    kept = {"user": user.pk, "by": by.pk, "village": village.pk, "until": time.time() + LINK_SECONDS}
    cache.set(f"desk:{token}", kept, LINK_SECONDS)
    return token


def open_link(token: str) -> User | None:
    """The account behind a link; once, and never again."""
    kept = _kept(token)
    # Whoever deletes it first has it: two devices cannot both come in.
    if kept is None or not cache.delete(f"desk:{token}"):
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user is not None:
        with transaction.atomic():
            record(action="came_in_at_desk", subject=user, village_id=kept["village"], actor=user, by=kept["by"])
    return user


def link_stands(token: str) -> bool:
    """Whether the link may still be used; looking does not spend it (chat apps fetch every link to draw a picture)."""
    return _kept(token) is not None


def _kept(token: str) -> dict[str, Any] | None:
    """What stands behind a link that has not run out, by our own clock and not by a cache's tidiness."""
    kept: dict[str, Any] | None = cache.get(f"desk:{token}")
    return kept if kept is not None and kept["until"] > time.time() else None
