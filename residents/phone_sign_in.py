"""Signing in with a phone: the form before the code, and the page after it when a number may have changed hands."""

from __future__ import annotations

import datetime
import secrets
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.stages import LoginStage
from allauth.core import context
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ui.fields import PlainTextField

from .models import Claim, User
from .names import same_name
from .phone_accounts import account_for
from .sheets import parsing
from .sms.limits import TooManyCodes, count_code

DEVICE_COOKIE = "device"
DEVICE_SECONDS = 400 * 24 * 3600  # browsers keep no cookie for longer
TRIES = 3


class PhoneField(PlainTextField):
    """A mainland mobile as people type it: spaces, hyphens, full-width digits, +86; cleans to 11 digits."""

    def __init__(self, **options: Any) -> None:
        attrs = {"type": "tel", "inputmode": "tel", "autocomplete": "tel", "autofocus": True}
        super().__init__(
            label=options.pop("label", _("手机号")), max_length=30, widget=forms.TextInput(attrs=attrs), **options
        )

    def clean(self, value: Any) -> str:
        words = super().clean(value)
        try:
            digits = str(parsing.phone(words).value)
        except parsing.CellProblem:
            digits = "?"
        if words and not (len(digits) == 11 and digits.startswith("1")):
            raise forms.ValidationError(_("请填 11 位手机号，不要填座机。"))
        return digits


class PhoneForm(forms.Form):
    """Where the code goes, and that its purpose was read; a code that may not be sent is refused here, in words."""

    phone = PhoneField()
    consent = forms.BooleanField(
        label=_("我已看过《个人信息处理规则》，同意用手机号登录、核对是不是名册上的人。"),
        error_messages={"required": _("请先看《个人信息处理规则》，同意的话在前面打勾。")},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        if not settings.SMS_GATEWAY:
            raise forms.ValidationError(_("本站没有开通短信登录。请用纸上的代码，或者找村（居）委会当面办理。"))
        request = context.request
        try:
            count_code(data["phone"], device=device_of(request), address=get_adapter().get_client_ip(request))
        except TooManyCodes as refused:
            raise forms.ValidationError(str(refused), code="slow_down") from refused
        request.code_counted = True
        self._user = account_for(data["phone"])
        return data


def device_of(request: HttpRequest) -> str:
    """The random name of the browser, empty before its first code."""
    name = request.COOKIES.get(DEVICE_COOKIE, "")
    return name if name.isalnum() and len(name) == 32 else ""


def name_device(request: HttpRequest, response: HttpResponse) -> None:
    """Give a browser its name, so that a robot behind one address is told from a hall full of people."""
    if not device_of(request):
        response.set_cookie(
            DEVICE_COOKIE, secrets.token_hex(16), max_age=DEVICE_SECONDS, httponly=True, samesite="Lax",
            secure=request.is_secure(),
        )  # fmt: skip


def may_have_changed_hands(user: User, *, now: datetime.datetime) -> bool:
    """Whether the account's number may meanwhile be a stranger's: nobody has signed in with it for so long.

    Operators rest a number for at least 90 days before it is given out again (电信网码号资源管理办法; settings keep the
    number of days).
    """
    if user.last_login is None or not Claim.objects.filter(user=user).confirmed().exists():
        return False
    return now - user.last_login >= datetime.timedelta(days=settings.PHONE_TRUST_DAYS)


class ReturningStage(LoginStage):
    """After a long time the code alone does not do: whose number it was is asked by name."""

    key = "returning"
    urlname = "me:returning"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        by_code = any(record.get("phone") for record in self._records())
        if by_code and may_have_changed_hands(self.login.user, now=timezone.now()):
            return HttpResponseRedirect(reverse(self.urlname)), True
        return None, True

    def _records(self) -> list[dict[str, Any]]:
        from allauth.account.authentication import get_authentication_records  # noqa: PLC0415  wants loaded apps

        return list(get_authentication_records(self.request, self.login.user))

    def knows(self, name: str) -> bool:
        """Whether somebody the account acts for has that name."""
        names = Claim.objects.filter(user=self.login.user).confirmed().values_list("resident__name", flat=True)
        return any(same_name(name, known) for known in names)

    def wrong(self) -> bool:
        """Count a wrong name; whether that was the last try."""
        self.state["tries"] = self.state.get("tries", 0) + 1
        return bool(self.state["tries"] >= TRIES)


class ReturningForm(forms.Form):
    name = PlainTextField(label=_("您的姓名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
