"""allauth's questions, answered: thin."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from ui.answers import refuse

from . import guesses, phone_accounts
from .code_by_sms import count, deliver
from .fresh_sign_in import signed_in_lately
from .models import Claim, User
from .phones import phone_hash
from .rights import STRANGERS, letters_anywhere
from .sms import SmsNotSent
from .sms.limits import TooManyCodes

NOT_SENT = gettext_lazy("短信没有发出去，请过几分钟再试，或者用纸上的代码、找工作人员当面办理。")
_MISMATCH = gettext_lazy("账号或者密码不对，请核对后再输一次。忘了密码，可以用手机验证码登录。")


class AccountAdapter(DefaultAccountAdapter):
    """Officers' accounts are made by the village; residents come by their phone (phone_accounts.py)."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": gettext_lazy("验证码不对，请看清 6 位数字，再输一次。"),
        "incorrect_password": gettext_lazy("密码不对，请再输一次。"),
        "enter_current_password": gettext_lazy("原来的密码不对，请再输一次。"),
        "rate_limited": gettext_lazy("试的次数太多了，请过五分钟再试。"),
        "too_many_login_attempts": gettext_lazy("试的次数太多了，请过五分钟再试。"),
        "username_password_mismatch": _MISMATCH,
        "phone_password_mismatch": _MISMATCH,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        """Whoever comes by a number not used for long says who they are, before a second factor is asked."""
        stages = super().get_login_stages()
        stages.insert(1, "residents.phone_sign_in.ReturningStage")
        return stages

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """To one's own page; who is nobody's account yet is asked who they are."""
        user = request.user
        if not user.is_authenticated:
            return reverse("account_login")
        known = Claim.objects.filter(user=user).confirmed().exists() or letters_anywhere(user) - STRANGERS
        return reverse("home:me" if known else "me:who")

    get_signup_redirect_url = get_login_redirect_url

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home:me")

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Not of somebody who signed in just now: asking for the same password twice in a minute teaches nothing."""
        return super().is_reauthentication_required(app=app, **more) and not signed_in_lately(context.request)

    # Passwords: guessing is slowed for the account (guesses.py), not for the address.

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        self._account = self._named(**credentials)
        try:
            guesses.count_try(self._account)
        except guesses.MustWait as wait:
            raise ValidationError(str(wait), code="slow_down", params={"retry_after": wait.retry_after}) from None

    def _rollback_login_failed_rl_usage(self) -> None:
        """allauth's word for: it was the right password."""
        guesses.was_right(self._account)

    def _named(self, **credentials: Any) -> str:
        """One name for an account by whatever it is called, so that each does not bring five more tries."""
        user = self.get_user_by_phone(credentials["phone"]) if credentials.get("phone") else None
        name = str(credentials.get("username") or credentials.get("phone") or "")
        user = user or User.objects.filter(username=name).first()
        return f"user:{user.pk}" if user else f"name:{phone_hash(name)}"

    # Phones

    def phone_form_field(self, **options: Any) -> forms.Field:
        from .phone_sign_in import PhoneField  # noqa: PLC0415  it asks this adapter in turn

        return PhoneField(**options)

    def get_user_by_phone(self, phone: str) -> User | None:
        return phone_accounts.account_of(phone)

    def get_phone(self, user: User) -> tuple[str, bool] | None:  # type: ignore[override]
        phone = phone_accounts.phone_of(user)
        return (phone, user.phone_verified_at is not None) if phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:  # type: ignore[override]
        phone_accounts.attach_phone(user, phone)
        if verified:
            phone_accounts.phone_shown(user)

    def set_phone_verified(self, user: User, phone: str) -> None:  # type: ignore[override]
        phone_accounts.phone_shown(user)

    def send_verification_code_sms(self, user: User, phone: str, code: str, **more: Any) -> None:  # type: ignore[override]
        """To the account's own number: what allauth keeps in the session is only the masked one (AskCodeView).

        Counts the code where the form before has not.
        """
        request = context.request
        number = phone_accounts.phone_of(user)
        try:
            if not getattr(request, "code_counted", False):
                count(request, number)
            deliver(request, number, code)
        except TooManyCodes as refused:
            answer = refuse(request, "slow_down", str(refused), retry_after=refused.retry_after)
            raise ImmediateHttpResponse(answer) from None
        except SmsNotSent:
            raise ImmediateHttpResponse(refuse(request, "try_again", str(NOT_SENT), retry_after=60)) from None
