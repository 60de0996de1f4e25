"""What people type where somebody votes for another: a substitute, a written grant, who is called to a tablet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from residents.models import Resident
from ui.fields import PlainTextField

from .models import Meeting, RosterEntry
from .models.presets import Proxies

NAMED_MOST = 5


def _told(line: RosterEntry) -> str:
    return _("%(number)s %(name)s（%(facts)s）") % {"number": line.number, "name": line.name, "facts": line.told_apart}


class LineField(PlainTextField):
    """A line of the meeting's roster by its number, name, pinyin or initials; namesakes are told apart by number."""

    def __init__(self, *, meeting: Meeting, **options: Any) -> None:
        self.meeting = meeting
        super().__init__(max_length=60, **options)

    def clean(self, value: Any) -> RosterEntry | None:
        words = str(super().clean(value)).strip()
        if not words:
            return None
        entries = self.meeting.roster.entries.select_related("roster", "resident")
        if words.isdecimal():
            found = list(entries.filter(number=int(words[:9])))
        else:
            found = list(entries.filter(name=words)[: NAMED_MOST + 1]) or list(
                entries.named_like(words)[: NAMED_MOST + 1]
            )
        if not found:
            raise forms.ValidationError(_("名册上没有找到“%(words)s”，请核对姓名或者号牌。") % {"words": words})
        if len(found) > 1:
            named = "、".join(str(_told(line)) for line in found[:NAMED_MOST])
            raise forms.ValidationError(_("有几位：%(named)s。请写号牌。") % {"named": named})
        return found[0]


class GrantForm(forms.Form):
    """A written grant: in whose place, to whom, and the photo of the signed paper."""

    def __init__(self, *arguments: Any, meeting: Meeting, own: Sequence[RosterEntry], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.own = {str(line.number): line for line in own}
        if len(own) > 1:
            self.fields["grantor"] = forms.ChoiceField(
                label=_("谁不能来"), choices=[(number, _told(line)) for number, line in self.own.items()]
            )
        if meeting.procedure.get("proxy") == Proxies.SAME_HOUSEHOLD:
            self.homes = self._of_their_homes(meeting, own)
            self.fields["holder"] = forms.ChoiceField(
                label=_("委托家里哪一位"),
                choices=[(number, _told(line)) for number, line in self.homes.items()],
                widget=forms.RadioSelect,
            )
        else:
            self.homes = {}
            self.fields["holder"] = LineField(
                meeting=meeting, label=_("委托谁"), help_text=_("写姓名或者号牌，对方要在这次会议的名册上。")
            )
        self.fields["photo"] = forms.FileField(
            label=_("委托书照片"),
            help_text=_("在纸上写明谁委托谁、哪次会议，两人签名，拍一张照片。只有您二位和会议工作人员看得到。"),
            widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        )

    @staticmethod
    def _of_their_homes(meeting: Meeting, own: Sequence[RosterEntry]) -> dict[str, RosterEntry]:
        """Those of the roster who live with one of these; with a single line, not itself."""
        lines = meeting.roster.entries.filter(resident__household__in=[line.resident.household_id for line in own])
        if len(own) == 1:
            lines = lines.exclude(pk=own[0].pk)
        return {str(line.number): line for line in lines.select_related("roster", "resident")}

    @property
    def somebody_to_ask(self) -> bool:
        return not isinstance(self.fields["holder"], forms.ChoiceField) or bool(self.homes)

    def grantor(self) -> RosterEntry:
        return self.own[self.cleaned_data.get("grantor") or next(iter(self.own))]

    def holder(self) -> RosterEntry:
        chosen = self.cleaned_data["holder"]
        return chosen if isinstance(chosen, RosterEntry) else self.homes[chosen]


class SubstituteForm(forms.Form):
    """Who of the household comes instead, and why."""

    reason = PlainTextField(label=_("为什么换人"), max_length=120, help_text=_("例如“在外地务工”，会记在名册更正里。"))

    def __init__(self, *arguments: Any, people: QuerySet[Resident], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.people = {one.ref: one for one in people}
        self.fields["to"] = forms.ChoiceField(
            label=_("本户由谁来"),
            choices=[(ref, _person(one)) for ref, one in self.people.items()],
            widget=forms.RadioSelect,
        )
        self.order_fields(["to", "reason"])

    def to(self) -> Resident:
        return self.people[self.cleaned_data["to"]]


def _person(one: Resident) -> str:
    return _("%(name)s（%(year)s年生）") % {"name": one.name, "year": one.born_on.year if one.born_on else "—"}


class CallUpForm(forms.Form):
    """Who gets which tablet."""

    def __init__(self, *arguments: Any, meeting: Meeting, numbers: Sequence[int], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["who"] = LineField(
            meeting=meeting,
            label=_("请谁来投票"),
            help_text=_("姓名、拼音首字母或者号牌。"),
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )
        choices = [(number, _("%(number)s 号平板") % {"number": number}) for number in numbers]
        self.fields["kiosk"] = forms.TypedChoiceField(label=_("用哪一台"), choices=choices, coerce=int)
