"""For whom an account may act: a claim to a line of the roll, shown by name and phone, a printed code, or people.

A phone alone is nobody's identity: old couples share one, and numbers change hands. So a number only ever finds lines
together with a name, and everybody else is looked at by officers.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from ui.limits import too_often

from .models import Claim, Resident, User, Village
from .names import same_name

A_DAY = 24 * 3600
TRIES_A_DAY = 5  # per account
CLAIMS_PER_LINE = 10


class ClaimError(Exception):
    """Refused; the message says in plain words what to do. `code` is one of ui.answers."""

    code = "invalid"


class TooOften(ClaimError):
    code = "slow_down"


class Ambiguous(ClaimError):
    """Several people answer to it: more is asked."""


def count_try(user: User) -> None:
    """Names and codes cannot be guessed for long. Raises TooOften."""
    if too_often(f"claim:{user.pk}", limit=TRIES_A_DAY, seconds=A_DAY):
        raise TooOften(_("今天试的次数太多了，请明天再试，或者找村（居）委会当面办理。"))


def by_phone(user: User, village: Village, *, name: str, birth_year: int | None = None) -> Resident | None:
    """The line that has the account's own, verified number and this name; None when none has.

    Raises Ambiguous when several have it and the year does not tell them apart.
    """
    if not user.phone_hash or user.phone_verified_at is None:
        return None
    lines = Resident.objects.of(village).on_roll(timezone.localdate()).filter(phone_hash=user.phone_hash)
    found = [line for line in lines.select_related("household__group") if same_name(line.name, name)]
    if birth_year is not None:
        found = [line for line in found if line.born_on is not None and line.born_on.year == birth_year]
    if len(found) > 1:
        raise Ambiguous(_("有同名的人，请再填上出生年份。"))
    return found[0] if found else None


def family_of(user: User, resident: Resident) -> list[Resident]:
    """Members of the household that share the account's number: those it may also act for."""
    if not user.phone_hash or user.phone_verified_at is None:
        return []
    lines = Resident.objects.of(resident.village).on_roll(timezone.localdate()).filter(
        household=resident.household, phone_hash=user.phone_hash
    )
    return list(lines.exclude(pk=resident.pk).select_related("household__group").order_by("born_on", "pk"))


@transaction.atomic
def confirm(
    user: User,
    resident: Resident,
    *,
    basis: Claim.Basis,
    relation: Claim.Relation = Claim.Relation.SELF,
    by: User | None = None,
    at: datetime.datetime | None = None,
) -> Claim:
    """Let the account act for the line from now on. Repeating it changes nothing.

    Raises ClaimError when the account is already somebody else here, or ten accounts act for the line.
    """
    village = resident.village
    # One at a time for a line: its limit, and who is whom, are looked at and written together.
    Resident.objects.select_for_update(of=("self",)).get(pk=resident.pk)
    own = Claim.objects.of(village).confirmed().filter(user=user, relation=Claim.Relation.SELF)
    if relation == Claim.Relation.SELF and own.exclude(resident=resident).exists():
        raise ClaimError(_("您已经是本村（社区）名册上的另一个人。认错了的话，请找村（居）委会更正。"))
    if Claim.objects.of(village).confirmed().filter(resident=resident).exclude(user=user).count() >= CLAIMS_PER_LINE:
        raise ClaimError(_("这个人已经有 10 个账号在代办，请找村（居）委会核对。"))
    now = at or timezone.now()
    claim, made = Claim.objects.get_or_create(
        user=user,
        resident=resident,
        defaults={
            "village": village, "relation": relation, "basis": basis, "state": Claim.State.CONFIRMED, "decided_at": now,
        },
    )  # fmt: skip
    if not made and claim.state == Claim.State.CONFIRMED and relation in (claim.relation, Claim.Relation.HELPER):
        return claim
    claim.relation, claim.basis, claim.state = relation, basis, Claim.State.CONFIRMED
    claim.decided_at, claim.ended_at = now, None
    claim.save()
    if relation == Claim.Relation.SELF:
        _call_by_name(user, resident)
    record(
        action="confirm_claim", subject=claim, village_id=village.pk, actor=by or user, basis=str(basis),
        relation=str(relation),
    )  # fmt: skip
    return claim


def _call_by_name(user: User, resident: Resident) -> None:
    """An account that came by phone has only a masked number for a name until its person is known."""
    if user.username.startswith(("p-", "d-")) and user.display_name != resident.name:
        user.display_name = resident.name
        user.save(update_fields=["display_name"])


def confirm_family(user: User, resident: Resident, refs: Iterable[str]) -> list[Claim]:
    """Act for these members of one's household too, who share the number (`refs` as in addresses; others are ignored)."""
    wanted = frozenset(refs)
    family = [one for one in family_of(user, resident) if one.ref in wanted]
    return [confirm(user, one, basis=Claim.Basis.PHONE, relation=Claim.Relation.HELPER) for one in family]


@transaction.atomic
def end(claim: Claim, *, by: User | None, because: str) -> None:
    """The account no longer acts for the line; what it did stays."""
    Claim.objects.filter(pk=claim.pk).confirmed().update(state=Claim.State.ENDED, ended_at=timezone.now())
    record(action="end_claim", subject=claim, village_id=claim.village_id, actor=by, because=because)
