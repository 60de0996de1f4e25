"""Days and hours as people say them: the solar day with its weekday, the lunar day, morning and afternoon.

Every function takes a date or a datetime; an aware datetime is first brought to the time zone in use.
"""

from __future__ import annotations

import datetime

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from lunar_python import Lunar

Day = datetime.date | datetime.datetime

_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")  # untranslated: English has its own pattern


def _local(value: Day) -> Day:
    if isinstance(value, datetime.datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def day_of(value: Day) -> datetime.date:
    """The calendar day, in the time zone in use."""
    value = _local(value)
    return value.date() if isinstance(value, datetime.datetime) else value


def _in_english() -> bool:
    return (translation.get_language() or "").startswith("en")


def plain_date(value: Day) -> str:
    """2026年11月23日."""
    return date_format(day_of(value), "j F Y" if _in_english() else "Y年n月j日")  # untranslated: pattern


def chinese_date(value: Day) -> str:
    """2026年11月23日 星期一."""
    return date_format(day_of(value), "l j F Y" if _in_english() else "Y年n月j日 l")  # untranslated: pattern


def month_day(value: Day) -> str:
    """11月23日."""
    return date_format(day_of(value), "j M" if _in_english() else "n月j日")  # untranslated: pattern


def month(value: Day) -> str:
    """11月."""
    return date_format(day_of(value), "M" if _in_english() else "n月")  # untranslated: pattern


def weekday(value: Day) -> str:
    """周一."""
    if _in_english():
        return date_format(day_of(value), "D")
    return _WEEKDAYS[day_of(value).weekday()]


def lunar_date(value: Day) -> str:
    """农历十月十五; a leap month is called so (农历闰六月初八)."""
    day = day_of(value)
    lunar = Lunar.fromDate(datetime.datetime(day.year, day.month, day.day))  # noqa: DTZ001  a calendar day has no zone
    number = lunar.getMonth()
    if _in_english():
        words = {"month": str(abs(number)), "day": str(lunar.getDay())}
    else:
        # The library puts 闰 before a leap month's name; the sentence says it.
        words = {"month": lunar.getMonthInChinese()[-1:], "day": lunar.getDayInChinese()}
    return _("农历闰%(month)s月%(day)s") % words if number < 0 else _("农历%(month)s月%(day)s") % words


def clock(value: datetime.datetime) -> str:
    """下午2:30; English 2:30 PM."""
    moment = _local(value)
    assert isinstance(moment, datetime.datetime)  # noqa: S101  a day has no hour
    if _in_english():
        return date_format(moment, "g:i A")
    hour = moment.hour
    part = (
        _("凌晨") if hour < 6
        else _("上午") if hour < 12
        else _("中午") if hour == 12
        else _("下午") if hour < 18
        else _("晚上")
    )  # fmt: skip
    return f"{part}{hour - 12 if hour > 12 else hour}:{moment.minute:02d}"


def near_day(value: Day) -> str:
    """今天, 明天 or 后天; nothing for any other day."""
    distance = (day_of(value) - timezone.localdate()).days
    return {0: _("今天"), 1: _("明天"), 2: _("后天")}.get(distance, "")


def period_state(opens: datetime.date | None, closes: datetime.date | None) -> str:
    """Whether today lies before, in or after [opens, closes]: "before", "now", "after", or "" without any date."""
    today = timezone.localdate()
    if opens is not None and today < opens:
        return "before"
    if closes is not None and today > closes:
        return "after"
    return "now" if opens is not None or closes is not None else ""
