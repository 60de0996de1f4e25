"""The public's ballots, many at once, on real transactions: every thread has a connection of its own."""

from __future__ import annotations

import datetime
import threading

import pytest
from django.db import transaction
from django.utils import timezone

from contest import quarantine, voting
from contest.ballot_locks import stop_voting
from contest.models import Contest, ContestPick, ContestVote, VoteDecision, VoterKey
from contest.voters import Voter, voters_for
from contest.votes_counted import valid_votes
from residents.two_people import decide
from tests.factories.contest import make_contest, make_entry, make_officer
from tests.factories.residents import make_account, make_phone_account, make_resident, make_village
from tests.threads import all_at_once, kinds

pytestmark = pytest.mark.usefixtures("committed_db")


def with_voters(many: int) -> tuple[Contest, list[Voter]]:
    contest = make_contest(now=timezone.now(), picks_min=1, picks_max=3)
    for _ in range(4):
        make_entry(contest)
    users = [make_phone_account(f"158{n:08d}") for n in range(many)]
    return contest, [one for user in users for one in voters_for(user, contest)]


def caster(contest: Contest, voter: Voter, key: str, *picks: int):
    where = voting.Seen(f"device-{voter.marks[0]}", "10.0.0.1")
    return lambda: voting.cast_vote(contest=contest, voter=voter, picks=picks or (1,), key=key, seen=where)


def assert_whole(contest: Contest, ballots: int, *, picks: int = 1) -> None:
    """So many ballots, each with its voter and its picks, and no part of another one."""
    assert ContestVote.objects.filter(contest=contest).count() == ballots
    assert ContestPick.objects.count() == ballots * picks
    assert VoterKey.objects.filter(contest=contest).values("vote").distinct().count() == ballots


def test_two_presses_of_one_button_are_one_ballot_and_told_the_same() -> None:
    contest, voters = with_voters(60)
    acts = [act for n, one in enumerate(voters) for act in [caster(contest, one, f"key-{n}")] * 2]
    answers = all_at_once(acts)

    assert kinds(answers) == {"ContestVote": 120}
    assert [first.pk for first in answers[::2]] == [second.pk for second in answers[1::2]]
    assert_whole(contest, 60)


def test_one_voter_from_two_phones_at_once_is_one_ballot() -> None:
    contest, voters = with_voters(60)
    acts = []
    for n, one in enumerate(voters):
        acts += [caster(contest, one, f"a-{n}", 1), caster(contest, one, f"b-{n}", 2)]
    answers = all_at_once(acts)

    assert kinds(answers) == {"AlreadyVoted": 60, "ContestVote": 60}
    assert_whole(contest, 60)
    first, second = (contest.entries.get(number=n).pk for n in (1, 2))
    accepted = {one.pk for one in answers if isinstance(one, ContestVote)}
    told = dict(ContestPick.objects.filter(vote__in=accepted).values_list("vote", "entry"))
    assert valid_votes(contest) == {
        entry: list(told.values()).count(entry) for entry in (first, second) if entry in told.values()
    }


def test_two_accounts_of_one_person_at_once_are_one_ballot() -> None:
    contest, _none = with_voters(0)
    village = make_village()
    acts = []
    for n in range(30):
        person = make_resident(village)
        for phone in (f"1571{n:07d}", f"1572{n:07d}"):
            (one,) = voters_for(make_account(person, user=make_phone_account(phone)), contest)
            acts.append(caster(contest, one, f"key-{phone}"))
    assert kinds(all_at_once(acts)) == {"AlreadyVoted": 30, "ContestVote": 30}
    assert_whole(contest, 30)


def test_changes_at_once_leave_one_whole_set_of_picks() -> None:
    contest, voters = with_voters(1)
    caster(contest, voters[0], "first", 1)()
    sets = [(1, 2), (2, 3), (3, 4), (1, 4)]
    acts = [
        lambda n=n: voting.change_vote(contest=contest, voter=voters[0], picks=sets[n % 4], key=f"key-{n}")
        for n in range(24)
    ]
    assert kinds(all_at_once(acts)) == {"ContestVote": 24}
    vote = ContestVote.objects.get()
    assert tuple(sorted(vote.picks.values_list("entry__number", flat=True))) in sets


