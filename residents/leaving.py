"""Taking consent back, and closing an account (PIPL art. 15, 47).

The line on the roll stays: it is the committee's by law (VL 16, UL 16 of 2025) and no matter of the account. Marks and
ballots hang on roster lines, so every result stays as it was. The audit log stays too: it is never edited (trust of the
log), and knows the account by its number.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record

from .models import Appointment, Claim, ClaimRequest, Correction, Proposal, User
from .offices import held_by
from .rights import OFFICERS, Letter, letters_anywhere, letters_of_roles
from .sign_ins import end_sign_ins, has_password

# Apps whose rows belong to the account alone and go with it: addresses, factors, other networks' accounts, preferences.
_OF_THE_ACCOUNT = frozenset({"account", "mfa", "socialaccount", "usersessions", "wagtailusers"})
_HOLDS_TO_ACCOUNT = OFFICERS | {Letter.DRAFTER}


class StillInOffice(Exception):
    """The account is needed by an office; the message says which and who ends it."""


def offices_to_end(user: User) -> list[str]:
    """The offices that are carried out by this account, in words: they end first, so that nothing is left half done.

    A group's leader, a representative or anybody else whose office stands on the roll alone needs no account for it.
    """
    today = timezone.localdate()
    held = Appointment.objects.current(today).filter(held_by(user)).select_related("village", "region").distinct()
    told = [
        f"{office.village or office.region} {office.get_role_display()}"
        for office in held
        if letters_of_roles([office.role]) & _HOLDS_TO_ACCOUNT
    ]
    others = letters_anywhere(user) & _HOLDS_TO_ACCOUNT - letters_of_roles(held.values_list("role", flat=True))
    if Letter.OPERATOR in others:
        told.append(_("网站运营人员"))
    if others - {Letter.OPERATOR}:
        told.append(_("会议里的职务（主持、记录、计票或者监票）"))
    return told


def _refuse_in_office(user: User) -> None:
    if offices := offices_to_end(user):
        raise StillInOffice(
            _("您还担任着：%(offices)s。请先由村（居）委会或者乡镇（街道）办理免职、换人，再来办这件事。")
            % {"offices": "、".join(offices)}
        )


@transaction.atomic
def withdraw_consent(user: User) -> None:
    """The account holds no phone and acts for nobody any more; who signs in again is asked again.

    Raises StillInOffice.
    """
    account = User.objects.select_for_update().get(pk=user.pk)
    _refuse_in_office(account)
    _end_claims(account, because="consent_withdrawn")
    _forget_requests(account)
    account.phone_sealed, account.phone_hash, account.phone_verified_at = b"", "", None
    account.consented_at, account.consented_to = None, ""
    account.reminders_asked_at = None
    if not has_password(account):
        account.display_name = ""
    account.save()
    record(action="withdraw_consent", subject=_("账号"), actor=account)
    end_sign_ins(account)


@transaction.atomic
def delete_account(user: User) -> None:
    """Nothing is left of the account but a number without a name. Raises StillInOffice."""
    account = User.objects.select_for_update().get(pk=user.pk)
    _refuse_in_office(account)
    end_sign_ins(account)
    account.username = f"gone-{secrets.token_hex(8)}"
    account.display_name = account.email = ""
    account.phone_sealed, account.phone_hash, account.phone_verified_at = b"", "", None
    account.consented_at, account.consented_to = None, ""
    account.reminders_asked_at = None
    account.last_login, account.is_active, account.deleted_at = None, False, timezone.now()
    # With another hash no session is worth anything, those that are not in the list of sign-ins included.
    account.set_unusable_password()
    account.save()
    account.groups.clear()
    account.user_permissions.clear()
    _end_claims(account, because="account_deleted")
    _forget_requests(account)
    Claim.objects.filter(user=account).delete()
    Correction.objects.filter(user=account).delete()
    _delete_rows_of(account)
    record(action="delete_account", subject=_("账号"), actor=account)


def _end_claims(account: User, *, because: str) -> None:
    claims = Claim.objects.filter(user=account, state__in=[Claim.State.CONFIRMED, Claim.State.PROPOSED])
    for claim in claims.select_related("resident"):
        record(
            action="end_claim", subject=_("认领"), village_id=claim.village_id, actor=account, because=because,
            resident=claim.resident.ref,
        )  # fmt: skip
    claims.update(state=Claim.State.ENDED, ended_at=timezone.now())


def _forget_requests(account: User) -> None:
    """What was written to be recognised, and what officers read of it."""
    now = timezone.now()
    asked = ClaimRequest.objects.filter(user=account)
    _forget_proposals(Q(kind=Proposal.Kind.CLAIM, payload__request__in=list(asked.values_list("pk", flat=True))))
    _forget_proposals(Q(kind__in=[Proposal.Kind.RESTORE_ACCESS, Proposal.Kind.CHANGE_PHONE], payload__user=account.pk))
    waiting = Q(state=ClaimRequest.State.WAITING)
    asked.filter(waiting).update(state=ClaimRequest.State.WITHDRAWN, decided_at=now)
    asked.update(stated_name="", stated_birth_year=None, stated_group="", note="", answer="", resident=None)
    Correction.objects.filter(user=account, state=Correction.State.WAITING).update(
        state=Correction.State.WITHDRAWN, decided_at=now, wish_sealed=b""
    )


def _forget_proposals(about: Q) -> None:
    for proposal in Proposal.objects.filter(about):
        proposal.summary = str(proposal.get_kind_display())
        proposal.payload = {**proposal.payload, "words": []}
        proposal.sealed = b""
        if proposal.state == Proposal.State.PROPOSED:
            proposal.state, proposal.decided_at = Proposal.State.WITHDRAWN, timezone.now()
        proposal.save()


def _own_models() -> Iterable[tuple[type, str]]:
    for relation in User._meta.related_objects:
        model = relation.related_model
        if model._meta.app_label in _OF_THE_ACCOUNT and not model._meta.auto_created:
            yield model, relation.field.name


def _delete_rows_of(account: User) -> None:
    for model, name in _own_models():
        model._default_manager.filter(**{name: account}).delete()  # type: ignore[attr-defined]
