"""One-time codes on paper, one sheet for a household: who holds it may say who of the household they are."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from ui.limits import too_often, used_up

from .claims import A_DAY, TRIES_A_DAY, ClaimError, TooOften, account_without_door, confirm
from .models import Claim, EntryCode, Household, Resident, User, Village
from .models.people import adult_since
from .phones import phone_hash
from .sheets import parsing

# Typed by hand on a phone, so digits only. Without an account guessing is bounded for an address and for the whole
# site, so that a million codes lying about are found once in two hundred days of the site's last try being used up.
DIGITS = 12
VALID_DAYS = 60
AT_ONCE = 500  # households of one print
PER_ADDRESS, PER_SITE = 100, 5000  # wrong codes a day by people without an account; a hall is one address


@dataclass(frozen=True)
class PrintedCode:
    """What stands on the sheet; the digits are not kept anywhere else."""

    household: Household
    code: str
    expires_at: datetime.datetime

    @property
    def spaced(self) -> str:
        return spaced(self.code)


def spaced(code: str) -> str:
    """Four and four digits are read and typed without losing the place."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def code_hash(code: str) -> str:
    return phone_hash(f"entry:{code}")


def new_print() -> str:
    """The name of one print. Sending it again prints the same sheets again, so that no sheet on paper dies of it."""
    return secrets.token_urlsafe(24)


def _code_of(print_name: str, household: Household) -> str:
    """The digits follow from the print's random name and the site's key: the same sheets again, and nothing is kept."""
    words = f"entry-code:{print_name}:{household.pk}".encode()
    digest = hmac.new(settings.FIELD_KEY.encode(), words, hashlib.sha256).digest()
    return str(int.from_bytes(digest, "big") % 10**DIGITS).zfill(DIGITS)


@transaction.atomic
def print_codes(village: Village, households: Sequence[Household], *, by: User, print_name: str) -> list[PrintedCode]:
    """A new code for each household; those printed before and not used are withdrawn.

    Raises ClaimError for none, for too many, and when sheets of this very print are used or withdrawn by now.
    """
    if not households:
        raise ClaimError(_("没有要打印的户。请换一个小组，或者核对户号。"))
    if len(households) > AT_ONCE:
        raise ClaimError(_("一次最多打印 %(count)s 户，请按小组分几次打印。") % {"count": AT_ONCE})
    # One print at a time in a village: withdrawing and writing belong together.
    Village.objects.select_for_update().get(pk=village.pk)
    codes = {household.pk: _code_of(print_name, household) for household in households}
    hashes = {code_hash(code) for code in codes.values()}
    known = EntryCode.objects.of(village).filter(code_hash__in=hashes)
    until = timezone.now() + datetime.timedelta(days=VALID_DAYS)
    if known.exists():
        if known.usable().count() != len(households):
            raise ClaimError(_("这一批已经打印过，有的已经用了。要再打印，请回到上一页重新开始。"))
        until = known.order_by("expires_at")[0].expires_at
    else:
        _write(village, households, codes, by=by, until=until)
    return [PrintedCode(household, codes[household.pk], until) for household in households]


def _write(
    village: Village, households: Sequence[Household], codes: dict[int, str], *, by: User, until: datetime.datetime
) -> None:
    EntryCode.objects.of(village).usable().filter(household__in=households).update(withdrawn_at=timezone.now())
    EntryCode.objects.bulk_create(
        EntryCode(
            village=village,
            household=household,
            code_hash=code_hash(codes[household.pk]),
            created_by=by,
            expires_at=until,
        )
        for household in households
    )
    record(action="print_codes", subject=village, village_id=village.pk, actor=by, households=len(households))


def grown_ups(village: Village) -> QuerySet[Resident]:
    """Those of the roll who may sign in for themselves, by household, its head first; no birth date may be any age."""
    today = timezone.localdate()
    people = Resident.objects.of(village).on_roll(today).filter(Q(born_on=None) | Q(born_on__lte=adult_since(today)))
    people = people.select_related("household__group", "village")
    return people.order_by("household__number", "-is_head", "born_on", "pk")


def households_to_print(village: Village, *, without_account: bool = False) -> QuerySet[Household]:
    """Households with a grown-up; on request only those of whom nobody has signed in yet."""
    here = grown_ups(village).order_by().filter(household=OuterRef("pk"))
    homes = Household.objects.of(village).on_roll(timezone.localdate()).filter(Exists(here))
    if without_account:
        known = Claim.objects.of(village).confirmed().filter(resident__household=OuterRef("pk"))
        homes = homes.exclude(Exists(known))
    return homes.select_related("group").order_by("group__number", "number")


