"""What is forgotten by itself, and when (docs/personal-data.md): nothing is kept longer than it is good for.

Periods are days of settings.RETENTION_DAYS. What belongs to the village's archive (roll, history, rosters, marks,
ballots, minutes, audit log) is never forgotten here.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from audit.log import record

from .leaving import offices_to_end
from .models import Claim, ClaimRequest, Correction, EntryCode, Proposal, RollLook, SheetUpload, SignIn, User

BATCH = 500


def _before(name: str, now: datetime.datetime) -> datetime.datetime:
    return now - datetime.timedelta(days=settings.RETENTION_DAYS[name])


def _codes(now: datetime.datetime) -> int:
    """Printed codes that nobody can use any more."""
    old = _before("codes", now)
    over = Q(expires_at__lte=old) | Q(used_at__lte=old) | Q(withdrawn_at__lte=old)
    return EntryCode.objects.filter(over).delete()[0]


def _uploads(now: datetime.datetime) -> int:
    """Sheets that nobody came back for."""
    return SheetUpload.objects.filter(expires_at__lte=now).delete()[0]


def _proposals(now: datetime.datetime) -> int:
    """What lay sealed for a second person who did not come."""
    late = Proposal.objects.filter(state=Proposal.State.PROPOSED, expires_at__lte=now).exclude(sealed=b"")
    return late.update(sealed=b"")


def _decided(now: datetime.datetime) -> int:
    """Details of what two people decided long ago; who decided what, and when, stays."""
    old = Proposal.objects.filter(created_at__lte=_before("proposals", now), expires_at__lte=now)
    count = 0
    for proposal in old.filter(payload__has_key="words")[: BATCH * 10]:
        proposal.payload = {name: value for name, value in proposal.payload.items() if name != "words"}
        proposal.save(update_fields=["payload"])
        count += 1
    return count


def _requests(now: datetime.datetime) -> int:
    """What people wrote to be recognised, once it is answered, and what nobody answered for as long."""
    answered, unanswered = Q(decided_at__lte=_before("requests", now)), Q(created_at__lte=_before("looks", now))
    return ClaimRequest.objects.filter(answered | unanswered).delete()[0]


def _corrections(now: datetime.datetime) -> int:
    """What people asked to be put right, once it is answered."""
    old = _before("requests", now)
    settled = Q(state__in=[Correction.State.REFUSED, Correction.State.WITHDRAWN]) | Q(proposal__state="done")
    return Correction.objects.filter(settled, decided_at__lte=old).delete()[0]


def _looks(now: datetime.datetime) -> int:
    """Who looked at a phone long ago."""
    return RollLook.objects.filter(at__lte=_before("looks", now)).delete()[0]


def _sign_ins(now: datetime.datetime) -> int:
    """Browsers whose session is over."""
    living = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=now)
    return SignIn.objects.filter(~Exists(living), at__lte=now - datetime.timedelta(hours=1)).delete()[0]


def _accounts(now: datetime.datetime) -> int:
    """Phone accounts that were never shown to be anybody's, or are nobody's any more.

    Whoever can sign in by anything but the phone, acts or asks for somebody, or holds an office is no such account.
    """
    bound = Exists(
        Claim.objects.filter(user=OuterRef("pk"), state__in=[Claim.State.CONFIRMED, Claim.State.PROPOSED])
    ) | Exists(ClaimRequest.objects.filter(user=OuterRef("pk"), state=ClaimRequest.State.WAITING))
    never = Q(phone_verified_at=None, last_login=None, date_joined__lte=_before("unconfirmed_accounts", now))
    unused = Q(last_login__lte=_before("unused_accounts", now))
    idle = (
        User.objects.filter(never | unused, deleted_at=None, is_active=True, username__startswith="p-")
        .filter(~bound)
        .filter(password__startswith="!")  # noqa: S106  the mark of having none
    )
    count = 0
    for user in idle.order_by("pk")[: BATCH * 10]:
        if not offices_to_end(user) and not user.appointments.exists():
            user.delete()
            count += 1
    return count


RULES: dict[str, Callable[[datetime.datetime], int]] = {
    "codes": _codes,
    "uploads": _uploads,
    "late_proposals": _proposals,
    "proposals": _decided,
    "requests": _requests,
    "corrections": _corrections,
    "looks": _looks,
    "sign_ins": _sign_ins,
    "accounts": _accounts,
}


def also_forget(name: str, rule: Callable[[datetime.datetime], int]) -> None:
    """Let an app above forget what it holds: `rule` does what is due at a moment and says how many that were."""
    RULES[name] = rule


def forget_expired(*, now: datetime.datetime | None = None) -> dict[str, int]:
    """Forget all that is due at that moment; how many of each. What there is, is written down, not what it was."""
    moment = now or timezone.now()
    counts: dict[str, int] = {}
    for name, rule in RULES.items():
        with transaction.atomic():
            counts[name] = rule(moment)
            if counts[name]:
                record(action="forget_expired", subject=name, what=name, count=counts[name])
    return counts
