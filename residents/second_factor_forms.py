"""allauth's forms of the second factor, with a field that takes digits as people type them."""

from __future__ import annotations

import unicodedata
from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.utils.translation import gettext_lazy as _


class _DigitsField(forms.CharField):
    """Six digits of an app or eight of a recovery code: full-width ones and spaces are taken."""

    def __init__(self) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "20"}
        super().__init__(label=_("验证码"), max_length=20, widget=forms.TextInput(attrs=attrs))

    def to_python(self, value: Any) -> str:
        return "".join(unicodedata.normalize("NFKC", super().to_python(value) or "").split())


class ShowForm(AuthenticateForm):
    code = _DigitsField()


class ShowAgainForm(ReauthenticateForm):
    code = _DigitsField()


class SetUpAppForm(ActivateTOTPForm):
    code = _DigitsField()
