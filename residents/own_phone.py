"""The number an account signs in with, changed by its owner, who has just typed the code sent to the new one."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record

from .models import Appointment, Claim, User
from .phone_accounts import account_of, attach_phone, phone_shown


class NumberTaken(Exception):
    """The number is another account's, on which something hangs. The message says what to do."""


def is_bare(user: User) -> bool:
    """Nothing hangs on the account: nobody it acts for or asked to act for, no office, no password, no group."""
    waiting = (Claim.State.CONFIRMED, Claim.State.PROPOSED)
    return not (
        user.has_usable_password()
        or user.is_superuser
        or user.claims.filter(state__in=waiting).exists()
        or Appointment.objects.filter(user=user).exists()
        or user.groups.exists()
    )


@transaction.atomic
def change_number(user: User, phone: str) -> None:
    """From now on the account signs in with these 11 digits, and no longer with those it had.

    Somebody who had signed in with them before saying who they are has two accounts: the empty one gives the number up.
    Raises NumberTaken.
    """
    other = account_of(phone)
    if other is not None and other.pk != user.pk:
        if not is_bare(other):
            raise NumberTaken(
                _(
                    "这个手机号已经是另一个账号的了。那也是您的话，请退出，用这个手机号登录；不是的话，请找村（居）委会核对。"
                )
            )
        attach_phone(other, "")
        record(action="release_number", subject=other, village_id=None, actor=user)
    attach_phone(user, phone)
    phone_shown(user)
    record(action="change_number", subject=user, village_id=None, actor=user)


def ask_for_reminders(user: User, *, wanted: bool) -> None:
    """Be reminded of meetings by SMS from now on, or no longer; the moment of asking is kept."""
    account = User.objects.filter(pk=user.pk)
    if wanted:
        account.filter(reminders_asked_at=None).update(reminders_asked_at=timezone.now())
    else:
        account.update(reminders_asked_at=None)
