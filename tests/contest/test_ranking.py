"""The ranking from scores and votes, held against a count with pencil and paper."""

from __future__ import annotations

import math
import random
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from contest.ranking import (
    EXPERT_METHODS,
    PUBLIC_METHODS,
    TIE_RULES,
    Candidate,
    Formula,
    RankingError,
    Sheet,
    rank,
    shown,
)

DEMO = Path(__file__).parents[2] / "home" / "demo" / "contest.yaml"
CRITERIA = {"content": Fraction(60), "form": Fraction(40)}

half_points = st.integers(0, 120).map(lambda half: Fraction(half, 2))


@st.composite
def contests(draw: st.DrawFn) -> tuple[Formula, list[Candidate]]:
    formula = Formula(
        CRITERIA, draw(st.fractions(0, 1, max_denominator=20)), draw(st.sampled_from(PUBLIC_METHODS)),
        draw(st.sampled_from(EXPERT_METHODS)), draw(st.sampled_from(TIE_RULES)),
    )  # fmt: skip
    entries = []
    for number in range(draw(st.integers(1, 7))):
        judges = draw(st.lists(st.sampled_from("甲乙丙丁戊己"), unique=True, min_size=1, max_size=6))
        sheets = [
            Sheet(judge, {name: draw(half_points.filter(most.__ge__)) for name, most in CRITERIA.items()})
            for judge in judges
        ]
        entries.append(Candidate(f"e{number}", draw(st.integers(0, 6)), sheets))
    return formula, entries


def by_hand(formula: Formula, entries: list[Candidate]) -> dict[str, tuple[Fraction, Fraction, Fraction]]:
    """Final, expert and public score, worked out in another way: places one by one, the mean of a sorted list."""
    found = {}
    votes = [one.votes for one in entries]
    for one in entries:
        totals = sorted(sum(sheet.marks.values()) for sheet in one.sheets)  # the criteria add up to 100
        if formula.expert_method == "trimmed_mean" and len(totals) > 2:
            totals = totals[1:-1]
        expert = Fraction(sum(totals), len(totals))
        if formula.public_method == "rank_points":
            queue = sorted(votes, reverse=True)
            worth = [Fraction(len(queue) - at, len(queue)) for at in range(len(queue))]
            mine = [worth[at] for at, number in enumerate(queue) if number == one.votes]
            public = 100 * Fraction(sum(mine), len(mine))
        elif max(votes) == 0:
            public = Fraction(0)
        elif formula.public_method == "pro_rata_to_top":
            public = Fraction(one.votes * 100, max(votes))
        elif min(votes) == max(votes):
            public = Fraction(100)
        else:
            public = Fraction((one.votes - min(votes)) * 100, max(votes) - min(votes))
        found[one.key] = expert * formula.expert_share + public * (1 - formula.expert_share), expert, public
    return found


@given(contests(), st.randoms(use_true_random=False))
def test_it_is_what_one_works_out_by_hand_in_whatever_order(contest, chance: random.Random):
    formula, entries = contest
    said = rank(formula, entries)
    expected = by_hand(formula, entries)
    assert {one.key: (one.final, one.expert, one.public) for one in said} == expected
    mixed = [Candidate(one.key, one.votes, chance.sample(list(one.sheets), len(one.sheets))) for one in entries]
    chance.shuffle(mixed)
    assert rank(formula, mixed) == said


@given(contests())
def test_places_go_by_the_exact_score_and_level_ones_share_them(contest):
    formula, entries = contest
    said = rank(formula, entries)
    assert sorted(one.key for one in said) == sorted(one.key for one in entries)
    for one in said:
        better = [other for other in said if other.rank < one.rank]
        assert one.rank == len(better) + 1
        assert all(other.final >= one.final for other in better)
        for level in said:
            if level.rank == one.rank:
                assert level.final == one.final
                assert formula.tie_rule != "by_experts" or level.expert == one.expert
                assert formula.tie_rule != "by_public" or level.public == one.public


