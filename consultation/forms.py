"""What people type into a meeting: shapes and limits, no rules."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from residents.models import Resident, Village
from ui.fields import PlainTextField, WholeNumberField

from .balance import VALID, parts_of
from .bulletin_text import board_code, slip_key
from .continuing import topics_for
from .errors import Invalid
from .models import AgendaItem, Choice, Meeting, MeetingSession, Motion, Officer, ProcedurePreset, Sheet, Topic
from .models.minutes import ADDENDUM_MOST
from .options import looks_like_picks
from .places import as_lines, read_places
from .settling import label_of

OFFICER_ROLES = (Officer.Role.CHAIR, Officer.Role.RECORDER, Officer.Role.TELLER, Officer.Role.SCRUTINEER)


# Which choices there are is the motion's to say (voting.cast_ballot), not the form's.
_BALLOT_FIELDS = {
    "choice": forms.CharField(max_length=120),
    "entry": WholeNumberField(most=999_999),
    "key": forms.CharField(max_length=64),
}


def picked(data: Mapping[str, Any]) -> Any:
    """What was chosen: of several ticks of one ballot all keys, one after the other (options.py)."""
    chosen = data.getlist("choice") if isinstance(data, QueryDict) else [data.get("choice")]
    several = len(chosen) > 1 and all(looks_like_picks(one) for one in chosen)
    return "".join(chosen) if several else data.get("choice")


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


METHODS = (
    Motion.Method.HANDS_AND_ONLINE,
    Motion.Method.ONLINE,
    Motion.Method.HANDS,
    Motion.Method.PAPER_AND_ONLINE,
    Motion.Method.PAPER,
)


class TopicsField(forms.ModelMultipleChoiceField):
    """By the title under which the committee's answer is public."""

    def label_from_instance(self, obj: Topic) -> str:
        if not obj.reserved_for:
            return obj.published_title
        return str(
            _("%(title)s（由“%(body)s”定）") % {"title": obj.published_title, "body": obj.get_reserved_for_display()}
        )


def as_before(meeting: Meeting) -> dict[str, Any]:
    """What the next meeting of the kind begins with: as the last one, but for the day and the matters voted."""
    zone = ZoneInfo(meeting.village.time_zone)
    items = meeting.agenda.filter(topic__isnull=True).order_by("number")
    first = meeting.motions.order_by("number").first()
    officers = meeting.officers.serving().select_related("resident")
    return {
        "preset": meeting.preset_id,
        "title": meeting.title,
        "place": meeting.place,
        "places": as_lines(meeting),
        "yard": meeting.yard_id,
        "group": meeting.group_id,
        "starts": meeting.starts_at.astimezone(zone).strftime("%H:%M"),
        "ends": meeting.ends_at.astimezone(zone).strftime("%H:%M"),
        "agenda": "\n".join(item.title for item in items),
        "method": first.method if first is not None and first.method in METHODS else None,
        "remote_basis": meeting.remote_basis if meeting.remote_basis != meeting.preset.citation else "",
        **{one.role: _told_apart(one.resident) for one in officers},
    }


def _told_apart(person: Resident) -> str:
    """The name, with the year of birth where somebody else of the roll has it too."""
    others = Resident.objects.of(person.village).on_roll(timezone.localdate()).filter(name=person.name)
    return f"{person.name} {person.born_on.year}" if person.born_on and others.count() > 1 else person.name


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
    places = PlainTextField(
        label=_("分会场"),
        one_line=False,
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "分片开的才填：每个会场写一行，后面写哪些组去，例如“中心小学操场：1、2、3组”。上面的地点写主会场。"
        ),
    )
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
        choices=[(m.value, m.label) for m in METHODS],
    )
    remote_basis = PlainTextField(
        label=_("远程参加的依据"),
        max_length=200,
        required=False,
        help_text=_("允许在外地的人用手机参加时填写，例如“本村自治章程第十二条”。不允许就留空。"),
    )

    topics = TopicsField(
        label=_("商量哪些议题"), queryset=Topic.objects.none(), to_field_name="number", required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "委员会列为议题或者转交别人决定、还没有开会商量的。选了的会加进议程，不用再写一遍。"
            "由别人决定的，协商会上表决只是意见。"
        ),
    )  # fmt: skip

    def __init__(
        self,
        *arguments: Any,
        village: Village,
        today: datetime.date,
        continued: Meeting | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self.village = village
        waiting = topics_for(village, continued)
        if waiting.exists():
            self.fields["topics"].queryset = waiting
        else:
            del self.fields["topics"]
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

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        # A yard lies across groups: its people go where they like.
        groups = [data["group"]] if data.get("group") else [] if data.get("yard") else list(self.village.groups.all())
        try:
            data["planned"] = read_places(data.get("places", ""), groups)
        except Invalid as error:
            self.add_error("places", str(error.message))
        return data

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
    return PART_LABELS | {key: f"{key} {text}" for key, text in motion.choices if key in motion.form.keys}


class CountForm(forms.Form):
    """One person's count of hands or papers, typed blind, with a photo of the tally form."""

    def __init__(
        self,
        *arguments: Any,
        parts: Sequence[str],
        most: int,
        labels: Mapping[str, Any] = PART_LABELS,
        places: Sequence[MeetingSession] = (),
        typed: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
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
    def other_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in self.parts]


class ResultForm(CountForm):
    """The result of a Belenios election: its file, or its numbers typed."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, typed=False, **options)
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
