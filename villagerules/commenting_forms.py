"""What is filled in beside an article: an opinion, a report about somebody else's, why one is hidden."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ui.fields import PlainTextField

from .models import HIDDEN_MOST, OPINION_MOST, REPORT_MOST, OpinionReport


class SayForm(forms.Form):
    text = PlainTextField(
        label=_("您想说什么"), one_line=False, max_length=OPINION_MOST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("有人看过以后，村里人会看到您账号的名称和这些话；委员会会答复。"),
    )  # fmt: skip


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("为什么"), widget=forms.RadioSelect, choices=OpinionReport.Reason.choices,
        error_messages={"required": _("请选一个原因。")},
    )  # fmt: skip
    words = PlainTextField(
        label=_("再说明一下"), required=False, one_line=False, max_length=REPORT_MOST,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("reason") == OpinionReport.Reason.OTHER and not cleaned.get("words", "").strip():
            self.add_error("words", gettext("请写明是什么原因。"))
        return cleaned


class HideForm(forms.Form):
    because = PlainTextField(
        label=_("为什么不公开"), max_length=HIDDEN_MOST, help_text=_("大家会看到这个原因，例如“说到别人家的私事”。")
    )  # fmt: skip
