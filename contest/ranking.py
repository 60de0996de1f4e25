"""The ranking of a contest from judges' scores and the public's votes: exact fractions, and the way they came about.

Pure: it knows neither Django nor models. The same numbers give the same ranking in whatever order they come.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

PRO_RATA_TO_TOP, RANK_POINTS, MIN_MAX = "pro_rata_to_top", "rank_points", "min_max"
PUBLIC_METHODS = (PRO_RATA_TO_TOP, RANK_POINTS, MIN_MAX)
MEAN, TRIMMED_MEAN = "mean", "trimmed_mean"
EXPERT_METHODS = (MEAN, TRIMMED_MEAN)
TRIMMED_FROM = 3  # judges; of fewer nobody can be left out
SHARED, BY_EXPERTS, BY_PUBLIC = "shared", "by_experts", "by_public"
TIE_RULES = (SHARED, BY_EXPERTS, BY_PUBLIC)
FULL = Fraction(100)


class RankingError(ValueError):
    """These numbers make no ranking; `entry` is the one at fault, empty where it is none of them."""

    def __init__(self, fault: str, entry: str = "") -> None:
        super().__init__(f"{fault}: {entry}" if entry else fault)
        self.fault, self.entry = fault, entry


@dataclass(frozen=True)
class Formula:
    """How scores are made. `criteria`: key to the highest mark; `expert_share` of the whole, from 0 to 1, the rest is
    the public's. Raises RankingError for what is no formula."""

    criteria: Mapping[str, Fraction]
    expert_share: Fraction
    public_method: str = PRO_RATA_TO_TOP
    expert_method: str = TRIMMED_MEAN
    tie_rule: str = SHARED

    def __post_init__(self) -> None:
        known = (
            self.public_method in PUBLIC_METHODS and self.expert_method in EXPERT_METHODS and self.tie_rule in TIE_RULES
        )
        if not known or not 0 <= self.expert_share <= 1:
            raise RankingError("no formula")
        if self.expert_share and (not self.criteria or any(most <= 0 for most in self.criteria.values())):
            raise RankingError("no criteria")

    @property
    def public_share(self) -> Fraction:
        return 1 - self.expert_share


@dataclass(frozen=True)
class Sheet:
    """What one judge gave an entry: marks by criterion. Who was recused has none."""

    judge: str
    marks: Mapping[str, Fraction]


@dataclass(frozen=True)
class Candidate:
    """An entry with what it got: the sheets of its judges, and how many valid ballots picked it."""

    key: str
    votes: int
    sheets: Sequence[Sheet] = ()


@dataclass(frozen=True)
class Standing:
    """One line of the ranking, with all that anybody needs to work it out again. Scores are out of 100, exact."""

    key: str
    rank: int
    final: Fraction
    expert: Fraction
    public: Fraction
    votes: int
    totals: Mapping[str, Fraction]  # by judge, out of 100
    left_out: tuple[str, ...]  # the judges whose totals the trimmed mean leaves out, lowest first


def rank(formula: Formula, candidates: Iterable[Candidate]) -> list[Standing]:
    """The ranking, first place first; level ones share a place (1, 2, 2, 4) and stand in the order of their keys.

    Raises RankingError for an entry that stands there twice or has votes below 0, for marks that are missing, unknown
    or out of bounds, for one judge's second sheet, and where experts count for an entry that no judge scored.
    """
    entries = sorted(candidates, key=lambda one: one.key)
    for before, one in itertools.pairwise(entries):
        if before.key == one.key:
            raise RankingError("twice", one.key)
    public = _public_scores(formula.public_method, {one.key: one.votes for one in entries})
    found = []
    for one in entries:
        totals = _totals(formula, one)
        expert, left_out = _expert_score(formula, one.key, totals)
        final = formula.expert_share * expert + formula.public_share * public[one.key]
        found.append((one, final, expert, public[one.key], totals, left_out))
    merits = {one.key: _merit(formula.tie_rule, final, expert, voted) for one, final, expert, voted, *_rest in found}
    found.sort(key=lambda row: merits[row[0].key], reverse=True)  # stable: level ones stay in the order of their keys
    places: dict[tuple[Fraction, ...], int] = {}
    for place, (one, *_rest) in enumerate(found, start=1):
        places.setdefault(merits[one.key], place)
    return [
        Standing(
            key=one.key, rank=places[merits[one.key]],
            final=final, expert=expert, public=voted, votes=one.votes, totals=totals, left_out=left_out,
        )
        for one, final, expert, voted, totals, left_out in found
    ]  # fmt: skip


