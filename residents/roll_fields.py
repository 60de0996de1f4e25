"""Fields of the roll's forms: a day, a household by its number."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Household, Village
from .sheets import parsing

OLDEST = datetime.date(parsing.OLDEST_YEAR, 1, 1)


class DayField(forms.DateField):
    """A day, not before 1900 and not after `latest`."""

    def __init__(self, *, latest: datetime.date, **options: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)
        self.latest = latest

    def clean(self, value: Any) -> datetime.date | None:
        day = super().clean(value)
        if day is not None and day > self.latest:
            raise forms.ValidationError(_("不能晚于 %(day)s。") % {"day": self.latest})
        if day is not None and day < OLDEST:
            raise forms.ValidationError(_("日期太早了，请核对年份。"))
        return day


class HouseholdField(forms.CharField):
    """A household of the village by its number, the committee's own or ours."""

    def __init__(self, *, village: Village, on: datetime.date, **options: Any) -> None:
        super().__init__(max_length=30, **options)
        self.village = village
        self.on = on

    def prepare_value(self, value: Any) -> Any:
        return (value.own_number or str(value.number)) if isinstance(value, Household) else value

    def clean(self, value: Any) -> Household | None:
        number = parsing.text(super().clean(value)).removesuffix("户")  # untranslated: a suffix people type
        if not number:
            return None
        homes = Household.objects.of(self.village).on_roll(self.on).select_related("group", "village")
        found = homes.filter(own_number=number).first()
        if found is None and number.isdecimal() and len(number) <= 9:
            found = homes.filter(number=int(number)).first()
        if found is None:
            raise forms.ValidationError(_("没有户号是“%(number)s”的户，请核对。") % {"number": number})
        return found
