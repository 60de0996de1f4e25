"""What is asked of who takes a village's ledger away: which year, and what for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ui.fields import PlainTextField

from .ledger import YearOfLedger


class LedgerForm(forms.Form):
    """One of the years that there are."""

    reason = PlainTextField(
        label=_("用途"), max_length=200, help_text=_("例如：年底报县民政局。谁下载、做什么用，会记进操作日志。")
    )

    def __init__(self, *arguments: Any, years: Sequence[YearOfLedger], **options: Any) -> None:
        super().__init__(*arguments, **options)
        said = {
            one.year: _("%(year)s 年（会议和协商 %(meetings)s 次，议题 %(topics)s 件）")
            % {"year": one.year, "meetings": one.meetings, "topics": one.topics}
            for one in years
        }
        self.fields["year"] = forms.TypedChoiceField(
            label=_("哪一年"), coerce=int, choices=list(said.items()), initial=years[0].year
        )
        self.order_fields(["year", "reason"])
