"""What officers type about the roll: shapes and limits, no rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ui.fields import PlainTextField

from .sheets.headings import LABELS, Layout
from .sheets.parsing import text


class SheetForm(forms.Form):
    """A sheet to look at."""

    file = forms.FileField(
        label=_("名册表格"),
        help_text=_("Excel（.xlsx、.xls）或者 CSV，最大 5 MB、20,000 行。"),
        error_messages={"required": _("请先选择一个表格文件。")},
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )
    whole = forms.BooleanField(
        label=_("这是全村（社区）的名册"), help_text=_("打勾以后，表里没有的人会列为迁出。"), required=False
    )


class ColumnsForm(forms.Form):
    """Which column means what, for headings that were not recognised."""

    def __init__(
        self, *args: Any, layout: Layout, examples: Sequence[Sequence[Any]] = (), **options: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **options)
        choices = [("", _("不用这一列")), *LABELS.items()]
        for column, heading in enumerate(layout.headings):
            if not heading:
                continue
            self.fields[f"column_{column}"] = forms.ChoiceField(
                label=heading,
                choices=choices,
                required=False,
                initial=layout.columns.get(column, ""),
                help_text=_examples(examples, column),
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        used = [field for field in data.values() if field]
        if "name" not in used:
            raise forms.ValidationError(_("请指明哪一列是姓名。"))
        if len(used) != len(set(used)):
            raise forms.ValidationError(_("同一项内容只能对应一列，请核对。"))
        return data

    def mapping(self) -> dict[str, str]:
        return {name.removeprefix("column_"): field for name, field in self.cleaned_data.items()}


def _examples(rows: Sequence[Sequence[Any]], column: int) -> str:
    """What stands in the first rows of the column."""
    words = [text(row[column])[:30] for row in rows if column < len(row)]
    return gettext("例如：%(words)s") % {"words": "、".join(filter(None, words))} if any(words) else ""


class ReasonForm(forms.Form):
    reason = PlainTextField(label=_("说明"), max_length=200, required=False)
