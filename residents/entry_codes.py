"""One-time codes on paper, one sheet for a household: who holds it may say who of the household they are."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record

from .claims import ClaimError, confirm, count_try
from .models import Claim, EntryCode, Household, Resident, User, Village
from .models.people import adult_since
from .phones import phone_hash
from .sheets import parsing

# Ten digits, because they are typed by hand on a phone; guessing is bounded by five tries a day.
DIGITS = 10
VALID_DAYS = 60
AT_ONCE = 500  # households of one print


@dataclass(frozen=True)
class PrintedCode:
    """What stands on the sheet; the digits are not kept anywhere else."""

    household: Household
    code: str
    members: Sequence[Resident]
    expires_at: datetime.datetime

    @property
    def spaced(self) -> str:
        return f"{self.code[:5]} {self.code[5:]}"


def code_hash(code: str) -> str:
    return phone_hash(f"entry:{code}")


@transaction.atomic
def print_codes(village: Village, households: Sequence[Household], *, by: User) -> list[PrintedCode]:
    """A new code for each household; those printed before and not used are withdrawn. Raises ClaimError for too many."""
    if len(households) > AT_ONCE:
        raise ClaimError(_("一次最多打印 %(count)s 户，请按小组分几次打印。") % {"count": AT_ONCE})
    now = timezone.now()
    until = now + datetime.timedelta(days=VALID_DAYS)
    EntryCode.objects.of(village).usable().filter(household__in=households).update(withdrawn_at=now)
    members: dict[int, list[Resident]] = {household.pk: [] for household in households}
    for one in grown_ups(village).filter(household__in=households):
        members[one.household_id].append(one)
    sheets = []
    for household in households:
        code = "".join(secrets.choice("0123456789") for _digit in range(DIGITS))
        sheets.append(PrintedCode(household, code, members[household.pk], until))
    EntryCode.objects.bulk_create(
        EntryCode(village=village, household=one.household, code_hash=code_hash(one.code), created_by=by, expires_at=until)
        for one in sheets
    )
    record(action="print_codes", subject=village, village_id=village.pk, actor=by, households=len(sheets))
    return sheets


def grown_ups(village: Village) -> QuerySet[Resident]:
    """Those of the roll who may sign in for themselves, by household."""
    today = timezone.localdate()
    people = Resident.objects.of(village).on_roll(today).filter(born_on__lte=adult_since(today))
    return people.select_related("household__group").order_by("household__number", "-is_head", "born_on", "pk")


def digits_of(words: str) -> str:
    """The code as typed, spaces, hyphens and full width aside; empty when it cannot be one."""
    digits = "".join(letter for letter in parsing.text(words) if letter.isdecimal())
    return digits if len(digits) == DIGITS else ""


def find_code(user: User, words: str) -> EntryCode:
    """The unused code somebody typed or scanned; each wrong one counts. Raises ClaimError."""
    code = EntryCode.objects.usable().filter(code_hash=code_hash(digits_of(words))).select_related("village", "household")
    found = code.first() if digits_of(words) else None
    if found is None:
        count_try(user)
        raise ClaimError(_("没有这个代码，或者已经用过、过期了。请核对纸上的 10 位数字，或者请村（居）委会重新打印一张。"))
    return found


@transaction.atomic
def use_code(user: User, code: EntryCode, *, myself: Resident, also: Sequence[Resident] = ()) -> Claim:
    """Be `myself` and act for `also`, all of the code's household; after that the code is spent.

    Raises ClaimError when it has been used meanwhile, or one of them is of another household.
    """
    line = EntryCode.objects.select_for_update(of=("self",)).filter(pk=code.pk).usable().first()
    if line is None:
        raise ClaimError(_("这个代码刚刚已经用过了。请村（居）委会重新打印一张。"))
    if any(one.household_id != line.household_id for one in (myself, *also)):
        raise ClaimError(_("请只选这一户的人。"))
    claim = confirm(user, myself, basis=Claim.Basis.CODE)
    for one in also:
        if one.pk != myself.pk:
            confirm(user, one, basis=Claim.Basis.CODE, relation=Claim.Relation.HELPER)
    line.used_at, line.used_by = timezone.now(), user
    line.save(update_fields=["used_at", "used_by"])
    return claim
