"""Held ballots: apart, not gone; two decide, and what they decide is published."""

from __future__ import annotations

import datetime
import itertools

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from contest import quarantine, voting
from contest.errors import Incomplete, NotAllowed, WrongState
from contest.models import Contest, ContestVote, VoteDecision
from contest.vote_tasks import weigh_votes
from contest.voters import voters_for
from contest.votes_counted import valid_votes
from residents.forgetting import forget_expired
from residents.models import Proposal, User
from residents.two_people import Forbidden, SamePerson, decide
from tests.factories.contest import make_contest, make_entry, make_officer
from tests.factories.residents import make_phone_account

pytestmark = pytest.mark.django_db
_number = itertools.count(1)


@pytest.fixture
def contest() -> Contest:
    found = make_contest(now=timezone.now(), picks_min=1, picks_max=3, ballots_per_device=2)
    for _ in range(6):
        make_entry(found)
    return found


@pytest.fixture
def two(contest: Contest) -> list[User]:
    return [make_officer("organizer", contest.region) for _ in range(2)]


def cast(contest: Contest, *picks: int, device: str = "", address: str = "") -> ContestVote:
    n = next(_number)
    (voter,) = voters_for(make_phone_account(f"155{n:08d}"), contest)
    seen = voting.Seen(device or f"device-{n}", address or f"10.{n // 250}.{n % 250}.9")
    return voting.cast_vote(contest=contest, voter=voter, picks=picks, key=f"k{n}", seen=seen)


def held(contest: Contest) -> int:
    return contest.votes.held().count()


def on_one_telephone(contest: Contest, many: int = 4) -> list[ContestVote]:
    return [cast(contest, 1, device="one") for _ in range(many)]


def test_beyond_its_number_a_telephones_ballots_are_held_at_once_and_do_not_count(contest: Contest) -> None:
    votes = on_one_telephone(contest)
    assert [one.state for one in votes] == ["counted", "counted", "quarantined", "quarantined"]
    assert sum(valid_votes(contest).values()) == 2
    assert quarantine.weigh_again(contest) == (0, 0)  # it finds the same
    assert held(contest) == 2


def test_what_looks_odd_later_is_held_later_and_honest_ones_beside_are_not(contest: Contest) -> None:
    honest = [cast(contest, 1 + n % 6) for n in range(30)]
    made = [cast(contest, 2, 3, address=f"192.0.{n % 8}.5") for n in range(80)]
    quarantine.weigh_again(contest)
    assert {one.state for one in ContestVote.objects.filter(pk__in=[one.pk for one in made])} == {"quarantined"}
    assert {one.state for one in ContestVote.objects.filter(pk__in=[one.pk for one in honest])} == {"counted"}
    more = cast(contest, 2, address="192.0.3.5")
    assert more.state == "quarantined"  # the place is known by now
    assert cast(contest, 4, address="192.0.3.5").state == "counted"  # for something else


def test_what_no_longer_looks_odd_goes_back_by_itself(contest: Contest) -> None:
    on_one_telephone(contest)
    Contest.objects.update(ballots_per_device=10)
    contest.refresh_from_db()
    assert quarantine.weigh_again(contest, always=True) == (0, 2)
    assert held(contest) == 0


def test_nothing_new_is_not_weighed_again_and_locked_contests_never(contest: Contest) -> None:
    on_one_telephone(contest)
    quarantine.weigh_again(contest)
    Contest.objects.update(ballots_per_device=10)
    contest.refresh_from_db()
    assert quarantine.weigh_again(contest) == (0, 0)
    contest.state = Contest.State.SCORE_LOCKED
    assert quarantine.weigh_again(contest, always=True) == (0, 0)
    assert held(contest) == 2


def test_the_worker_weighs(contest: Contest) -> None:
    on_one_telephone(contest, 9)
    assert held(contest) == 7
    weigh_votes.call(contest.pk)
    assert held(contest) == 9  # so many on one telephone: the first ones too


def all_of(contest: Contest) -> list[str]:
    return [one.cluster for one in quarantine.batches(contest)]


def propose(contest: Contest, by: User, *, release: bool = True, reason: str = "村里老人共用一台平板") -> VoteDecision:
    return quarantine.propose_decision(contest, all_of(contest), release=release, reason=reason, by=by)


def test_two_officers_release_a_batch_and_it_counts_and_stays(contest: Contest, two: list[User]) -> None:
    on_one_telephone(contest)
    decision = propose(contest, two[0])
    assert sum(valid_votes(contest).values()) == 2
    quarantine.settle_decision(decision, by=two[1], accept=True)
    decision.refresh_from_db()
    assert (decision.outcome, decision.count) == ("released", 2)
    assert sum(valid_votes(contest).values()) == 4
    assert quarantine.weigh_again(contest, always=True) == (0, 0)
    assert quarantine.public_numbers(contest) == quarantine.PublicNumbers(received=4, held=0, released=2, rejected=0)


