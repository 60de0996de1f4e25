"""What a vote's forms send."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ui.fields import PlainTextField

from .errors import Incomplete
from .models.contests import PICKS_MOST
from .models.votes import KEY_MOST, REASON_MOST

_KEY = re.compile(rf"[\w-]{{8,{KEY_MOST}}}", re.ASCII)
_NUMBER = re.compile(r"[1-9]\d{0,8}", re.ASCII)


def read_picks(sent: QueryDict) -> list[int]:
    """The numbers that were ticked. Raises Incomplete for what is no number, or far too many."""
    values = sent.getlist("picks")
    if len(values) > PICKS_MOST * 10 or not all(_NUMBER.fullmatch(one) for one in values):
        raise Incomplete(_("收到的选择不完整，请刷新页面，重新选一次。"), "picks")
    return [int(one) for one in values]


def read_key(sent: QueryDict) -> str:
    """The request's own random word. Raises Incomplete."""
    key = sent.get("key", "")
    if not _KEY.fullmatch(key):
        raise Incomplete(_("页面不完整，请刷新后再投。"), "key")
    return key


def read_voter(sent: QueryDict) -> int | None:
    """For whom, by `Voter.key`; None when it is not said. Raises Incomplete."""
    value = sent.get("for", "")
    if not value:
        return None
    if not re.fullmatch(r"\d{1,15}", value, re.ASCII):
        raise Incomplete(_("页面不完整，请刷新后再投。"), "for")
    return int(value)


class DecisionForm(forms.Form):
    """Which batches, what becomes of them, why."""

    batches = forms.MultipleChoiceField(
        label=gettext_lazy("哪些票"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": gettext_lazy("刚才勾的票里有的已经处理了，请看看现在的，重新勾。")},
    )
    what = forms.ChoiceField(
        label=gettext_lazy("怎么办"),
        choices=[("release", gettext_lazy("放行，计入票数")), ("reject", gettext_lazy("不计入票数"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选一样：放行，还是不计入。")},
    )
    reason = PlainTextField(
        label=gettext_lazy("理由（会公布）"),
        max_length=REASON_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("写清看到了什么、凭什么决定。不要写是谁、在哪里。"),
    )

    def __init__(self, *args: Any, clusters: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["batches"].choices = [(one, one) for one in clusters]
        self._clusters = frozenset(clusters)

    def ticked_kinds(self) -> list[str]:
        """The kinds of batches that were ticked as a whole."""
        return self.data.getlist("kinds") if self.is_bound else []

    def clean_batches(self) -> list[str]:
        """Those that were ticked, and those of a ticked kind that were on the page: what came since was not judged."""
        found = set(self.cleaned_data["batches"])
        kinds = set(self.ticked_kinds())
        for shown in self.data.getlist("shown"):
            kind, _bar, clusters = shown.partition("|")
            if kind in kinds:
                found |= self._clusters & set(clusters.split(","))
        if not found:
            raise forms.ValidationError(_("请先勾选要处理的票。"))
        return sorted(found)
