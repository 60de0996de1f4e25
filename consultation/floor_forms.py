"""What is typed about the floor: shapes and limits, no rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ui.fields import PlainTextField, WholeNumberField

from .acting_forms import LineField
from .models import Meeting
from .speaking import MOST_MINUTES
from .temperature import MOST_CHARACTERS


class GuestForm(forms.Form):
    guest = PlainTextField(
        label=_("来宾姓名"),
        max_length=60,
        help_text=_("名册上没有的人，例如请来的技术员。"),
        widget=forms.TextInput(attrs={"list": "invited-guests"}),
    )


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


def _question(**options: Any) -> PlainTextField:
    return PlainTextField(
        label=_("问题"), one_line=False, bidi=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}), **options
    )


class QuestionForm(forms.Form):
    """Somebody's own question, from their phone."""

    text = _question(
        help_text=_(
            "和在会场站起来问一样：主持人放出来以后，全村看得到问题和您的名字，答复了会写进会议记录。最多 500 个字。"
        )
    )


class HeardQuestionForm(forms.Form):
    """A question that the recorder takes down for somebody."""

    def __init__(self, *arguments: Any, meeting: Meeting, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["who"] = LineField(
            meeting=meeting, label=_("谁问的"), required=False, help_text=_("姓名、拼音首字母或者号牌。")
        )
        self.fields["guest"] = PlainTextField(label=_("来宾姓名"), max_length=60, required=False)
        self.fields["text"] = _question()


class RejectForm(forms.Form):
    reason = PlainTextField(label=_("为什么不放出来"), max_length=200, help_text=_("提问的人会看到。"))


class AnswerForm(forms.Form):
    """The answer in words, as the minutes take it."""

    answer = PlainTextField(label=_("答复"), one_line=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    revision = WholeNumberField(widget=forms.HiddenInput)


class TemperatureForm(forms.Form):
    text = PlainTextField(
        label=_("问大家什么"), max_length=MOST_CHARACTERS, help_text=_("例如：先修上游这一段，大家觉得行不行？")
    )
