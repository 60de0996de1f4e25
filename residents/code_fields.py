"""Two fields of the way in: a phone as people type it, and the digits of a message."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ui.fields import PlainTextField

from .sheets import parsing

DIGITS = 6


class PhoneField(PlainTextField):
    """A mainland mobile as people type it: spaces, hyphens, full-width digits, +86; cleans to 11 digits."""

    def __init__(self, **options: Any) -> None:
        attrs = {"type": "tel", "inputmode": "tel", "autocomplete": "tel", "maxlength": "20"}
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


class CodeField(PlainTextField):
    """Six digits, in Western or full-width ones, with or without spaces."""

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "12"}
        words = {"required": _("请填短信里的 6 位数字。")}
        super().__init__(
            label=options.pop("label", _("验证码（6 位数字）")),
            max_length=20,
            widget=forms.TextInput(attrs=attrs),
            error_messages=words,
            **options,
        )

    def clean(self, value: Any) -> str:
        words = super().clean(value)
        digits = "".join(unicodedata.normalize("NFKC", words).split())
        if not (len(digits) == DIGITS and digits.isascii() and digits.isdigit()):
            raise forms.ValidationError(_("验证码是 6 位数字，请看清再输一次。"), code="incorrect_code")
        return digits
