"""What people type into a meeting: shapes and limits, no rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from residents.models import Resident, Village
from ui.fields import PlainTextField, WholeNumberField

from . import participants
from .balance import VALID, parts_of
from .bulletin_text import board_code, slip_key
from .models import Choice, MeetingSession, Motion, Officer, Sheet
from .models.minutes import ADDENDUM_MOST
from .options import looks_like_a_place, looks_like_picks, ranking_of
from .settling import label_of

OFFICER_ROLES = (Officer.Role.CHAIR, Officer.Role.RECORDER, Officer.Role.TELLER, Officer.Role.SCRUTINEER)

METHODS = (
    Motion.Method.HANDS_AND_ONLINE,
    Motion.Method.ONLINE,
    Motion.Method.HANDS,
    Motion.Method.PAPER_AND_ONLINE,
    Motion.Method.PAPER,
)


# Which choices there are is the motion's to say (voting.cast_ballot), not the form's.
_BALLOT_FIELDS = {
    "choice": forms.CharField(max_length=120),
    "entry": WholeNumberField(most=999_999),
    "key": forms.CharField(max_length=64),
}


def picked(data: Mapping[str, Any]) -> Any:
    """What was chosen: of several ticks of one ballot all keys, one after the other, of places those that they give
    (options.py). A menu of places that was left alone sends an empty one."""
    chosen = [one for one in data.getlist("choice") if one] if isinstance(data, QueryDict) else [data.get("choice")]
    if any(looks_like_a_place(one) for one in chosen):
        return ranking_of(chosen)
    several = len(chosen) > 1 and all(looks_like_picks(one) for one in chosen)
    return "".join(chosen) if several else (chosen[-1] if chosen else None)


def _read(fields: Mapping[str, forms.Field], data: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The sound values by name, and the names of those that are not."""
    values: dict[str, Any] = {}
    wrong = []
    for name, field in fields.items():
        try:
            values[name] = field.clean(picked(data) if name == "choice" else data.get(name))
        except forms.ValidationError:
            wrong.append(name)
    return values, wrong


