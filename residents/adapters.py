"""allauth's questions, answered: thin."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse, RateLimited
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ui.answers import refuse

from . import phone_accounts
from .models import User
from .phone_sign_in import PhoneField, device_of
from .sms import SmsNotSent, send_code
from .sms.limits import TooManyCodes, count_code


class AccountAdapter(DefaultAccountAdapter):
    """Officers' accounts are made by the village; residents come by their phone (phone_accounts.py)."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": gettext_lazy("验证码不对，请看清短信里的 6 位数字，再输一次。"),
        "rate_limited": gettext_lazy("请等一分钟，再要新的验证码。"),
        "too_many_login_attempts": gettext_lazy("试的次数太多了，请重新要一个验证码。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        """Whoever comes by a number not used for long says who they are, before a second factor is asked."""
        stages = super().get_login_stages()
        stages.insert(1, "residents.phone_sign_in.ReturningStage")
        return stages

    def phone_form_field(self, **options: Any) -> forms.Field:
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
        """Counts the code where the form before has not; RateLimited makes allauth say so."""
        request = context.request
        if not getattr(request, "code_counted", False):
            try:
                count_code(phone, device=device_of(request), address=self.get_client_ip(request))
            except TooManyCodes as refused:
                raise RateLimited(refuse(request, "slow_down", str(refused), retry_after=refused.retry_after)) from None
        try:
            send_code(phone, code)
        except SmsNotSent:
            message = _("短信没有发出去，请过几分钟再试，或者用纸上的代码、找工作人员当面办理。")
            raise ImmediateHttpResponse(refuse(request, "try_again", message, retry_after=60)) from None
        if settings.DEVELOPMENT and settings.SMS_GATEWAY == "console":
            messages.info(request, _("演示网站不发短信，这次的验证码是 %(code)s") % {"code": code})
