"""The hours a meeting is called for."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consultation.calling_forms import hours_of

DAY = datetime.date(2026, 5, 1)
ZONE = ZoneInfo("Asia/Shanghai")
minutes = st.times().map(lambda one: one.replace(second=0, microsecond=0))


@given(starts=minutes, ends=minutes)
def test_it_begins_on_its_day_and_never_lasts_half_a_day_by_a_slip_of_the_pen(starts, ends):
    begins, over = hours_of(DAY, starts, ends, ZONE)
    assert (begins.date(), begins.time(), over.time()) == (DAY, starts, ends)
    if ends > starts:
        assert over.date() == DAY
    elif over > begins:
        assert over - begins <= datetime.timedelta(hours=12)


@pytest.mark.parametrize(
    ("starts", "ends", "day"),
    [((23, 50), (1, 50), 2), ((18, 0), (6, 0), 2), ((19, 0), (9, 0), 1), ((9, 0), (1, 0), 1), ((19, 0), (19, 0), 1)],
)
def test_what_begins_in_the_evening_may_end_after_midnight(starts, ends, day):
    _begins, over = hours_of(DAY, datetime.time(*starts), datetime.time(*ends), ZONE)
    assert over == datetime.datetime(2026, 5, day, *ends, tzinfo=ZONE)
