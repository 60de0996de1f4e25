"""What is typed about a matter that is not voted, or that by law somebody else decides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from residents.models import Village
from ui.fields import PlainTextField

from .models import Motion, Outcome, TopicCategory
from .unvoted import LONGEST, RESULTS


class UnvotedForm(forms.Form):
    """Something to be talked about or heard."""

    text = PlainTextField(
        label=_("要谈什么、通报什么"), max_length=500, one_line=False, bidi=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("不表决。谈完了，把谈成什么写下来：协商一致、没有谈拢、听取了，或者转给有权的会议。"),
    )  # fmt: skip


class ConclusionForm(forms.Form):
    """What the talk came to."""

    outcome = forms.ChoiceField(label=_("谈下来怎么样"), widget=forms.RadioSelect)
    words = PlainTextField(
        label=_("谈成什么（原话）"), max_length=LONGEST, one_line=False, bidi=False, required=False,
        widget=forms.Textarea(attrs={"rows": 3}), help_text=_("大家看得到，会写进会议记录。只是听取的可以不写。"),
    )  # fmt: skip
    reason = PlainTextField(label=_("为什么改"), max_length=200)

    def __init__(self, *arguments: Any, motion: Motion, decides: str, **options: Any) -> None:
        super().__init__(*arguments, auto_id=f"conclude-{motion.number}-%s", **options)
        binding = motion.meeting.procedure["binding"]
        passed_on = bool(decides)
        offered = [
            one
            for one in RESULTS
            if (one != Outcome.CONSENSUS or not (binding or passed_on))
            and (one != Outcome.UNSETTLED or not passed_on)
            and (one != Outcome.REFERRED or passed_on)
        ]
        self.fields["outcome"].choices = [(one.value, one.label) for one in offered]
        if motion.is_undecided:
            del self.fields["reason"]


class ReservedForm(forms.Form):
    """As what a matter is somebody else's to decide."""

    category = forms.ModelChoiceField(
        label=_("是哪一类事"), queryset=TopicCategory.objects.none(), required=False,
        empty_label=_("没有规定，由今天这个会定"),
    )  # fmt: skip
    reason = PlainTextField(label=_("为什么这样标"), max_length=200, help_text=_("操作日志里看得到。"))

    def __init__(self, *arguments: Any, village: Village, motion: Motion, **options: Any) -> None:
        super().__init__(*arguments, auto_id=f"reserve-{motion.number}-%s", **options)
        known = TopicCategory.objects.for_kind(village.kind).exclude(reserved_for="")
        self.fields["category"].queryset = known
        self.fields["category"].label_from_instance = lambda one: _("%(label)s（由“%(body)s”定）") % {
            "label": one.label, "body": one.get_reserved_for_display(),
        }  # fmt: skip
