"""Which rules may enter: calendar months in force, an unbroken chain, filing, kinds, and the village itself."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest.eligibility import Held, candidates, full_months, months_after, unbroken_since, why_not_village
from contest.models import Contest
from residents.models import Village
from tests.factories.contest import make_contest, make_entry
from tests.factories.residents import make_region, make_village
from tests.factories.rules_in_force import put_in_force
from villagerules.models import RuleVersion

DAY = datetime.date(2026, 6, 15)
days = st.dates(datetime.date(1990, 1, 1), datetime.date(2090, 1, 1))


@pytest.mark.parametrize(
    ("since", "on", "months"),
    [
        ("2026-01-31", "2026-02-27", 0),
        ("2026-01-31", "2026-02-28", 1),
        ("2024-02-29", "2025-02-28", 12),
        ("2025-06-15", "2026-06-14", 11),
        ("2025-06-15", "2026-06-15", 12),
        ("2026-06-15", "2026-06-14", 0),
    ],
)
def test_months_are_full_on_the_same_day_or_the_last_of_a_short_month(since: str, on: str, months: int) -> None:
    assert full_months(datetime.date.fromisoformat(since), datetime.date.fromisoformat(on)) == months


@given(days, days)
def test_full_months_are_the_most_that_have_passed(since: datetime.date, on: datetime.date) -> None:
    months = full_months(since, on)
    assert months == 0 or months_after(since, months) <= on
    assert months_after(since, months + 1) > on


@given(days, st.lists(st.tuples(st.integers(1, 900), st.booleans()), min_size=1, max_size=6))
def test_a_chain_reaches_back_to_its_last_gap(start: datetime.date, steps: list[tuple[int, bool]]) -> None:
    """`steps` are the days each version ran and whether the next one began without a gap."""
    spans, since, expected = [], start, start
    for length, joined in steps:
        until = since + datetime.timedelta(days=length)
        spans.append(Held(since, until))
        since = until if joined else until + datetime.timedelta(days=1)
        expected = expected if joined else since
    assert unbroken_since([*spans, Held(since)]) == expected


def in_place(**fields: object) -> tuple[Contest, Village]:
    contest = make_contest(**{"months_in_force": 12} | fields)
    return contest, make_village(region=make_region("township", contest.region))


def words(contest: Contest, village: Village) -> str:
    return "".join(reason for one in candidates(contest, village, on=DAY) for reason in one.reasons)


@pytest.mark.django_db
def test_a_year_in_force_is_enough_and_a_day_less_is_not() -> None:
    contest, village = in_place()
    version = put_in_force(village, "不乱倒垃圾。", on=datetime.date(2025, 6, 15))
    assert [one.is_eligible for one in candidates(contest, village, on=DAY)] == [True]

    RuleVersion.objects.filter(pk=version.pk).update(effective_on=datetime.date(2025, 6, 16))
    assert "11 个月" in words(contest, village)


@pytest.mark.django_db
@pytest.mark.parametrize(("counts", "eligible"), [(True, True), (False, False)])
def test_the_version_before_counts_where_the_contest_says_so(counts: bool, eligible: bool) -> None:
    contest, village = in_place(predecessor_counts=counts)
    put_in_force(village, "不乱倒垃圾。", on=datetime.date(2024, 1, 1))
    latest = put_in_force(village, "垃圾分类。", on=datetime.date(2026, 3, 1))
    (found,) = candidates(contest, village, on=DAY)
    assert (found.version, found.is_eligible) == (latest, eligible)


@pytest.mark.django_db
def test_what_was_repealed_is_named_with_the_reason() -> None:
    contest, village = in_place()
    version = put_in_force(village, "不乱倒垃圾。")
    RuleVersion.objects.filter(pk=version.pk).update(repealed_on=DAY)
    assert "没有在施行" in words(contest, village)


@pytest.mark.django_db
def test_filing_is_asked_only_of_what_the_law_has_filed() -> None:
    contest, village = in_place(must_be_filed=True)
    rules = put_in_force(village, "不乱倒垃圾。")
    put_in_force(village, "院落安静。", slug="yuanluo", kind="yard_convention")
    by_kind = {one.version.rules.kind: one.is_eligible for one in candidates(contest, village, on=DAY)}
    assert by_kind == {"village_rules": False, "yard_convention": True}

    RuleVersion.objects.filter(pk=rules.pk).update(filed_on=DAY)
    assert all(one.is_eligible for one in candidates(contest, village, on=DAY))


@pytest.mark.django_db
def test_other_kinds_than_the_contest_asks_for_stay_out() -> None:
    contest, village = in_place(kinds=["charter"])
    put_in_force(village, "不乱倒垃圾。")
    assert "不收村规民约" in words(contest, village)


@pytest.mark.django_db
def test_a_village_elsewhere_a_practice_one_and_one_that_has_entered_enough_are_told_why() -> None:
    contest, village = in_place(entries_per_village=1)
    assert why_not_village(contest, village) == []
    assert "不在它的范围里" in "".join(why_not_village(contest, make_village()))

    entry = make_entry(contest, village, state="submitted")
    assert "报满了" in "".join(why_not_village(contest, village))
    assert why_not_village(contest, village, but=entry) == []

    practice = make_village(region=village.region, is_practice=True)
    assert "练习" in "".join(why_not_village(contest, practice))
