"""Form fields that take what people really type, and refuse what nobody means (docs/limits.md)."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Control characters but newline and tab, lone surrogates, and the marks that turn text around.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


class PlainTextField(forms.CharField):
    """Text in Unicode normal form C, without control characters. `one_line` also refuses line ends.

    Marks that turn the direction of writing are refused where a name, title or question could be faked by them: by
    default in whatever is one line, with `bidi` False elsewhere too.
    """

    def __init__(self, *, one_line: bool = True, bidi: bool | None = None, **options: Any) -> None:
        self.one_line = one_line
        self.bidi = not one_line if bidi is None else bidi
        if not one_line:
            options.setdefault("widget", forms.Textarea(attrs={"rows": 6}))
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
        if _FORBIDDEN.search(text) or (self.one_line and "\n" in text) or (not self.bidi and _BIDI.search(text)):
            raise ValidationError(_("里面有看不见的特殊符号，请删掉后重写。"), code="control")
        return text


class WholeNumberField(forms.Field):
    """A whole number from 0 to `most`, in Western or full-width digits; no sign, no exponent, no point."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "9"})

    def __init__(self, *, most: int = 999_999_999, **options: Any) -> None:
        self.most = most
        super().__init__(**options)

    def to_python(self, value: Any) -> int | None:
        text = unicodedata.normalize("NFKC", str(value or "")).strip()
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise ValidationError(_("请填整数，例如 0 或者 25。"), code="invalid")
        if int(text) > self.most:
            raise ValidationError(_("不能超过 %(most)s。") % {"most": self.most}, code="invalid")
        return int(text)
