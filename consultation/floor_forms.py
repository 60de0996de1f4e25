"""What is typed about the floor: shapes and limits, no rules."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from ui.fields import PlainTextField, WholeNumberField

from .speaking import MOST_MINUTES


class GuestForm(forms.Form):
    guest = PlainTextField(label=_("来宾姓名"), max_length=60, help_text=_("名册上没有的人，例如请来的技术员。"))


class SpeechRulesForm(forms.Form):
    """The meeting's own rules for speaking."""

    minutes = WholeNumberField(label=_("每次发言最多几分钟"), most=MOST_MINUTES, help_text=_("填 0 就不限时间。"))
    new_voices_first = forms.BooleanField(
        label=_("还没讲过的先讲"), required=False, help_text=_("这次会上第一次要求发言的，排到讲过的人前面。")
    )


class SummaryForm(forms.Form):
    """What somebody said, as the recorder takes it down."""

    summary = PlainTextField(
        label=_("讲了什么"), one_line=False, required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    revision = WholeNumberField(widget=forms.HiddenInput)
