"""Days and hours as people say them, for templates: `{{ meeting.starts_at|chinese_date }}`."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from django import template

from ui import dates

register = template.Library()


def _missing_stays_empty(say: Callable[[dates.Day], str]) -> Callable[[dates.Day | None], str]:
    def words(value: dates.Day | None) -> str:
        return say(value) if value else ""

    return words


for _name in ("plain_date", "chinese_date", "month_day", "month", "weekday", "lunar_date", "clock", "near_day"):
    register.filter(_name, _missing_stays_empty(getattr(dates, _name)))


@register.simple_tag
def period_state(opens: datetime.date | None, closes: datetime.date | None) -> str:
    """ "before", "now" or "after" the days from `opens` to `closes`."""
    return dates.period_state(opens, closes)
