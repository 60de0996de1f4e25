"""What people type into a meeting: shapes and limits, no rules."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from residents.models import Resident, Village
from ui.fields import PlainTextField, WholeNumberField

from .models import AgendaItem, Choice, Motion, Officer, ProcedurePreset

OFFICER_ROLES = (Officer.Role.CHAIR, Officer.Role.RECORDER, Officer.Role.TELLER, Officer.Role.SCRUTINEER)


# Which choices there are is the motion's to say (voting.cast_ballot), not the form's.
_BALLOT_FIELDS = {
    "choice": forms.CharField(max_length=12),
    "entry": WholeNumberField(most=999_999),
    "key": forms.CharField(max_length=64),
}


def read_ballot(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """One voting unit's choice as it was posted: its sound values by name, and the names of those that are not.

    `entry` is the unit's number on the roster, `key` the client's idempotency key. Fields without a form around them: a
    form copies them all for every ballot of a full hall.
    """
    values: dict[str, Any] = {}
    wrong = []
    for name, field in _BALLOT_FIELDS.items():
        try:
            values[name] = field.clean(data.get(name))
        except forms.ValidationError:
            wrong.append(name)
    return values, wrong


class ResidentField(forms.CharField):
    """A person of the village by name; "姓名 出生年" or "姓名 3组" tells namesakes apart."""

    def __init__(self, *, village: Village, **options: Any) -> None:
        self.village = village
        super().__init__(max_length=60, **options)

    def clean(self, value: Any) -> Resident | None:
        words = str(super().clean(value)).replace("组", "").split()  # untranslated: a suffix people type
        if not words:
            return None
        people = Resident.objects.of(self.village).on_roll(timezone.localdate()).filter(name=words[0])
        if len(words) > 1 and words[1].isdecimal():
            number = int(words[1])
            people = (
                people.filter(born_on__year=number) if number > 1800 else people.filter(household__group__number=number)
            )
        found = list(people.select_related("household__group")[:3])
        if not found:
            raise forms.ValidationError(_("名册上没有叫“%(name)s”的人，请核对姓名。") % {"name": words[0]})
        if len(found) > 1:
            raise forms.ValidationError(
                _("名册上有几位“%(name)s”，请在姓名后加空格和出生年，例如“%(name)s %(year)s”。")
                % {"name": words[0], "year": next((one.born_on.year for one in found if one.born_on), 1980)}
            )
        return found[0]


class MeetingForm(forms.Form):
    """Calling a meeting, in the order a committee thinks of it."""

    preset = forms.ModelChoiceField(
        label=_("会议类型"), queryset=ProcedurePreset.objects.none(), empty_label=_("请选择")
    )
    title = PlainTextField(label=_("会议名称"), max_length=120)
    held_on = forms.DateField(label=_("日期"), widget=forms.DateInput(attrs={"type": "date"}))
    starts = forms.TimeField(label=_("开始"), widget=forms.TimeInput(attrs={"type": "time"}))
    ends = forms.TimeField(label=_("预计结束"), widget=forms.TimeInput(attrs={"type": "time"}))
    place = PlainTextField(label=_("地点"), max_length=120)
    yard = forms.ModelChoiceField(label=_("屋场（院落、小区）"), queryset=None, required=False, empty_label=_("不选"))
    group = forms.ModelChoiceField(label=_("小组"), queryset=None, required=False, empty_label=_("不选"))
    agenda = PlainTextField(
        label=_("议程"), one_line=False, max_length=8000, help_text=_("一行写一项。最后一项一般是表决。")
    )
    motions = PlainTextField(
        label=_("表决事项"),
        one_line=False,
        bidi=False,
        required=False,
        max_length=20_000,
        help_text=_("一行写一项，写清楚要大家同意什么。每项都是赞成、反对、弃权。没有就不填。"),
    )
    method = forms.ChoiceField(
        label=_("表决方式"),
        choices=[
            (m.value, m.label) for m in (Motion.Method.HANDS_AND_ONLINE, Motion.Method.ONLINE, Motion.Method.HANDS)
        ],
    )
    remote_basis = PlainTextField(
        label=_("远程参加的依据"),
        max_length=200,
        required=False,
        help_text=_("允许在外地的人用手机参加时填写，例如“本村自治章程第十二条”。不允许就留空。"),
    )

    def __init__(self, *arguments: Any, village: Village, today: datetime.date, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["preset"].queryset = ProcedurePreset.objects.for_kind(village.kind).in_force(today)
        self.fields["yard"].queryset = village.yards.all()
        self.fields["group"].queryset = village.groups.all()
        required = (Officer.Role.CHAIR, Officer.Role.RECORDER)
        for role in OFFICER_ROLES:
            self.fields[role] = ResidentField(village=village, label=role.label, required=role in required)

    def agenda_items(self) -> list[tuple[str, str, int]]:
        """(title, kind, minutes) of each line; the kind is read from its words."""
        lines = [line.strip() for line in self.cleaned_data["agenda"].splitlines() if line.strip()]
        return [(line, kind_of_item(line), 20) for line in lines]

    def motion_texts(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["motions"].splitlines() if line.strip()]

    def officers(self) -> dict[str, Resident]:
        return {role.value: self.cleaned_data[role] for role in OFFICER_ROLES if self.cleaned_data.get(role)}

    def clean_agenda(self) -> str:
        if any(len(line.strip()) > 120 for line in self.cleaned_data["agenda"].splitlines()):
            raise forms.ValidationError(_("每一项议程最多 120 个字，请分成几行或者写短一些。"))
        return self.cleaned_data["agenda"]

    def clean_motions(self) -> str:
        if any(len(line.strip()) > 500 for line in self.cleaned_data["motions"].splitlines()):
            raise forms.ValidationError(_("每一项表决最多 500 个字，请写短一些。"))
        return self.cleaned_data["motions"]


def kind_of_item(words: str) -> str:
    """What a line of an agenda is about, from the verbs committees use; discussion when it does not say."""
    verbs = {  # untranslated: read from what people type
        "表决": AgendaItem.Kind.VOTING,
        "投票": AgendaItem.Kind.VOTING,
        "通报": AgendaItem.Kind.REPORT,
        "报告": AgendaItem.Kind.REPORT,
        "宣读": AgendaItem.Kind.READING,
        "宣布": AgendaItem.Kind.ANNOUNCEMENT,
    }
    return next((kind for verb, kind in verbs.items() if verb in words), AgendaItem.Kind.DISCUSSION)


class ReasonForm(forms.Form):
    reason = PlainTextField(label=_("原因"), max_length=200, required=False)


class MotionForm(forms.Form):
    text = PlainTextField(
        label=_("要表决什么"), max_length=500, one_line=False, bidi=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    method = forms.ChoiceField(
        label=_("表决方式"),
        choices=[
            (m.value, m.label) for m in (Motion.Method.HANDS_AND_ONLINE, Motion.Method.ONLINE, Motion.Method.HANDS)
        ],
    )
    counts_shown = forms.BooleanField(label=_("表决中就显示票数"), required=False)


class HandsForm(forms.Form):
    """A count of hands, typed blind."""

    def __init__(self, *arguments: Any, most: int, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for choice in Choice:
            self.fields[choice.value] = WholeNumberField(label=choice.label, most=most)

    def counts(self) -> dict[str, int]:
        return {choice.value: self.cleaned_data[choice.value] for choice in Choice}


class HandOverForm(forms.Form):
    role = forms.ChoiceField(label=_("职责"), choices=Officer.Role.choices)

    def __init__(self, *arguments: Any, village: Village, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["to"] = ResidentField(village=village, label=_("交给谁"))


class MinutesForm(forms.Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)
    proceedings = PlainTextField(
        label=_("会议经过"),
        one_line=False,
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 14}),
    )
    opinion = PlainTextField(
        label=_("协商意见"), one_line=False, required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 6})
    )