def _merit(tie_rule: str, final: Fraction, expert: Fraction, public: Fraction) -> tuple[Fraction, ...]:
    """What places go by."""
    return {SHARED: (final,), BY_EXPERTS: (final, expert), BY_PUBLIC: (final, public)}[tie_rule]


def _totals(formula: Formula, one: Candidate) -> dict[str, Fraction]:
    """Each judge's total out of 100."""
    most = sum(formula.criteria.values(), Fraction(0))
    totals: dict[str, Fraction] = {}
    for sheet in one.sheets:
        if sheet.judge in totals:
            raise RankingError("two sheets of one judge", one.key)
        fits = sheet.marks.keys() == formula.criteria.keys() and all(
            0 <= mark <= formula.criteria[name] for name, mark in sheet.marks.items()
        )
        if not fits:
            raise RankingError("marks do not fit the criteria", one.key)
        totals[sheet.judge] = sum(sheet.marks.values(), Fraction(0)) * FULL / most
    return totals


def _expert_score(formula: Formula, key: str, totals: Mapping[str, Fraction]) -> tuple[Fraction, tuple[str, ...]]:
    """The mean of the totals, and whose the trimmed mean leaves out: one lowest and one highest, from three up."""
    if not totals:
        if formula.expert_share:
            raise RankingError("no judge scored it", key)
        return Fraction(0), ()
    in_order = sorted(totals, key=lambda judge: (totals[judge], judge))
    left_out: tuple[str, ...] = ()
    if formula.expert_method == TRIMMED_MEAN and len(in_order) >= TRIMMED_FROM:
        left_out = (in_order[0], in_order[-1])
    kept = [totals[judge] for judge in in_order if judge not in left_out]
    return sum(kept, Fraction(0)) / len(kept), left_out


def _public_scores(method: str, votes: Mapping[str, int]) -> dict[str, Fraction]:
    """Out of 100. Where nobody voted nobody has anything by share or span; by places all share the mean of them."""
    if not votes:
        return {}
    for key, number in votes.items():
        if number < 0:
            raise RankingError("votes below 0", key)
    lowest, highest = min(votes.values()), max(votes.values())
    if method == PRO_RATA_TO_TOP:
        return {key: FULL * number / highest if highest else Fraction(0) for key, number in votes.items()}
    if method == MIN_MAX:
        if lowest == highest:  # all are highest; where nobody voted, nobody is
            return dict.fromkeys(votes, FULL if highest else Fraction(0))
        return {key: FULL * (number - lowest) / (highest - lowest) for key, number in votes.items()}
    worth = _points_of_places(votes.values())
    return {key: worth[number] for key, number in votes.items()}


def _points_of_places(numbers: Iterable[int]) -> dict[int, Fraction]:
    """Place k of n is worth (n - k + 1) / n; those with the same number share the mean of their places."""
    level = Counter(numbers)
    many, above = level.total(), 0
    worth = {}
    for number in sorted(level, reverse=True):
        place = above + Fraction(level[number] + 1, 2)  # the mean of above + 1 … above + level
        worth[number] = FULL * (many - place + 1) / many
        above += level[number]
    return worth


def shown(score: Fraction) -> str:
    """Two places, half up: only for the eye, places go by the exact value."""
    exact = Decimal(score.numerator * 1000 // score.denominator) / 1000  # cut, never up: a third place of 5 stays one
    return str(exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))
