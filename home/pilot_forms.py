"""What is filled in about a pilot unit: shapes and limits, no rules."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from residents.models import PilotMark, Village
from residents.roll_fields import DayField
from ui.fields import PlainTextField

AHEAD = datetime.timedelta(days=366 * 10)


class PilotForm(forms.Form):
    """Which village, by which document, from when to when."""

    level = forms.ChoiceField(label=_("哪一级"), choices=PilotMark.Level.choices)
    document = PlainTextField(
        label=_("依据的文件"), max_length=120, help_text=_("写明哪个机关的哪个文件，例如“民办发〔2021〕1号”。")
    )

    def __init__(self, *args: Any, villages: QuerySet[Village], today: datetime.date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["village"] = forms.ModelChoiceField(
            label=_("村（社区）"), queryset=villages, to_field_name="slug", empty_label=gettext("请选择")
        )
        self.fields["from_on"] = DayField(label=_("从哪天起"), latest=today + AHEAD, initial=today)
        self.fields["to_on"] = DayField(
            label=_("到哪天止（含当天）"), latest=today + AHEAD, required=False, help_text=_("没有期限就空着。")
        )
        self.order_fields(["village", "level", "document", "from_on", "to_on"])


class EndPilotForm(forms.Form):
    reason = PlainTextField(label=_("原因"), max_length=200, help_text=_("写明哪个文件，或者为什么。"))

    def __init__(self, *args: Any, today: datetime.date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["to_on"] = DayField(label=_("到哪天止（含当天）"), latest=today + AHEAD, initial=today)
        self.order_fields(["to_on", "reason"])