def households_named(homes: QuerySet[Household], words: str) -> QuerySet[Household]:
    """Those of the households that are written so: the village's own numbers as they are, ours also as "3、8-12"."""
    asked = [one for one in re.split(r"[,、;\s]+", parsing.text(words)) if one]
    own = set(homes.filter(own_number__in=asked).values_list("own_number", flat=True))
    numbers: set[int] = set()
    for part in set(asked) - own:
        to = r"[-—–~至]"  # untranslated: how people write "from … to"
        ends = [int(end) for end in re.split(to, part) if end.isdecimal() and len(end) < 7]
        if ends:
            numbers |= set(range(ends[0], min(ends[-1], ends[0] + AT_ONCE) + 1))
    return homes.filter(Q(own_number__in=own) | Q(own_number="", number__in=numbers))


def digits_of(words: str) -> str:
    """The code as typed, spaces, hyphens and full width aside; empty when it cannot be one."""
    digits = "".join(letter for letter in parsing.text(words) if letter in "0123456789")
    return digits if len(digits) == DIGITS else ""


def find_code(words: str, *, user: User | None, address: str) -> EntryCode:
    """The unused code somebody typed or scanned; each wrong one counts. Raises ClaimError.

    `user` is whoever is signed in; `address` where the request came from, for those who are not.
    """
    limits = (
        [(f"claim:{user.pk}", TRIES_A_DAY)]
        if user is not None
        else [(f"code:{address}", PER_ADDRESS), ("code:site", PER_SITE)]
    )
    # Whoever has used up the tries is told nothing more, not even of a right code.
    if any(used_up(key, limit=limit) for key, limit in limits):
        raise TooOften(_("今天输错的次数太多了。请先用手机号登录再试，或者找工作人员当面办理。"))
    digits = digits_of(words)
    codes = EntryCode.objects.usable().filter(code_hash=code_hash(digits), village__is_practice=False)
    found = codes.select_related("village", "household__group").first() if digits else None
    if found is None:
        for key, limit in limits:
            too_often(key, limit=limit, seconds=A_DAY)
        raise ClaimError(_("没有这个代码，或者已经用过、过期了。请核对纸上的 12 位数字，或者请村（居）委会重新打印。"))
    return found


def spent_by(user: User, words: str) -> EntryCode | None:
    """The code that this account itself has used: whoever presses twice is told that it is done."""
    digits = digits_of(words)
    used = EntryCode.objects.filter(used_by=user, code_hash=code_hash(digits)).select_related("village")
    return used.first() if digits else None


def account_by_code(resident: Resident) -> User:
    """The account for somebody who has a paper and no phone: the one opened so before, or a new one without a door.

    Raises Taken when the person has an account with a door of its own.
    """
    known = account_without_door(resident)
    if known is not None:
        return known
    return User.objects.create(username=f"c-{secrets.token_hex(8)}", password="!", display_name=resident.name)  # noqa: S106


@transaction.atomic
def use_code(
    user: User | None, code: EntryCode, *, myself: Resident | None, also: Sequence[Resident] = ()
) -> tuple[User, list[Claim]]:
    """Be `myself` and act for `also`, all of the code's household; after that the code is spent.

    Without `user` the paper opens an account of its own. Without `myself` a signed-in account only helps.
    Raises ClaimError when it has been used meanwhile, one of them is of another household or an officer, or somebody is
    this person by a phone of their own.
    """
    line = EntryCode.objects.select_for_update(of=("self",)).filter(pk=code.pk).usable().first()
    if line is None:
        raise ClaimError(_("这个代码刚刚已经用过了。请村（居）委会重新打印一张。"))
    chosen = [one for one in (myself, *also) if one is not None]
    if not chosen or any(one.household_id != line.household_id for one in chosen):
        raise ClaimError(_("请只选这一户的人。"))
    # All lines before any account, and in one order: two households that help each other wait, and do not lock up.
    list(Resident.objects.select_for_update(of=("self",)).filter(pk__in=[one.pk for one in chosen]).order_by("pk"))
    if user is None:
        if myself is None:
            raise ClaimError(_("请选您是这一户的哪一位。"))
        user = account_by_code(myself)
    elif myself is not None:
        account_without_door(myself, besides=user)
    claims = [confirm(user, myself, basis=Claim.Basis.CODE, office=False)] if myself is not None else []
    claims += [
        confirm(user, one, basis=Claim.Basis.CODE, relation=Claim.Relation.HELPER)
        for one in dict.fromkeys(also)
        if one != myself
    ]
    line.used_at, line.used_by = timezone.now(), user
    line.save(update_fields=["used_at", "used_by"])
    return user, claims
