"""Signing in: the forms of the phone and of the password, and the page after a number that may have changed hands."""

from __future__ import annotations

import datetime
import secrets
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.forms import LoginForm
from allauth.account.stages import LoginStage
from allauth.core import context
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ui.fields import PlainTextField
from ui.limits import too_often

from .code_by_sms import DEVICE_COOKIE, count, device_of
from .code_fields import CodeField, PhoneField
from .models import Claim, User
from .names import same_name
from .phone_accounts import account_for
from .sms.limits import TooManyCodes

DEVICE_SECONDS = 400 * 24 * 3600  # browsers keep no cookie for longer
TRIES = 3
NAMES_REMEMBERED = 30 * 24 * 3600


class ConsentField(forms.BooleanField):
    """That the notice was read, before anything is collected (PIPL art. 14, 17)."""

    def __init__(self, **options: Any) -> None:
        label = options.pop("label", _("我看过《隐私政策》，同意用手机号登录、核对我是不是名册上的人。"))
        words = {"required": _("请先看《隐私政策》，同意的话在前面打勾。")}
        super().__init__(label=label, error_messages=words, **options)


class PhoneForm(forms.Form):
    """Where the code goes, and that its purpose was read; a code that may not be sent is refused here, in words."""

    phone = PhoneField()
    consent = ConsentField()
    retry_after = 0

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        if not settings.SMS_GATEWAY:
            raise forms.ValidationError(_("本站没有开通短信登录。请用纸上的代码，或者找村（居）委会当面办理。"))
        request = context.request
        try:
            count(request, data["phone"])
        except TooManyCodes as refused:
            self.retry_after = refused.retry_after
            raise forms.ValidationError(str(refused), code="slow_down") from refused
        request.code_counted = True
        self._user = account_for(data["phone"])
        return data


class PasswordForm(LoginForm):
    """Officers' other door: the name the village gave them, or their phone, and a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = PlainTextField(
            label=_("用户名或者手机号"),
            max_length=150,
            widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
        )
        self.fields["password"] = forms.CharField(
            label=_("密码"),
            max_length=128,
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        )

    def clean_login(self) -> str:
        """A phone in whatever way it is typed, or the name."""
        login: str = super().clean_login()
        try:
            return PhoneField().clean(login)
        except forms.ValidationError:
            return login

    @property
    def retry_after(self) -> int:
        """Seconds to wait after too many guesses, else 0."""
        problems = self.errors.as_data().get("__all__", [])
        return next((int(one.params["retry_after"]) for one in problems if one.code == "slow_down"), 0)


class CodeForm(forms.Form):
    """The six digits of a message. With `any_code` whoever asks for the form compares them (code_by_sms.py)."""

    code = CodeField()

    def __init__(self, *args: Any, code: str = "", any_code: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._expected, self._any = code, any_code

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not self._any and not (self._expected and secrets.compare_digest(code, self._expected)):
            raise forms.ValidationError(_("验证码不对，请看清短信里的 6 位数字，再输一次。"), code="incorrect_code")
        return code


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
        records = get_authentication_records(self.request, self.login.user)
        by_code = any(record.get("phone") for record in records)
        if by_code and may_have_changed_hands(self.login.user, now=timezone.now()):
            return HttpResponseRedirect(reverse(self.urlname)), True
        return None, True

    def knows(self, name: str) -> bool:
        """Whether somebody the account acts for has that name."""
        names = Claim.objects.filter(user=self.login.user).confirmed().values_list("resident__name", flat=True)
        return any(same_name(name, known) for known in names)

    def tried_too_often(self) -> bool:
        """Count one try, over all codes: three names in a month, and whoever holds the number begins anew."""
        return too_often(f"returning:{self.login.user.pk}", limit=TRIES, seconds=NAMES_REMEMBERED)


class ReturningForm(forms.Form):
    name = PlainTextField(label=_("您的姓名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
