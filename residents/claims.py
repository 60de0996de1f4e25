"""For whom an account may act: a claim to a line of the roll, shown by name and phone, a printed code, or people.

A phone alone is nobody's identity: old couples share one, and numbers change hands. So a number only ever finds lines
together with a name, never lines that were somebody else's by another account, and everybody else is looked at by
officers. Paper, the desk and a shared phone give nobody an office's rights.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from ui.limits import too_often

from .models import Claim, Resident, User, Village
from .models.people import adult_since
from .names import same_name
from .rights import OFFICERS, letters_of

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


class GivesOffice(ClaimError):
    """The line holds an office that wants more than paper, a desk or a shared phone."""

    code = "forbidden"


class Taken(ClaimError):
    """Somebody is this person already, by a door of their own."""

    code = "wrong_state"


def count_try(user: User, what: str = "claim") -> None:
    """Names and codes cannot be guessed for long, nor officers be asked without end. Raises TooOften."""
    if too_often(f"{what}:{user.pk}", limit=TRIES_A_DAY, seconds=A_DAY):
        raise TooOften(_("今天试的次数太多了，请明天再试，或者找村（居）委会当面办理。"))


def by_phone(user: User, village: Village, *, name: str, birth_year: int | None = None) -> Resident | None:
    """The line that has the account's own, verified number and this name; None when none has.

    Raises Ambiguous when several have it and the year does not tell them apart.
    """
    found = [line for line in _lines_of_phone(user, village) if same_name(line.name, name)]
    if birth_year is not None:
        found = [line for line in found if line.born_on is not None and line.born_on.year == birth_year]
    if len(found) > 1:
        raise Ambiguous(_("有同名的人，请再填上出生年份。"))
    return found[0] if found else None


def _lines_of_phone(user: User, village: Village) -> QuerySet[Resident]:
    """Who stands on the roll with the account's own number, and may be found by it."""
    lines = Resident.objects.of(village).on_roll(timezone.localdate()).select_related("household__group", "village")
    if not user.phone_hash or user.phone_verified_at is None:
        return lines.none()
    return lines.filter(phone_hash=user.phone_hash).exclude(pk__in=_not_by_phone(user)).order_by("born_on", "pk")


def _not_by_phone(user: User) -> QuerySet[Claim, int]:
    """Lines that no number opens for this account: officers said no, or the number was another account's before.

    A number is one account's at a time. So when another account came to the line by its number, is the person by
    a number of its own, or gave its number up, the number on the roll has changed hands since; officers look at it.
    """
    said_no = Q(user=user, state=Claim.State.REFUSED)
    by_number = Q(basis=Claim.Basis.PHONE)
    itself = Q(relation=Claim.Relation.SELF, state=Claim.State.CONFIRMED) & ~Q(user__phone_hash="")
    gave_up = Q(user__username__startswith="p-", user__phone_hash="")
    others = ~Q(user=user) & Q(user__deleted_at=None) & (by_number | itself | gave_up)
    return Claim.objects.filter(said_no | others).values_list("resident", flat=True)


def family_of(user: User, resident: Resident) -> list[Resident]:
    """Members of the household that share the account's number, for whom it does not act yet: those it may help."""
    already = Claim.objects.of(resident.village).confirmed().filter(user=user).values("resident")
    family = _lines_of_phone(user, resident.village).filter(household=resident.household_id)
    return list(family.exclude(pk=resident.pk).exclude(pk__in=already))


def has_own_door(user: User) -> bool:
    """Whether the account can be opened by its owner alone: a phone, a password, a passkey."""
    return bool(user.phone_hash) or user.has_usable_password() or Authenticator.objects.filter(user=user).exists()


def account_without_door(resident: Resident, *, besides: User | None = None) -> User | None:
    """The account that is this person and was opened by paper or at the desk, which the same ways open again.

    Raises Taken when somebody is this person by a door of their own: neither paper nor desk opens a second one; and
    GivesOffice when the account holds an office by now.
    """
    own = Claim.objects.of(resident.village).confirmed().filter(resident=resident, relation=Claim.Relation.SELF)
    users = [claim.user for claim in own.select_related("user").order_by("pk") if claim.user != besides]
    if any(has_own_door(user) for user in users):
        raise Taken(
            _("%(name)s已经登录过，请用原来的办法（手机或者密码）登录。手机换了，请两名工作人员办理“恢复登录”。")
            % {"name": resident.name}
        )
    if any(letters_of(user, resident.village) & OFFICERS for user in users):
        raise _wants_more(resident)
    return users[0] if users else None


