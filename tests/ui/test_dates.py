"""Days and hours as people say them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest
from django.utils import timezone, translation

from ui import dates

DAY = datetime.date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _in_chinese() -> Iterator[None]:
    """Whatever language an earlier request of this thread left behind."""
    with translation.override("zh-hans"):
        yield


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (DAY, "农历十月十五"),
        (datetime.date(2026, 2, 17), "农历正月初一"),
        (datetime.date(2025, 8, 1), "农历闰六月初八"),
        (datetime.date(2026, 2, 16), "农历腊月廿九"),
    ],
)
def test_the_lunar_day(day: datetime.date, words: str) -> None:
    assert dates.lunar_date(day) == words


def test_the_solar_day_in_both_languages() -> None:
    assert dates.chinese_date(DAY) == "2026年11月23日 星期一"
    assert (dates.month(DAY), dates.weekday(DAY), dates.month_day(DAY)) == ("11月", "周一", "11月23日")
    with translation.override("en"):
        assert dates.chinese_date(DAY) == "Monday 23 November 2026"
        assert (dates.month(DAY), dates.weekday(DAY)) == ("Nov", "Mon")


def test_a_moment_is_told_in_the_villages_time() -> None:
    late = datetime.datetime(2026, 11, 23, 18, 30, tzinfo=datetime.UTC)
    assert dates.chinese_date(late) == "2026年11月24日 星期二"
    assert dates.lunar_date(late) == "农历十月十六"


@pytest.mark.parametrize(
    ("hour", "words"), [(1, "凌晨1:05"), (9, "上午9:05"), (12, "中午12:05"), (14, "下午2:05"), (19, "晚上7:05")]
)
def test_the_hour(hour: int, words: str) -> None:
    assert dates.clock(datetime.datetime(2026, 11, 23, hour, 5, tzinfo=timezone.get_default_timezone())) == words


def test_near_days_have_names() -> None:
    today = timezone.localdate()
    names = [dates.near_day(today + datetime.timedelta(days=n)) for n in range(-1, 4)]
    assert names == ["", "今天", "明天", "后天", ""]


def test_a_period_is_before_now_or_over() -> None:
    today, day = timezone.localdate(), datetime.timedelta(days=1)
    assert dates.period_state(today, today) == "now"
    assert dates.period_state(today + day, None) == "before"
    assert dates.period_state(None, today - day) == "after"
    assert dates.period_state(None, None) == ""
