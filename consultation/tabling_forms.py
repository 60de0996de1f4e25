"""What is typed when a question is put on a meeting's list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from residents.models import Village
from ui.fields import PlainTextField, WholeNumberField

from .amendments import LONGEST
from .forms import METHODS
from .models import Motion, ReservedFor, TopicCategory
from .options import LONGEST_OPTION, MOST_OPTIONS, MOST_RANKED, MOST_RANKED_SECRET
from .tabling import KINDS, WITH_HANDS


class KindField(forms.ChoiceField):
    """How people vote; who says nothing means for and against."""

    def clean(self, value: Any) -> str:
        return str(super().clean(value or Motion.Kind.YES_NO.value))


class AmendmentForm(forms.Form):
    """The words that a motion would have."""

    new_text = PlainTextField(
        label=_("改成什么（写出改了以后的整句话）"), max_length=LONGEST, one_line=False, bidi=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    options = PlainTextField(
        label=_("方案改成（一行写一个）"),
        max_length=MOST_OPTIONS * (LONGEST_OPTION + 2),
        one_line=False,
        bidi=False,
        required=False,
    )


class MotionForm(forms.Form):
    """One more question for a meeting, and how it is voted."""

    text = PlainTextField(
        label=_("要表决什么"), max_length=500, one_line=False, bidi=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    kind = KindField(
        label=_("怎么投"),
        choices=[(kind.value, kind.label) for kind in KINDS],
        initial=Motion.Kind.YES_NO,
        widget=forms.RadioSelect,
    )
    options = PlainTextField(
        label=_("方案"),
        max_length=MOST_OPTIONS * (LONGEST_OPTION + 2),
        one_line=False,
        bidi=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("选方案、排先后才填：一行写一个，2 到 50 个。不用写“弃权”，选票上自动有。"),
    )
    most = WholeNumberField(
        label=_("最多选几个"), most=MOST_OPTIONS, required=False, help_text=_("“选几个方案”才填，要比方案的个数少。")
    )
    method = forms.ChoiceField(
        label=_("表决方式"),
        choices=[(m.value, m.label) for m in (*METHODS, Motion.Method.BELENIOS)],
        initial=METHODS[0],
        help_text=_("有争议的选举，可以在 Belenios 上投，再把结果录进来。"),
    )
    secret = forms.BooleanField(
        label=_("无记名"),
        required=False,
        help_text=_("谁也看不到谁投了什么，开票以前也看不到票数。举手不能无记名。"),
    )
    changeable = forms.BooleanField(
        label=_("停止以前可以改票"), required=False, help_text=_("用手机投了以后，停止以前还能再投一次，最后一次算数。")
    )
    counts_shown = forms.BooleanField(
        label=_("表决中就显示票数"), required=False, help_text=_("无记名的不显示，只显示投了多少。")
    )

    reserved_for = forms.ChoiceField(
        label=_("这件事法律规定由谁决定"),
        required=False,
        help_text=_("不是由今天这个会决定的，今天表决只是意见，结果会转办，不会写“通过”。"),
    )

    def __init__(self, *arguments: Any, village: Village, ranks: bool, **options: Any) -> None:
        """`ranks`: options may be put in order there, or it is not known yet what meeting it will be."""
        super().__init__(*arguments, **options)
        if ranks:
            said = _("排先后：最多 %(most)s 个方案，无记名最多 %(secret)s 个；越靠前分越多，加起来看先后。不能举手。")
            self.fields["kind"].help_text = said % {"most": MOST_RANKED, "secret": MOST_RANKED_SECRET}
        else:
            self.fields["kind"].choices = [one for one in self.fields["kind"].choices if one[0] != Motion.Kind.RANKED]
        known = set(TopicCategory.objects.for_kind(village.kind).values_list("reserved_for", flat=True))
        self.fields["reserved_for"].choices = [
            ("", _("没有规定，或者就是由今天这个会决定")),
            *(choice for choice in ReservedFor.choices if choice[0] in known),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["options"] = (data.get("options") or "").split("\n")
        data["most"] = data.get("most") or 1
        if data.get("kind") == Motion.Kind.YES_NO and any(map(str.strip, data["options"])):
            self.add_error("kind", _("写了方案，就请选“选一个方案”“选几个方案”或者“排先后”；不选方案就把它们删掉。"))
        method = data.get("method")
        if data.get("kind") == Motion.Kind.RANKED and method in WITH_HANDS:
            self.add_error("method", _("举手排不出先后，请选手机、纸票，或者手机和纸票。"))
        elif data.get("secret") and method in WITH_HANDS:
            self.add_error("method", _("举手大家都看得见，不能无记名。请选手机、纸票，或者手机和纸票。"))
        if data.get("changeable") and method in (Motion.Method.HANDS, Motion.Method.PAPER, Motion.Method.BELENIOS):
            self.add_error("changeable", _("只有用手机投的才能改票。请去掉这一项，或者换一种表决方式。"))
        if method == Motion.Method.BELENIOS:  # secret by its nature: nobody here can see who chose what
            data["secret"] = True
        return data
