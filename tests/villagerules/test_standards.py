"""Advocated standards and sums of points: pure rules with laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from villagerules.point_sums import PointsLine, counted, third_of, total
from villagerules.standards import (
    DAYS,
    GIFT,
    TABLES,
    NoStandard,
    beyond,
    read_standards,
    standards_for,
    within,
    written,
)

TOLD = [
    {"item": "红事桌数", "limit": 20, "unit": "桌", "nature": "提倡"},
    {"item": "白事桌数", "limit": 15, "unit": "桌", "nature": "提倡"},
    {"item": "红事天数", "limit": 1, "unit": "天", "nature": "提倡"},
    {"item": "烟", "limit": 25, "unit": "元/包", "nature": "提倡"},
    {"item": "乡邻随礼", "limit": 100, "unit": "元", "nature": "提倡"},
    {"item": "红事提前登记", "limit": 15, "unit": "天", "nature": "提倡"},
    {"item": "坏的一行", "limit": "很多", "unit": "桌"},
]
WORDS = ["红事", "白事", "其他喜庆"]
NUMBERS = st.one_of(st.none(), st.integers(0, 60))


def of(word):
    return standards_for(word, WORDS, TOLD)


figures = st.tuples(st.sampled_from(["红事桌数", "白事 天数", "烟", "乡邻随礼"]), st.integers(0, 10**6))


@given(st.lists(figures, unique_by=lambda one: one[0]))
def test_what_is_written_is_read_again(lines):
    told = [{"item": item, "limit": limit, "unit": "元/包", "nature": "提倡"} for item, limit in lines]
    assert read_standards(written(told)) == told


def test_a_line_may_be_typed_as_people_type():
    told = read_standards("红事桌数：20桌\n\n 烟 不超过 25 元/包 \n白事天数,2天")
    assert [(one["item"], one["limit"], one["unit"]) for one in told] == [
        ("红事桌数", 20, "桌"), ("烟 不超过", 25, "元/包"), ("白事天数", 2, "天"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("红事桌数", 1), ("红事桌数 20", 1), ("20 桌", 1), ("红事桌数 20 桌\n红事桌数 18 桌", 2),
        ("红事桌数 1.5 桌", 1), ("桌" * 31 + " 2 桌", 1), ("红事桌数 1000001 桌", 1),
        ("\n".join(f"第{chr(0x4E00 + n)} 2 桌" for n in range(31)), 31),
    ],
)  # fmt: skip
def test_a_line_that_is_no_figure_is_named(text, line):
    with pytest.raises(NoStandard) as refused:
        read_standards(text)
    assert refused.value.line == line


def test_a_kind_has_its_own_standards_and_those_of_all():
    assert [(one.item, one.measure) for one in of("红事")] == [
        ("红事桌数", TABLES), ("红事天数", DAYS), ("烟", ""), ("乡邻随礼", GIFT), ("红事提前登记", ""),
    ]  # fmt: skip
    assert [one.item for one in of("其他喜庆")] == ["烟", "乡邻随礼"]


def test_the_limit_itself_is_within():
    assert within(of("红事"), {TABLES: 20, DAYS: 1, GIFT: 100}) is True
    assert within(of("红事"), {TABLES: 21, DAYS: None, GIFT: None}) is False
    assert within(of("红事"), {TABLES: None, DAYS: None, GIFT: None}) is None
    assert within([], {TABLES: 99}) is None


@given(st.fixed_dictionaries({TABLES: NUMBERS, DAYS: NUMBERS, GIFT: NUMBERS}))
def test_within_is_exactly_where_nothing_lies_beyond(came):
    held = within(of("白事"), came)
    assert held is None or held == (not beyond(of("白事"), came))


LINES = st.lists(st.builds(PointsLine, st.integers(-100, 100), st.booleans()), max_size=30)


@given(LINES)
def test_the_total_is_the_sum_of_what_the_lines_count(lines):
    assert total(lines) == sum(counted(lines))
    assert len(counted(lines)) == len(lines)


@given(LINES)
def test_no_line_counts_more_than_it_says_and_none_turns_round(lines):
    for line, counts in zip(lines, counted(lines), strict=True):
        assert min(line.points, 0) <= counts <= max(line.points, 0)
        assert counts == line.points or (line.points < 0 and not line.below_zero)


@given(st.lists(st.builds(PointsLine, st.integers(-100, 100)), max_size=30))
def test_nobody_falls_below_nothing_unless_the_assembly_said_so(lines):
    sums = [total(lines[: number + 1]) for number in range(len(lines))]
    assert all(one >= 0 for one in sums)


def test_the_assembly_may_say_so():
    assert counted([PointsLine(3), PointsLine(-5), PointsLine(-2, True), PointsLine(-1)]) == [3, -3, -2, 0]


@given(st.lists(st.integers(-50, 50), min_size=10, max_size=60))
def test_who_has_more_never_stands_in_a_lower_third(everybody):
    ordered = sorted(everybody, reverse=True)
    thirds = [third_of(one, everybody) for one in ordered]
    assert thirds == sorted(thirds)
    assert thirds[0] == 0
    assert set(thirds) <= {0, 1, 2}


def test_among_few_households_nobody_is_told_their_third():
    assert third_of(5, [5] * 9) is None
