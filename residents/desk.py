"""Helper mode: an officer at the desk brings somebody in who stands there, with consent, without any SMS.

The officer finds the line; the person agrees; a link that lives ten minutes and works once signs that person in, on the
person's own phone (a QR code) or on the desk's second device. Who did it stands in the village's log.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import record

from .claims import ClaimError, confirm
from .models import Claim, Resident, User, Village

LINK_SECONDS = 600


@dataclass(frozen=True)
class Brought:
    """The account somebody is brought into, and the token of the link that opens it."""

    user: User
    token: str


def taken_by_phone(resident: Resident) -> bool:
    """Whether somebody already is this person with a number of their own: the desk does not open a second door."""
    own = Claim.objects.of(resident.village).confirmed().filter(resident=resident, relation=Claim.Relation.SELF)
    return own.exclude(user__phone_verified_at=None).exists()


@transaction.atomic
def bring_in(village: Village, resident: Resident, *, by: User, consent: str) -> Brought:
    """Open the account of the person at the desk. `consent`: how they agreed, in words ("当面口头同意").

    Raises ClaimError when the person has an account with a phone already, or is the officer.
    """
    if taken_by_phone(resident):
        raise ClaimError(
            _("%(name)s已经用手机登录过。请本人用手机登录；手机换了，请两名工作人员办理“恢复登录”。")
            % {"name": resident.name}
        )
    own = Claim.objects.of(village).confirmed().filter(resident=resident, relation=Claim.Relation.SELF)
    claim = own.select_related("user").first()
    if claim is not None and claim.user_id == by.pk:
        raise ClaimError(_("不能给自己办理。"))
    if claim is not None:
        user = claim.user
    else:
        user = User.objects.create(username=f"d-{secrets.token_hex(8)}", password="!", display_name=resident.name)  # noqa: S106
        claim = confirm(user, resident, basis=Claim.Basis.DESK, by=by)
    token = secrets.token_urlsafe(18)
    cache.set(f"desk:{token}", {"user": user.pk, "by": by.pk, "village": village.pk}, LINK_SECONDS)
    record(
        action="bring_in", subject=claim, village_id=village.pk, actor=by, consent=consent, resident=resident.ref
    )
    return Brought(user, token)


def open_link(token: str) -> User | None:
    """The account behind a link; once, and never again."""
    kept = cache.get(f"desk:{token}")
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
    return cache.get(f"desk:{token}") is not None