def test_a_tie_rule_parts_those_who_are_level():
    entries = [
        Candidate("liked", 10, [Sheet("甲", {"content": Fraction(30), "form": Fraction(0)})]),
        Candidate("praised", 3, [Sheet("甲", {"content": Fraction(60), "form": Fraction(40)})]),
    ]
    for tie_rule, places in (("shared", [1, 1]), ("by_experts", [2, 1]), ("by_public", [1, 2])):
        said = rank(Formula(CRITERIA, Fraction(1, 2), tie_rule=tie_rule), entries)
        assert [one.rank for one in sorted(said, key=lambda one: one.key)] == places


def sheet(judge: str = "甲", content: int = 30, form: int = 20) -> Sheet:
    return Sheet(judge, {"content": Fraction(content), "form": Fraction(form)})


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ([Candidate("a", 1, [sheet()]), Candidate("a", 2, [sheet()])], "twice"),
        ([Candidate("a", -1, [sheet()])], "votes below 0"),
        ([Candidate("a", 1)], "no judge scored it"),
        ([Candidate("a", 1, [sheet(), sheet()])], "two sheets of one judge"),
        ([Candidate("a", 1, [sheet(content=61)])], "marks do not fit the criteria"),
        ([Candidate("a", 1, [sheet(form=-1)])], "marks do not fit the criteria"),
        ([Candidate("a", 1, [Sheet("甲", {"content": Fraction(1)})])], "marks do not fit the criteria"),
    ],
)
def test_numbers_that_make_no_ranking_are_refused(entries, fault):
    with pytest.raises(RankingError) as refused:
        rank(Formula(CRITERIA, Fraction(1, 2)), entries)
    assert (refused.value.fault, refused.value.entry) == (fault, "a")


@pytest.mark.parametrize(
    "fields",
    [
        {"expert_share": Fraction(11, 10)}, {"expert_share": Fraction(-1, 10)}, {"public_method": "x"},
        {"criteria": {}}, {"expert_method": "median"}, {"tie_rule": "lot"}, {"criteria": {"content": Fraction(0)}},
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused(fields):
    with pytest.raises(RankingError):
        Formula(**{"criteria": CRITERIA, "expert_share": Fraction(1, 2)} | fields)


def test_where_the_public_alone_decides_nobody_needs_a_judge():
    (one,) = rank(Formula({}, Fraction(0)), [Candidate("a", 3)])
    assert (one.final, one.expert, one.totals) == (100, 0, {})
    assert rank(Formula({}, Fraction(0)), []) == []


@given(st.fractions(0, 100))
def test_what_is_shown_is_rounded_half_up(score):
    assert Decimal(shown(score)) == Decimal(math.floor(score * 100 + Fraction(1, 2))) / 100
    assert shown(Fraction(65985, 1000)) == "65.99"
    assert shown(Fraction(50)) == str(Decimal(50).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def test_the_ranking_of_a_finished_contest_is_the_published_one():
    """The demo's file says what a contest of 2026 came to, to the last decimal."""
    document = yaml.safe_load(DEMO.read_text(encoding="utf-8"))
    contest = document["contest"]
    formula = Formula(
        {one["key"]: Fraction(one["max"]) for one in contest["criteria"]}, Fraction(contest["weights"]["expert"], 100),
        contest["public_score_method"], contest["expert_score_method"],
    )  # fmt: skip
    judged = [entry for entry in document["entries"] if entry.get("scores")]
    said = rank(
        formula,
        [
            Candidate(
                entry["id"], entry["votes"]["valid"],
                [Sheet(row["judge"], {key: Fraction(row[key]) for key in formula.criteria}) for row in entry["scores"]],
            )
            for entry in judged
        ],
    )  # fmt: skip
    results = {entry["id"]: entry["result"] for entry in judged}
    assert len(said) == 8
    for one in said:
        published = results[one.key]
        assert (one.rank, shown(one.expert), shown(one.public), shown(one.final)) == (
            published["rank"], *(f"{published[name]:.2f}" for name in ("expert_score", "public_score", "final_score")),
        )  # fmt: skip
