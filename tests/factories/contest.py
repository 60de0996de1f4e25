"""Contests and entries, as few as a test needs. The stages lie around `NOW`, each days long."""

from __future__ import annotations

import datetime
import itertools
from fractions import Fraction

from contest.models import Award, Contest, Criterion, Entry, Stage
from residents.models import Appointment, Region, User, Village
from tests.factories.residents import SINCE, make_region, make_user, make_village

_number = itertools.count(1)
NOW = datetime.datetime(2026, 6, 15, 4, 0, tzinfo=datetime.UTC)  # noon in Changsha
# Days from the given moment at which each opens and closes.
STAGES = {
    "announced": (-20, -19),
    "submission": (-19, -9),
    "township_review": (-12, -6),
    "county_selection": (-6, -3),
    "public_vote": (-2, 5),
    "expert_review": (-2, 6),
    "public_notice": (8, 15),
    "published": (16, 17),
}
CRITERIA = {"legality": Fraction(20), "effect": Fraction(30)}


def make_contest(
    *,
    region: Region | None = None,
    village: Village | None = None,
    stages: dict[str, tuple[int, int]] | None = None,
    now: datetime.datetime = NOW,
    **fields: object,
) -> Contest:
    """An announced contest of a county (unless a region or village is given); `stages` in days from `now`, default
    STAGES: submission is over, the public vote and the judges' review run."""
    n = next(_number)
    if region is None and village is None:
        region = make_region("county")
    contest = Contest.objects.create(
        **{
            "slug": f"contest-{n}", "title": f"寻找最美村规{n}", "region": region, "village": village,
            "state": Contest.State.ANNOUNCED, "months_in_force": 0, "must_be_filed": False,
        } | fields
    )  # fmt: skip
    for position, (key, (opens, closes)) in enumerate((STAGES if stages is None else stages).items(), start=1):
        Stage.objects.create(
            contest=contest, key=key, label=Stage.Key(key).label, position=position,
            opens_at=now + datetime.timedelta(days=opens), closes_at=now + datetime.timedelta(days=closes),
        )  # fmt: skip
    for position, (key, most) in enumerate(CRITERIA.items(), start=1):
        Criterion.objects.create(contest=contest, key=key, label=key, most=int(most), position=position)
    Award.objects.create(contest=contest, name="最美村规", count=1, position=1)
    Award.objects.create(contest=contest, name="优秀村规", count=2, position=2)
    return contest


def make_entry(
    contest: Contest, village: Village | None = None, *, state: str = "shortlisted", **fields: object
) -> Entry:
    """An entry of a village of the contest's region (a new one unless given), as a row, with no file or check."""
    if village is None:
        village = contest.village or make_village(region=make_region("township", contest.region))
    number = contest.entries.count() + 1
    defaults = {
        "number": number, "key": f"e{number:02d}", "title": f"申报{number}", "story": "我们村的故事。", "state": state,
        "submitted_at": None if state == "draft" else NOW - datetime.timedelta(days=15),
    }  # fmt: skip
    return Entry.objects.create(**defaults | {"contest": contest, "village": village} | fields)


def make_officer(role: str, region: Region, **fields: object) -> User:
    """An account with that office in a region: organizer, judge, township_reviewer, county_editor."""
    user = make_user(**fields)
    Appointment.objects.create(user=user, region=region, role=role, from_on=SINCE)
    return user