def test_locking_amid_casts_counts_what_was_acknowledged_and_nothing_else() -> None:
    contest, voters = with_voters(300)
    many, acknowledged = threading.Event(), []

    def casting(number: int, voter: Voter):
        cast = caster(contest, voter, f"key-{number}")

        def act() -> ContestVote:
            vote = cast()
            acknowledged.append(vote.pk)
            if len(acknowledged) >= 60:
                many.set()
            return vote

        return act

    def locking() -> dict[int, int]:
        assert many.wait(30)
        with transaction.atomic():
            stop_voting(contest)
            counts = valid_votes(contest)
            Contest.objects.filter(pk=contest.pk).update(state=Contest.State.SCORE_LOCKED)
            voting.part_from_voters(contest)
        return counts

    casts = [casting(number, one) for number, one in enumerate(voters)]
    answers = all_at_once([locking, *casts])
    in_time = [one for one in answers if isinstance(one, ContestVote)]
    assert kinds(answers[1:]) == {"ContestVote": len(in_time), "WrongState": 300 - len(in_time)}
    assert 60 <= len(in_time) < 300
    assert answers[0] == {contest.entries.get(number=1).pk: len(in_time)} == valid_votes(contest)
    assert not VoterKey.objects.exclude(vote=None).exists()


def test_the_second_at_which_it_closes_parts_them_exactly() -> None:
    contest, voters = with_voters(300)
    closes = timezone.now() + datetime.timedelta(seconds=0.5)
    contest.stages.filter(key="public_vote").update(closes_at=closes)
    answers = all_at_once([caster(contest, one, f"key-{n}") for n, one in enumerate(voters)], threads=4)

    assert set(kinds(answers)) <= {"ContestVote", "Closed"}
    in_time = [one for one in answers if isinstance(one, ContestVote)]
    assert in_time
    assert all(one.cast_at < closes for one in in_time)
    assert_whole(contest, len(in_time))


def test_weighing_while_people_vote_loses_no_ballot_and_no_state() -> None:
    contest, voters = with_voters(120)
    Contest.objects.update(ballots_per_device=1)
    contest.refresh_from_db()
    where = voting.Seen("one-telephone", "10.0.0.1")
    acts = []
    for n, one in enumerate(voters):
        acts.append(
            lambda one=one, n=n: voting.cast_vote(contest=contest, voter=one, picks=[1], key=f"key-{n}", seen=where)
        )
        if n % 10 == 9:
            acts.append(lambda: quarantine.weigh_again(contest, always=True))
    assert set(kinds(all_at_once(acts))) == {"ContestVote", "tuple"}
    quarantine.weigh_again(contest, always=True)
    assert_whole(contest, 120)
    assert contest.votes.held().count() == 120


def test_two_officers_at_once_propose_and_decide_once() -> None:
    contest, voters = with_voters(8)
    where = voting.Seen("one-telephone", "10.0.0.1")
    for n, one in enumerate(voters):
        voting.cast_vote(contest=contest, voter=one, picks=[1], key=f"key-{n}", seen=where)
    officers = [make_officer("organizer", contest.region) for _ in range(4)]
    clusters = [one.cluster for one in quarantine.batches(contest)]

    def proposing(by):
        return lambda: quarantine.propose_decision(contest, clusters, release=False, reason="一台手机", by=by)

    answers = all_at_once([proposing(one) for one in officers])
    assert kinds(answers) == {"Incomplete": 3, "VoteDecision": 1}
    (made,) = [one for one in answers if isinstance(one, VoteDecision)]
    others = [one for one in officers if one.pk != made.proposal.proposed_by_id]
    answers = all_at_once([lambda by=by: decide(made.proposal, by=by, accept=True) for by in others])
    assert kinds(answers) == {"NotWaiting": 2, "Proposal": 1}
    assert contest.votes.filter(state="rejected").count() == made.count