def _wants_more(resident: Resident) -> GivesOffice:
    return GivesOffice(
        _("%(name)s担任职务，要用自己的手机号登录认领，或者请两名工作人员核对。") % {"name": resident.name}
    )


@transaction.atomic
def claim_by_phone(user: User, village: Village, *, name: str, birth_year: int | None = None) -> Claim | None:
    """Be the person whom name and own number show; None when they show nobody, or an office on a shared number.

    Raises Ambiguous, or ClaimError when the account is already somebody else here.
    """
    line = by_phone(user, village, name=name, birth_year=birth_year)
    if line is None:
        return None
    try:
        return confirm(user, line, basis=Claim.Basis.PHONE, office=not _shares_phone(line))
    except GivesOffice:
        return None


def _shares_phone(line: Resident) -> bool:
    today = timezone.localdate()
    others = Resident.objects.of(line.village).on_roll(today).filter(phone_hash=line.phone_hash).exclude(pk=line.pk)
    return others.filter(Q(born_on=None) | Q(born_on__lte=adult_since(today))).exists()


@transaction.atomic
def confirm(
    user: User,
    resident: Resident,
    *,
    basis: Claim.Basis,
    relation: Claim.Relation = Claim.Relation.SELF,
    by: User | None = None,
    at: datetime.datetime | None = None,
    office: bool = True,
) -> Claim:
    """Let the account act for the line from now on. Repeating it changes nothing.

    Raises ClaimError when the account is already somebody else here, or ten accounts act for the line, or the line is
    no longer on the roll; with `office=False` GivesOffice when the account would gain the rights of an office by it.
    """
    village = resident.village
    # One at a time for a line and for an account (always in this order): limits, and who is whom, are looked at and
    # written together.
    Resident.objects.select_for_update(of=("self",)).get(pk=resident.pk)
    User.objects.select_for_update().get(pk=user.pk)
    if not Resident.objects.of(village).on_roll(timezone.localdate()).filter(pk=resident.pk).exists():
        raise ClaimError(_("名册上已经没有这个人了，请找村（居）委会核对。"))
    held = frozenset() if office else letters_of(user, village)
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
    if not office and (letters_of(user, village) - held) & OFFICERS:
        raise _wants_more(resident)
    if relation == Claim.Relation.SELF:
        _call_by_name(user, resident)
    record(
        action="confirm_claim", subject=claim, village_id=village.pk, actor=by or user, basis=str(basis),
        relation=str(relation),
    )  # fmt: skip
    return claim


def _call_by_name(user: User, resident: Resident) -> None:
    """An account that came by phone has only a masked number for a name until its person is known."""
    if user.username.startswith(("p-", "d-", "c-")) and user.display_name != resident.name:
        user.display_name = resident.name
        user.save(update_fields=["display_name"])


def confirm_family(user: User, resident: Resident, refs: Iterable[str]) -> list[Claim]:
    """Act for these of the household too, who share the number (`refs` as in addresses; others are ignored)."""
    wanted = frozenset(refs)
    family = [one for one in family_of(user, resident) if one.ref in wanted]
    return [confirm(user, one, basis=Claim.Basis.PHONE, relation=Claim.Relation.HELPER) for one in family]


@transaction.atomic
def end(claim: Claim, *, by: User | None, because: str, state: Claim.State = Claim.State.ENDED) -> bool:
    """The account no longer acts for the line; what it did stays. Whether it did act until now.

    REFUSED says that officers ended it: then the number alone does not begin it again.
    """
    ended = Claim.objects.filter(pk=claim.pk).confirmed().update(state=state, ended_at=timezone.now())
    if ended:
        record(action="end_claim", subject=claim, village_id=claim.village_id, actor=by, because=because)
    return bool(ended)
