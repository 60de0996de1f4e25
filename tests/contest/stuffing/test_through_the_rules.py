"""The same through the rules and the database, a few hundred: accounts, ballots one by one, weighed every so often."""

from __future__ import annotations

import datetime
import zlib
from dataclasses import replace
from unittest import mock

import pytest
from django.utils import timezone

from contest import quarantine, voting
from contest.models import Contest, ContestVote
from contest.voters import Voter
from contest.votes_counted import valid_votes
from residents.models import User
from tests.factories.contest import make_contest, make_entry

from .model import ATTACKS, TARGET, Honest, scenario

PEOPLE = Honest(count=150, hall=40, link=20)
PLAN = replace(ATTACKS["drip all week, any picks"], count=250, addresses=10)


@pytest.mark.django_db
def test_made_ballots_do_not_decide_and_are_all_still_there() -> None:
    begin = timezone.now() - datetime.timedelta(days=7)
    contest = make_contest(stages={"public_vote": (0, 8)}, now=begin, picks_min=3, picks_max=5, ballots_per_device=3)
    for _ in range(20):
        make_entry(contest)
    casts, made = scenario(PLAN, PEOPLE, seed=5)
    votes: dict[int, int] = {}
    delayed: set[int] = set()
    for count, one in enumerate(sorted(casts, key=lambda each: each.at), start=1):
        at = begin + datetime.timedelta(seconds=one.at)
        votes[one.id] = _cast(contest, one, at).pk
        if count % 50 == 0 or count == len(casts):
            quarantine.weigh_again(contest)
            delayed |= set(contest.votes.held().values_list("pk", flat=True))
    held = set(contest.votes.held().values_list("pk", flat=True))
    bad = {votes[key] for key in made}
    good = set(votes.values()) - bad
    print(  # noqa: T201  what the run is for
        f"through the rules: {len(bad)} made ballots, {len(held & bad) / len(bad):.1%} held; "
        f"{len(good)} honest ones, {len(delayed & good) / len(good):.1%} delayed"
    )
    assert len(held & bad) >= 0.99 * len(bad)
    assert len(delayed & good) <= 0.005 * len(good)
    assert contest.votes.count() == len(casts)
    honest_picks = sum(TARGET in one.picks for one in casts if one.id not in made)
    target = contest.entries.get(number=TARGET)
    assert valid_votes(contest)[target.pk] <= honest_picks + 0.01 * len(bad)


def _cast(contest: Contest, one, at: datetime.datetime) -> ContestVote:
    ages = {None: 400 * 1440, 10: 5, 60: 30, 1440: 600, 10_080: 5000}
    joined = at - datetime.timedelta(minutes=ages[one.age_under])
    user = User.objects.create(username=f"made-{one.id}", date_joined=joined)
    # On the roll or not stands in the model; where a phone comes from is for the tests of voting.
    voter = Voter(user, None, (f"mark-{one.id}",), one.on_roll)
    with (
        mock.patch("contest.voting.database_now", return_value=at),
        mock.patch("contest.voting.voters_for", return_value=[voter]),
    ):
        return voting.cast_vote(
            contest=contest, voter=voter, picks=sorted(one.picks), key=f"k{one.id}",
            seen=voting.Seen(one.device, _address(one.address, one.network)),
        )  # fmt: skip


def _address(address: str, network: str) -> str:
    """Equal names get equal addresses, of one network (a /48) where the networks' names are equal."""
    place, host = (zlib.crc32(name.encode()) for name in (network, address))
    return f"2001:{place >> 16:x}:{place & 0xFFFF:x}:{host & 0xFFFF:x}::1"
