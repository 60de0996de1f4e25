"""What people write about their own data: shapes and limits, no rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ui.fields import PlainTextField

from .models import Correction, Resident
from .roll import described


class CorrectionForm(forms.Form):
    """Which line, which part of it, and what it should say."""

    about = forms.ChoiceField(
        label=_("哪一项不对"), choices=[("", _("请选择")), *Correction.About.choices],
        error_messages={"required": _("请选一项。")},
    )  # fmt: skip
    wish = PlainTextField(
        label=_("应该是什么，有什么依据"), max_length=200, one_line=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("例如：出生日期应该是 1956 年 3 月 5 日，户口簿上有。"),
        error_messages={"required": _("请写明应该是什么。")},
    )  # fmt: skip

    def __init__(self, *args: Any, lines: Sequence[Resident], **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines = {line.ref: line for line in lines}
        words = [(line.ref, f"{line.village.name} {described(line)}") for line in lines]
        only = words[0][0] if len(words) == 1 else None
        widget = forms.HiddenInput() if only else forms.Select()
        self.fields["line"] = forms.ChoiceField(label=_("更正谁的资料"), choices=words, initial=only, widget=widget)
        self.order_fields(["line", "about", "wish"])

    def clean_line(self) -> Resident:
        return self.lines[self.cleaned_data["line"]]


class UnderstoodForm(forms.Form):
    """A tick before something that cannot be undone."""

    understood = forms.BooleanField(
        label=_("我看明白了"), error_messages={"required": _("请先看明白上面的话，在前面打勾。")}
    )
