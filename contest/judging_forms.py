"""What the forms of judging, results and objections send."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from residents.models import User
from ui.fields import PlainTextField, WholeNumberField

from .models import Assignment, Entry, Objection
from .models.judging import NOTE_MOST, REASON_MOST
from .models.results import TEXT_MOST


class NoteForm(forms.Form):
    note = PlainTextField(label=_("评语"), one_line=False, required=False, max_length=NOTE_MOST)


class ConflictForm(forms.Form):
    """How the judge is tied to the entry."""

    kind = forms.ChoiceField(
        label=_("是什么关系"), choices=Assignment.Conflict.choices, widget=forms.RadioSelect,
        error_messages={"required": _("请选是哪一种关系。")},
    )  # fmt: skip
    words = PlainTextField(label=_("说明（可以不写）"), required=False, max_length=REASON_MOST)


class JudgesForm(forms.Form):
    """Whom to name."""

    accounts = forms.ModelMultipleChoiceField(
        label=_("可以列为评委的人"), queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选一位。"), "invalid_choice": _("请从名单里选评委。")},
    )  # fmt: skip

    def __init__(self, *args: Any, people: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["accounts"]
        field.queryset = people  # type: ignore[attr-defined]


class ResignForm(forms.Form):
    """Why a judge leaves, and what becomes of the finished sheets."""

    reason = PlainTextField(label=_("退出的原因"), max_length=REASON_MOST)
    sheets_fall = forms.BooleanField(label=_("已经评完的分也不算"), required=False)


class NoticeForm(forms.Form):
    days = WholeNumberField(label=_("公示几天"), most=999)


class ObjectionForm(forms.Form):
    """An objection; `channel` only where an officer enters it for somebody."""

    entry = forms.ModelChoiceField(
        label=_("对哪一件"), queryset=Entry.objects.none(), required=False, to_field_name="number",
        empty_label=_("对整个结果"), error_messages={"invalid_choice": _("请从名单里选一件。")},
    )  # fmt: skip
    text = PlainTextField(label=_("异议的内容和依据"), one_line=False, max_length=TEXT_MOST)
    real_name = PlainTextField(
        label=_("真实姓名"), max_length=60, help_text=_("只有主办方看得到，公布时不写。"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    channel = forms.ChoiceField(
        label=_("怎么来的"), choices=[one for one in Objection.Channel.choices if one[0] != "online"],
        widget=forms.RadioSelect, required=False,
    )  # fmt: skip

    def __init__(self, *args: Any, entries: Any, officer: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["entry"].queryset = entries  # type: ignore[attr-defined]
        if not officer:
            del self.fields["channel"]


class AnswerForm(forms.Form):
    """What becomes of an objection."""

    public_words = PlainTextField(
        label=_("公布时怎么说这件异议"), one_line=False, max_length=TEXT_MOST,
        help_text=_("不写是谁提的，也不写能认出他的话。"), widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    answer = PlainTextField(
        label=_("答复"), one_line=False, max_length=TEXT_MOST, widget=forms.Textarea(attrs={"rows": 3})
    )
    effect = forms.ChoiceField(
        label=_("怎么办"), widget=forms.RadioSelect,
        choices=[
            ("dismiss", _("不成立")), ("uphold", _("成立，名次不变")),
            ("disqualify", _("成立，取消这一件的资格，重算名次")), ("votes", _("成立，扣掉一些票，重算名次")),
        ],
    )  # fmt: skip
    votes_removed = WholeNumberField(label=_("扣多少票"), required=False)