def test_a_rejected_batch_does_not_count_and_is_kept(contest: Contest, two: list[User]) -> None:
    on_one_telephone(contest)
    decision = propose(contest, two[0], release=False, reason="同一台手机连续投票")
    quarantine.settle_decision(decision, by=two[1], accept=True)
    assert sum(valid_votes(contest).values()) == 2
    assert quarantine.public_numbers(contest) == quarantine.PublicNumbers(received=4, held=0, released=0, rejected=2)
    assert [one.reason for one in quarantine.decided(contest)] == ["同一台手机连续投票"]
    assert contest.votes.count() == 4


def test_it_takes_two_and_the_right(contest: Contest, two: list[User]) -> None:
    on_one_telephone(contest)
    stranger = make_officer("organizer", make_contest().region)
    judge = make_officer("judge", contest.region)
    for other in (stranger, judge):
        with pytest.raises(NotAllowed):
            propose(contest, other)
    decision = propose(contest, two[0])
    with pytest.raises(SamePerson):
        quarantine.settle_decision(decision, by=two[0], accept=True)
    with pytest.raises(Forbidden):
        quarantine.settle_decision(decision, by=judge, accept=True)
    assert held(contest) == 2


@pytest.mark.parametrize("by", [0, 1])
def test_sent_back_or_withdrawn_they_wait_for_another_proposal(contest: Contest, two: list[User], by: int) -> None:
    on_one_telephone(contest)
    decision = propose(contest, two[0])
    assert all_of(contest) == []
    quarantine.settle_decision(decision, by=two[by], accept=False, note="再看看")
    decision.refresh_from_db()
    assert decision.outcome == "dropped"
    assert len(all_of(contest)) == 1
    assert quarantine.decided(contest) == []


def test_a_proposal_nobody_decided_on_lets_go(contest: Contest, two: list[User]) -> None:
    on_one_telephone(contest)
    propose(contest, two[0])
    Proposal.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    quarantine.weigh_again(contest, always=True)
    assert len(all_of(contest)) == 1


def test_decided_on_the_list_of_all_proposals_it_is_decided_too(contest: Contest, two: list[User]) -> None:
    on_one_telephone(contest)
    decision = propose(contest, two[0])
    decide(decision.proposal, by=two[1], accept=True)
    assert sum(valid_votes(contest).values()) == 4


def test_what_comes_into_a_batch_after_the_proposal_is_not_part_of_it(contest: Contest, two: list[User]) -> None:
    on_one_telephone(contest)
    decision = propose(contest, two[0])
    late = cast(contest, 1, device="one")
    quarantine.settle_decision(decision, by=two[1], accept=True)
    late.refresh_from_db()
    assert late.state == "quarantined"
    assert quarantine.batches(contest)[0].count == 1


def test_a_reason_is_needed_and_something_to_decide(contest: Contest, two: list[User]) -> None:
    with pytest.raises(Incomplete) as nothing:
        propose(contest, two[0])
    on_one_telephone(contest)
    with pytest.raises(Incomplete) as why:
        propose(contest, two[0], reason="  ")
    with pytest.raises(Incomplete) as long:
        propose(contest, two[0], reason="长" * 301)
    assert (nothing.value.field, why.value.field, long.value.field) == ("batches", "reason", "reason")


def test_officers_are_never_told_for_whom_the_ballots_are(contest: Contest, two: list[User]) -> None:
    on_one_telephone(contest)
    told = str(quarantine.batches(contest)) + str(propose(contest, two[0]).proposal.payload)
    told += str(list(AuditEntry.objects.values_list("detail", "subject")))
    for entry in contest.entries.all():
        assert entry.title not in told
        assert entry.village.name not in told


def test_a_released_ballot_that_is_changed_is_looked_at_anew(contest: Contest, two: list[User]) -> None:
    votes = on_one_telephone(contest)
    quarantine.settle_decision(propose(contest, two[0]), by=two[1], accept=True)
    key = votes[3].voter_keys.exclude(vote=None).first()
    voter = next(
        one
        for user in User.objects.exclude(phone_hash="")
        for one in voters_for(user, contest)
        if key.mark in one.marks
    )
    voting.change_vote(contest=contest, voter=voter, picks=[5], key="anew")
    assert quarantine.weigh_again(contest, always=True) == (1, 0)


def test_scores_are_not_locked_over_held_ballots(contest: Contest, two: list[User]) -> None:
    quarantine.require_none_held(contest)
    on_one_telephone(contest)
    with pytest.raises(WrongState, match="2 张"):
        quarantine.require_none_held(contest)
    Contest.objects.update(state=Contest.State.SCORE_LOCKED)
    with pytest.raises(WrongState):
        propose(contest, two[0])


def test_signals_are_forgotten_after_half_a_year_and_ballots_are_not(contest: Contest) -> None:
    on_one_telephone(contest)
    assert forget_expired(now=timezone.now() + datetime.timedelta(days=182))["contest_signals"] == 0
    assert forget_expired(now=timezone.now() + datetime.timedelta(days=184))["contest_signals"] == 4
    assert set(contest.votes.values_list("device", "address", "network", "age_under")) == {("", "", "", None)}
    assert sum(valid_votes(contest).values()) == 2