def read_ballot(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """One voting unit's choice as it was posted: its sound values by name, and the names of those that are not.

    `entry` is the unit's number on the roster, `key` the client's idempotency key. Fields without a form around them: a
    form copies them all for every ballot of a full hall.
    """
    return _read(_BALLOT_FIELDS, data)


_SECRET_FIELDS = {
    "choice": forms.CharField(max_length=120),
    "entry": WholeNumberField(most=999_999),
    "turn": WholeNumberField(most=1000, required=False),
}
_SECRET = re.compile(r"[0-9a-f]{32}")


def read_secret_ballot(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The same for a secret ballot: slip and board code as the voter's phone made them, or of the page's own secret."""
    values, wrong = _read(_SECRET_FIELDS, data)
    values["turn"] = values.get("turn") or 1
    secret = str(data.get("secret", ""))
    if _SECRET.fullmatch(secret):
        values["secret"] = secret
        values["slip"], values["board"] = slip_key(bytes.fromhex(secret)), board_code(bytes.fromhex(secret))
    else:
        values["slip"], values["board"] = str(data.get("slip", ""))[:65], str(data.get("board", ""))[:65]
        if not values["slip"] or not values["board"]:
            wrong.append("slip")
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


class GuestForm(forms.Form):
    """Somebody who turned up without being on the list of those invited."""

    name = PlainTextField(label=_("姓名"), max_length=participants.LONGEST)
    position = PlainTextField(label=_("单位、职务"), max_length=participants.LONGEST, required=False)


class ReasonForm(forms.Form):
    reason = PlainTextField(label=_("原因"), max_length=200, required=False)


class SignedPageForm(forms.Form):
    """The page of the minutes that an officer signed by hand."""

    role = forms.ChoiceField(label=_("谁在纸上签的"))
    photo = forms.FileField(
        label=_("签字页照片"),
        help_text=_("拍清楚签名和页眉上的校验值。只有会议人员和监督委员会看得到。"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )

    def __init__(self, *arguments: Any, officers: Sequence[Officer], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["role"].choices = [(one.role, f"{one.get_role_display()} {one.resident.name}") for one in officers]


class ExcuseForm(forms.Form):
    """That an officer does not sign the minutes, and why."""

    role = forms.ChoiceField(label=_("谁没有签"))
    reason = PlainTextField(
        label=_("为什么没有签"), max_length=200, help_text=_("会写在签字的位置，例如：住院，无法签字。")
    )

    def __init__(self, *arguments: Any, missing: Sequence[Officer], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["role"].choices = [(one.role, f"{one.get_role_display()} {one.resident.name}") for one in missing]


class AddendumForm(forms.Form):
    """Words for under the signed minutes."""

    text = PlainTextField(
        label=_("要补记什么"), max_length=ADDENDUM_MOST, one_line=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("签过的文字不会改，补记写在下面。另一个人确认以后才算数。"),
    )  # fmt: skip


PART_LABELS = {
    "for": Choice.FOR.label,
    "against": Choice.AGAINST.label,
    "abstain": Choice.ABSTAIN.label,
    "blank": _("空白票"),
    "invalid": _("废票"),
    "not_returned": _("没有交回"),
    VALID: _("选了方案的"),
}


def labels_of(motion: Motion) -> dict[str, Any]:
    """What each number that people count is called, by part (balance.parts_of)."""
    return PART_LABELS | dict(motion.counted_parts)


class CountForm(forms.Form):
    """One person's count of hands or papers, typed blind, with a photo of the tally form."""

    def __init__(
        self,
        *arguments: Any,
        parts: Sequence[str],
        most: int,
        labels: Mapping[str, Any] = PART_LABELS,
        options: Mapping[str, str] | None = None,
        places: Sequence[MeetingSession] = (),
        typed: bool = True,
        **more: Any,
    ) -> None:
        super().__init__(*arguments, **more)
        self.options = options or {}
        self.parts, self.places = parts, {str(place.number): place for place in places}
        for part in parts:
            self.fields[part] = WholeNumberField(label=labels[part], most=most, required=typed)
        if places:
            self.fields["place"] = forms.ChoiceField(
                label=_("会场"), choices=[("", _("全部会场合在一起数")), *((str(p.number), p.place) for p in places)],
                required=False,
            )  # fmt: skip
        self.fields["photo"] = forms.FileField(
            label=_("计票单照片"),
            required=False,
            help_text=_("可以不传。两人核对一致以后，村民才看得到。"),
            widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        )

    def numbers(self) -> dict[str, int]:
        return {part: self.cleaned_data[part] or 0 for part in self.parts}

    def place(self) -> MeetingSession | None:
        return self.places.get(self.cleaned_data.get("place") or "")

    @property
    def number_fields(self) -> list[forms.BoundField]:
        return [self[part] for part in self.parts]

    @property
    def whole_numbers(self) -> list[forms.BoundField]:
        """Those that stand for themselves; of a ranking the others stand by option and place."""
        return [self[part] for part in self.parts if not looks_like_a_place(part)]

    @property
    def ranks(self) -> list[tuple[Any, list[tuple[str, forms.BoundField]]]]:
        """Of a ranking each option with its places, and the field of each."""
        by_option: dict[str, list[tuple[str, forms.BoundField]]] = {}
        for part in self.parts:
            if looks_like_a_place(part):
                by_option.setdefault(self.options[part[1:]], []).append((part[0], self[part]))
        return list(by_option.items())

    @property
    def other_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in self.parts]


class ResultForm(CountForm):
    """The result of a Belenios election: its file, or its numbers typed."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, typed=False, **more)
        self.fields["result"] = forms.FileField(
            label=_("Belenios 的 result.json"),
            required=False,
            help_text=_("从 Belenios 的结果页面下载，直接上传；也可以不传，把票数填在下面。"),
            widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = [part for part in self.parts if data.get(part) is not None]
        if data.get("result") and chosen:
            self.add_error("result", _("文件和数字只要一样。请清空数字，或者不选文件。"))
        elif not data.get("result") and not self.errors and len(chosen) < 3:
            self.add_error("result", _("请上传 result.json，或者把赞成、反对、弃权都填上，没有就填 0。"))
        return data


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


class SettlingForm(forms.Form):
    """What is to become of a vote that went wrong, and why."""

    decision = forms.ChoiceField(
        label=_("怎么办"), choices=[("annul", _("作废这次表决")), ("count", _("按箱子里现有的票计票"))]
    )
    reason = PlainTextField(label=_("原因"), max_length=200, help_text=_("村民在公示单上会看到这句话。"))


class CorrectionForm(forms.Form):
    """What a confirmed sheet should have said."""

    def __init__(self, *arguments: Any, sheet: Sheet, **options: Any) -> None:
        super().__init__(*arguments, **options)
        parts = parts_of(sheet.motion.form, sheet.method)
        self._names = [f"{part}_count" for part in parts]
        for part, name in zip(parts, self._names, strict=True):
            label = label_of(sheet.motion, name)
            self.fields[name] = WholeNumberField(label=label, most=999_999, initial=sheet.number(part))
        self.fields["reason"] = PlainTextField(
            label=_("更正的原因"), max_length=200, help_text=_("村民在公示单上会看到这句话。")
        )

    def numbers(self) -> dict[str, int]:
        return {name: self.cleaned_data[name] for name in self._names}
