"""What a committee types to call a meeting: shapes and limits, no rules."""

from __future__ import annotations

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from residents.models import Resident, Village
from ui.fields import PlainTextField

from . import participants
from .continuing import topics_for
from .errors import Invalid
from .forms import METHODS, OFFICER_ROLES, ResidentField
from .models import AgendaItem, Meeting, Officer, Petition, ProcedurePreset, Topic
from .participants import read_guests, read_homes
from .places import as_lines, read_places
from .tabling_forms import MotionForm

MOST_UNVOTED = 10
MOST_PLANNED = 5  # motions with a form of their own
EVENING, EARLY = datetime.time(18), datetime.time(6)


class TopicsField(forms.ModelMultipleChoiceField):
    """By the title under which the committee's answer is public."""

    def label_from_instance(self, obj: Topic) -> str:
        if not obj.reserved_for:
            return obj.published_title
        return str(
            _("%(title)s（由“%(body)s”定）") % {"title": obj.published_title, "body": obj.get_reserved_for_display()}
        )


class PetitionsField(forms.ModelMultipleChoiceField):
    """By number, what for and which body."""

    def label_from_instance(self, obj: Petition) -> str:
        return gettext("%(number)s 号请求：%(title)s（%(body)s）") % {
            "number": obj.number, "title": obj.title, "body": obj.preset.body_name,
        }  # fmt: skip


def hours_of(
    held_on: datetime.date, starts: datetime.time, ends: datetime.time, zone: ZoneInfo
) -> tuple[datetime.datetime, datetime.datetime]:
    """From when to when, by the clock of the village's `zone`: what begins in the evening may end after midnight."""
    past_midnight = ends <= starts and starts >= EVENING and ends <= EARLY
    last_day = held_on + datetime.timedelta(days=1) if past_midnight else held_on
    return datetime.datetime.combine(held_on, starts, zone), datetime.datetime.combine(last_day, ends, zone)


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
        "homes": participants.as_lines(meeting),
        "guests": participants.guests_as_lines(meeting),
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


class PlannedMotionForm(MotionForm):
    """One more question in the form that calls a meeting; left alone while nothing is asked in it."""

    def has_changed(self) -> bool:
        return any(self.data.get(self.add_prefix(name), "").strip() for name in ("text", "options"))


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
    homes = PlainTextField(
        label=_("涉及的户"),
        one_line=False,
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "屋场、院落协商只涉及一部分人时填：一行一户，写户号或者户里一个人的姓名；整组的写“3组”。可以和屋场一起选。"
        ),
    )
    guests = PlainTextField(
        label=_("邀请谁来听、来讲"),
        one_line=False,
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("专家、乡镇、物业等，不投票。一行一人，姓名后面空一格写单位、职务。"),
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
        help_text=_(
            "一行写一项，写清楚要大家同意什么。每项都是赞成、反对、弃权；要选方案、无记名的，写在下面单独的一栏里。没有就不填。"
        ),
    )
    method = forms.ChoiceField(
        label=_("表决方式"),
        choices=[(m.value, m.label) for m in METHODS],
    )
    unvoted = PlainTextField(
        label=_("不表决的事"),
        one_line=False,
        bidi=False,
        required=False,
        max_length=MOST_UNVOTED * 501,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("通报、商量的事，不表决，谈完把谈成什么写进会议记录。一行写一项，没有就不填。"),
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

    petitions = PetitionsField(
        label=_("应请求召开"), queryset=Petition.objects.none(), to_field_name="number", required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("签名够数、还没有召集的。选了的，会议通知发出就算召集了；会议类型要是请求的那一种。"),
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
        self.village, self.today = village, today
        # Each is like the console's own form for one more question: what is voted how, and between which options.
        self.planned = [
            PlannedMotionForm(
                self.data if self.is_bound else None,
                prefix=f"planned-{place}",
                village=village,
                ranks=True,
                empty_permitted=True,
                use_required_attribute=False,
            )
            for place in range(1, MOST_PLANNED + 1)
        ]
        demanded = Petition.objects.of(village).waiting().select_related("preset").order_by("number")
        if demanded.exists():
            self.fields["petitions"].queryset = demanded
        else:
            del self.fields["petitions"]
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
        return lines_of(self.cleaned_data["motions"])

    def unvoted_texts(self) -> list[str]:
        return lines_of(self.cleaned_data["unvoted"])

    def officers(self) -> dict[str, Resident]:
        return {role.value: self.cleaned_data[role] for role in OFFICER_ROLES if self.cleaned_data.get(role)}

    def planned_motions(self) -> list[PlannedMotionForm]:
        """Those that were filled in."""
        return [one for one in self.planned if one.has_changed()]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not all(one.is_valid() for one in self.planned):
            self.add_error(None, _("单独写的表决事项里有没填对的，请看那一栏的红字。"))
        # A yard lies across groups: its people go where they like.
        groups = [data["group"]] if data.get("group") else [] if data.get("yard") else list(self.village.groups.all())
        try:
            data["planned"] = read_places(data.get("places", ""), groups)
            data["affected"] = read_homes(data.get("homes", ""), self.village, on=self.today)
            data["asked"] = read_guests(data.get("guests", ""))
        except Invalid as error:
            self.add_error(error.field, str(error.message).splitlines())
        return data

    def clean_agenda(self) -> str:
        if any(len(line.strip()) > 120 for line in self.cleaned_data["agenda"].splitlines()):
            raise forms.ValidationError(_("每一项议程最多 120 个字，请分成几行或者写短一些。"))
        return self.cleaned_data["agenda"]

    def clean_motions(self) -> str:
        if any(len(line.strip()) > 500 for line in self.cleaned_data["motions"].splitlines()):
            raise forms.ValidationError(_("每一项表决最多 500 个字，请写短一些。"))
        return self.cleaned_data["motions"]

    def clean_unvoted(self) -> str:
        lines = lines_of(self.cleaned_data["unvoted"])
        if len(lines) > MOST_UNVOTED or any(len(line) > 500 for line in lines):
            raise forms.ValidationError(_("不表决的事最多 %(most)s 项，每项最多 500 个字。") % {"most": MOST_UNVOTED})
        return self.cleaned_data["unvoted"]


def lines_of(typed: str) -> list[str]:
    return [line.strip() for line in typed.splitlines() if line.strip()]


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
