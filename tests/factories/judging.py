"""Judges with sheets, and marks on them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.utils import timezone

from contest import judging
from contest.models import Assignment, Contest, Judge
from residents.models import User
from tests.factories.contest import make_contest, make_entry, make_officer
from tests.factories.residents import make_region


def make_jury(many: int = 3, entries: int = 3, **fields: object) -> tuple[Contest, User, list[Judge]]:
    """A contest whose judging runs now, its organizer, and so many judges of another county with a sheet for each
    entry."""
    county = make_region("county")
    contest = make_contest(region=county, now=timezone.now(), **fields)
    for _ in range(entries):
        make_entry(contest)
    organizer = make_officer("organizer", county)
    accounts = [make_officer("judge", county) for _ in range(many)]
    judges = judging.name_judges(contest, accounts, by=organizer)
    judging.assign(contest, by=organizer)
    return contest, organizer, judges


def sheet_of(judge: Judge, number: int = 1) -> Assignment:
    return Assignment.objects.get(judge=judge, entry__number=number)


def give(judge: Judge, number: int, legality: str, effect: str, *, done: bool = True) -> None:
    """The judge's marks for the entry of that number."""
    sheet = sheet_of(judge, number)
    judging.record_score(sheet, {"legality": legality, "effect": effect}, by=judge.account)
    if done:
        judging.submit_sheet(sheet, by=judge.account)


def all_give(judges: Iterable[Judge], entries: int, marks: tuple[str, str] = ("10", "20")) -> None:
    for judge in judges:
        for number in range(1, entries + 1):
            give(judge, number, *marks)


def close_all(contest: Contest) -> None:
    """As if vote and review had ended an hour ago."""
    over = timezone.now() - datetime.timedelta(hours=1)
    contest.stages.filter(key__in=["public_vote", "expert_review"]).update(closes_at=over)
