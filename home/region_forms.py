"""What a township or county fills in about its villages: shapes and limits, no rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from residents.models import Region, Village
from ui.fields import PlainTextField, WholeNumberField

from .merging import standing_villages
from .village_making import MOST_GROUPS, VillageRow


class VillageForm(forms.Form):
    """One new village."""

    name = PlainTextField(label=_("名称"), max_length=60, help_text=_("例如“听泉坳村”“橘灯里社区”。"))
    kind = forms.ChoiceField(label=_("类别"), choices=Village.Kind.choices, widget=forms.RadioSelect)
    code = PlainTextField(label=_("统计代码"), max_length=20)
    groups = WholeNumberField(label=_("有几个小组"), most=MOST_GROUPS, required=False)
    slug = PlainTextField(
        label=_("网址代号"), max_length=60, required=False, help_text=_("空着就按拼音取，例如 tingquanaocun。")
    )
    admin = PlainTextField(
        label=_("第一位管理员的账号"), max_length=60, required=False,
        help_text=_("账号名或者手机号，要写全。还没有账号就空着，以后再指定。"),
    )  # fmt: skip

    def __init__(self, *args: Any, region: Region, **options: Any) -> None:
        super().__init__(*args, **options)
        town = region.code if region.level == Region.Level.TOWNSHIP else ""
        self.fields["code"].help_text = (
            _("12 位，前 9 位是 %(town)s。") % {"town": town} if town else _("12 位，前 9 位是乡镇（街道）的代码。")
        )

    def row(self) -> VillageRow:
        data = self.cleaned_data
        return VillageRow(
            row=0,
            code=data["code"].replace(" ", ""),
            name=data["name"],
            kind=data["kind"],
            groups=data["groups"] or 0,
            slug=data["slug"].lower(),
            admin=data["admin"],
        )


class VillagesSheetForm(forms.Form):
    file = forms.FileField(
        label=_("村（社区）表格"),
        help_text=_("Excel（.xlsx、.xls）或者 CSV，一次最多 40 个。"),
        error_messages={"required": _("请先选择一个表格文件。")},
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )


class MergerForm(forms.Form):
    """Which village joins which, and by what decision (VL 3, UL 3 of 2025: proposed, discussed, approved)."""

    reason = PlainTextField(
        label=_("依据"), max_length=200, help_text=_("写明村民会议的决定和批准的文件，例如“某政发〔2026〕12号”。")
    )

    def __init__(self, *args: Any, region: Region, **options: Any) -> None:
        super().__init__(*args, **options)
        villages = standing_villages(region)
        self.fields["source"] = forms.ModelChoiceField(
            label=_("哪个村（社区）并过去"), queryset=villages, to_field_name="slug", empty_label=gettext("请选择")
        )
        self.fields["target"] = forms.ModelChoiceField(
            label=_("并到哪个村（社区）"), queryset=villages, to_field_name="slug", empty_label=gettext("请选择")
        )
        self.order_fields(["source", "target", "reason"])
