"""A contest whose voters press their buttons over HTTP."""

from __future__ import annotations

import random
import secrets
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from contest.models import ContestPick, ContestVote, VoterKey
from contest.votes_counted import valid_votes
from residents.models import User
from tests.factories.contest import make_contest, make_entry
from tests.factories.residents import make_phone_account

from .hall import Ballot, Voter

ENTRIES = 5


class Poll:
    """An open contest with signed-in voters, none of whom has voted."""

    def __init__(self, voters: int) -> None:
        self.contest = make_contest(now=timezone.now(), picks_max=1)
        self.entries = [make_entry(self.contest) for _ in range(ENTRIES)]
        self.address = self.contest.address("vote_check")
        self.voters = [_signed_in(n, make_phone_account(f"15{secrets.randbelow(10**9):09d}")) for n in range(voters)]

    def ballot(self, voter: Voter, choice: int) -> Ballot:
        key = secrets.token_hex(12)
        return Ballot(voter.entry, str(choice), key, voter.post(self.address, {"picks": str(choice), "key": key}))

    def ballots(self, dice: random.Random) -> list[Ballot]:
        """Everybody's, in a random order."""
        made = [self.ballot(voter, dice.randint(1, ENTRIES)) for voter in self.voters]
        dice.shuffle(made)
        return made

    def close(self) -> None:
        self.contest.stages.filter(key="public_vote").update(closes_at=timezone.now())

    def assert_counted(self, acknowledged: list[Ballot]) -> None:
        """What is stored are these ballots and no part of another one, and they are what counts."""
        stored = ContestVote.objects.filter(contest=self.contest)
        assert sorted(stored.values_list("key", flat=True)) == sorted(one.code for one in acknowledged)
        picks = ContestPick.objects.filter(vote__contest=self.contest)
        assert sorted(picks.values_list("vote__key", "entry__number")) == sorted(
            (one.code, int(one.choice)) for one in acknowledged
        )
        known = VoterKey.objects.filter(contest=self.contest)
        assert known.values("vote").distinct().count() == len(acknowledged)
        assert sum(valid_votes(self.contest).values()) == len(acknowledged)


def _signed_in(number: int, user: User) -> Voter:
    """A telephone of one's own, so that none is held."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), "residents.backends.AccountBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    csrf = secrets.token_hex(16)
    cookie = (
        f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={csrf}; "
        f"device={secrets.token_hex(16)}"
    )
    return Voter(number, cookie, csrf)
