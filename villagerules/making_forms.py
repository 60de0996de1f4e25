"""What is filled in at each step of making rules. Each form knows its version; what it holds to lies in the rules."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consultation.models import Meeting, Motion
from ui.fields import PlainTextField

from .canonical import canonical_text
from .drafting import MOST_DAYS
from .models import (
    ANSWER_MOST,
    CHECK_NOTE_MOST,
    FINDING_MOST,
    OPINION_MOST,
    Opinion,
    OpinionReply,
    ReviewFinding,
    RuleVersion,
    YearlyCheck,
)
from .opinions import places_of
from .publication import repeal_motions
from .reading import MOST_LETTERS, read_rules
from .remarks import words_of
from .reviewing import checklist
from .structure import tidy


def long_field(label: Any, most: int, **options: Any) -> PlainTextField:
    return PlainTextField(
        label=label, one_line=False, max_length=most, widget=forms.Textarea(attrs={"rows": 4}), **options
    )


def day_field(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options
    )  # fmt: skip


class StepForm(forms.Form):
    """Nothing to fill in but the button."""

    def __init__(self, *args: Any, version: RuleVersion, **options: Any) -> None:
        super().__init__(*args, **options)
        self.version = version
        self.prepare()

    def prepare(self) -> None:
        """What depends on the version."""

    def offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        """What a field lets choose from."""
        field: Any = self.fields[name]
        field.choices = choices


class CallForm(StepForm):
    days = forms.IntegerField(label=_("征集几天"), min_value=1, max_value=MOST_DAYS, initial=15)


class PlaceForm(StepForm):
    lineage = forms.ChoiceField(label=_("关于哪一条"), required=False)

    def prepare(self) -> None:
        self.offer("lineage", [
            ("", _("全文")), *((str(one.lineage), one.name) for one in places_of(self.version))
        ])  # fmt: skip

    def clean_lineage(self) -> uuid.UUID | None:
        return uuid.UUID(self.cleaned_data["lineage"]) if self.cleaned_data["lineage"] else None


class OpinionForm(PlaceForm):
    text = long_field(
        _("您的意见"), OPINION_MOST, help_text=_("有人看过以后，村里人会看到您账号的名称和这些话；委员会会答复。")
    )


class EnteredOpinionForm(PlaceForm):
    text = long_field(_("意见"), OPINION_MOST)
    source = forms.ChoiceField(
        label=_("从哪里来"), choices=[(one.value, one.label) for one in Opinion.BY_RECORDER]
    )  # fmt: skip
    source_note = PlainTextField(label=_("来源说明"), max_length=200, help_text=_("例如“9月3日屋场会”“意见箱”。"))


class AnswerForm(StepForm):
    opinion = forms.IntegerField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(label=_("采纳吗"), choices=OpinionReply.Verdict.choices)
    text = long_field(_("怎么改了，或者为什么不采纳"), ANSWER_MOST)
    withheld_because = PlainTextField(
        label=_("不公开原文的原因"), required=False, max_length=200, help_text=_("原文有骂人、隐私的才填。")
    )

    def clean_opinion(self) -> Opinion:
        found = self.version.opinions.filter(number=self.cleaned_data["opinion"]).first()
        if found is None:
            raise forms.ValidationError(gettext("没有这条意见。"))
        return found


class TextForm(StepForm):
    text = PlainTextField(
        label=_("全文"), one_line=False, bidi=False, max_length=MOST_LETTERS, strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false"}),
        help_text=_("第一行是名称；章、条、项各起一行。"),
    )  # fmt: skip

    def prepare(self) -> None:
        self.fields["text"].initial = canonical_text(self.version)

    def clean_text(self) -> Any:
        reading = read_rules(tidy(self.cleaned_data["text"]), style=self.version.style)
        if reading.stops:
            line = gettext("第 %(line)s 行：%(words)s")
            raise forms.ValidationError([line % {"line": one.line, "words": words_of(one)} for one in reading.stops])
        return reading.rules


class FindingForm(PlaceForm):
    severity = forms.ChoiceField(label=_("轻重"), choices=ReviewFinding.Severity.choices)
    text = long_field(_("审查意见"), FINDING_MOST)


class DropForm(StepForm):
    finding = forms.IntegerField(widget=forms.HiddenInput)


class WordsForm(StepForm):
    words = long_field(_("说明"), 500, required=False)


class ClearForm(StepForm):
    checked = forms.MultipleChoiceField(
        label=_("逐项核对"), widget=forms.CheckboxSelectMultiple
    )  # fmt: skip
    words = long_field(_("说明"), 500, required=False)

    def prepare(self) -> None:
        self.offer("checked", [(item["code"], item["words"]) for item in checklist()])


class DayForm(StepForm):
    on = day_field(_("哪一天"))


class VoteForm(StepForm):
    meeting = forms.ChoiceField(label=_("哪次会议"))
    method = forms.ChoiceField(label=_("怎么投"), initial=Motion.Method.PAPER_AND_ONLINE)
    secret = forms.BooleanField(label=_("无记名"), required=False, initial=True)
    basis = PlainTextField(
        label=_("由这个会议表决的依据"), required=False, max_length=200,
        help_text=_("只有授权表决，或者法律没有写这个会议时才填。"),
    )  # fmt: skip

    def prepare(self) -> None:
        coming = Meeting.objects.of(self.version.village).filter(
            state__in=[Meeting.State.PREPARING, Meeting.State.NOTICED]
        )
        self.meetings = {str(one.number): one for one in coming.select_related("preset", "village")}
        self.offer(
            "meeting", [(number, f"{one.title}（{one.preset.body_name}）") for number, one in self.meetings.items()]
        )
        self.offer(
            "method",
            [
                (one.value, one.label)
                for one in Motion.Method
                if one not in (Motion.Method.NONE, Motion.Method.BELENIOS)
            ],
        )

    def clean_meeting(self) -> Meeting:
        return self.meetings[self.cleaned_data["meeting"]]


class FileForm(StepForm):
    number = PlainTextField(label=_("备案号"), max_length=60)
    on = day_field(_("备案日期"))


class CorrectionForm(PlaceForm):
    text = long_field(_("违反什么、怎么改"), FINDING_MOST)


class CheckForm(StepForm):
    on = day_field(_("哪一天查的"))
    result = forms.ChoiceField(label=_("结果"), choices=YearlyCheck.Result.choices)
    words = PlainTextField(
        label=_("说明"), required=False, max_length=CHECK_NOTE_MOST, help_text=_("要整改的，写明改什么。大家都看得到。")
    )


class PublishForm(StepForm):
    effective_on = day_field(_("施行日期"))
    where = PlainTextField(label=_("张贴在哪里"), max_length=200, help_text=_("例如“村务公开栏、各组公示牌”。"))


class RepealForm(StepForm):
    motion = forms.ChoiceField(label=_("哪项表决决定的"))
    on = day_field(_("从哪天起废止"))

    def prepare(self) -> None:
        self.motions = {str(one.pk): one for one in repeal_motions(self.version)}
        self.offer("motion", [(key, one.text) for key, one in self.motions.items()])

    def clean_motion(self) -> Motion:
        return self.motions[self.cleaned_data["motion"]]
