"""A lost second factor, a forgotten password, another phone: two officers who know the person open the door again."""

from __future__ import annotations

import json

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _

from .models import Claim, Proposal, Resident, User, Village
from .phone_accounts import account_of, attach_phone
from .phones import mask_phone, open_text, seal_text
from .rights import Act
from .roll import described
from .two_people import NotWaiting, TwoPeopleError, handler, propose


class CannotRestore(TwoPeopleError):
    code = "invalid"


def account_of_person(village: Village, resident: Resident) -> User | None:
    """The account that is this person, if there is one."""
    own = Claim.objects.of(village).confirmed().filter(resident=resident, relation=Claim.Relation.SELF)
    claim = own.select_related("user").order_by("-user__phone_verified_at", "pk").first()
    return claim.user if claim else None


def propose_restore(village: Village, resident: Resident, *, phone: str, reason: str, by: User) -> Proposal:
    """Ask a second officer to take away the lost factor and, with `phone` (11 digits), to change the number.

    Raises CannotRestore when the person has no account here, it is one's own, or the number is another account's.
    """
    user = account_of_person(village, resident)
    if user is None:
        raise CannotRestore(_("%(name)s还没有账号，不用恢复：请直接登录、认领。") % {"name": resident.name})
    if user.pk == by.pk:
        raise CannotRestore(_("不能给自己办理，请两位同事办理。"))
    if not phone and not user.phone_hash:
        raise CannotRestore(_("这个账号没有登记手机，请填一个本人的手机号，办好以后用它登录。"))
    other = account_of(phone) if phone else None
    if other is not None and other.pk != user.pk:
        raise CannotRestore(
            _("这个手机号已经是另一个账号的了。请先核对号码；确实换了人的，请对方先在“我的资料”里注销。")
        )
    words = [
        [_("本人"), described(resident)],
        [_("新手机"), mask_phone(phone) if phone else _("不换")],
        [_("说明"), reason],
    ]
    return propose(
        kind=Proposal.Kind.CHANGE_PHONE if phone else Proposal.Kind.RESTORE_ACCESS,
        village=village,
        summary=_("恢复登录：%(who)s") % {"who": described(resident)},
        payload={"user": user.pk, "resident": resident.pk, "words": words},
        sealed=seal_text(json.dumps({"phone": phone}).encode()),
        by=by,
    )


@handler(Proposal.Kind.CHANGE_PHONE, Act.GIVE_ROLES, step_up=True)
@handler(Proposal.Kind.RESTORE_ACCESS, Act.GIVE_ROLES, step_up=True)
def _restored(proposal: Proposal, by: User) -> None:
    """Factors away, other devices signed out, the new number in: the person signs in by a code and begins anew."""
    village = proposal.village
    assert village is not None  # noqa: S101  people are always of a village
    resident = Resident.objects.of(village).filter(pk=proposal.payload["resident"]).first()
    user = account_of_person(village, resident) if resident is not None else None
    if user is None or user.pk != proposal.payload["user"]:
        raise NotWaiting(_("这个人的账号已经变了，请退回，重新提出。"))
    if user.pk == by.pk:
        raise NotWaiting(_("不能给自己办理，请换一位同事确认。"))
    phone = json.loads(open_text(bytes(proposal.sealed)))["phone"]
    if phone:
        other = account_of(phone)
        if other is not None and other.pk != user.pk:
            raise NotWaiting(_("这个手机号已经是另一个账号的了，请退回。"))
        attach_phone(user, phone)
    Authenticator.objects.filter(user=user).delete()
    # A new random password that nobody knows ends every session there is: Django compares its hash at each request.
    user.set_unusable_password()
    user.save(update_fields=["password"])
