"""The public's vote: one ballot each, between so many picks, while the stage is open."""

from __future__ import annotations

import datetime
import itertools

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from contest import voting
from contest.errors import Closed, ContestRefused, Incomplete, NotAllowed, WrongState
from contest.marks import mark, place_marks
from contest.models import Contest, ContestVote, Entry, VoterKey
from contest.voters import Voter, voters_for
from contest.votes_counted import valid_votes
from residents.models import User
from residents.phone_accounts import attach_phone, phone_shown
from tests.factories.contest import make_contest, make_entry
from tests.factories.residents import make_account, make_phone_account, make_region, make_resident, make_village

pytestmark = pytest.mark.django_db
_number = itertools.count(1)


def phone() -> str:
    return f"154{next(_number):08d}"


def voter_of(user: User, contest: Contest) -> Voter:
    (one,) = voters_for(user, contest)
    return one


def cast(contest: Contest, user: User, *picks: int, key: str = "", seen: voting.Seen | None = None) -> ContestVote:
    return voting.cast_vote(
        contest=contest, voter=voter_of(user, contest), picks=picks, key=key or f"key-{next(_number)}",
        seen=seen or voting.Seen(f"device-{next(_number)}", "10.1.2.3"),
    )  # fmt: skip


def change(contest: Contest, user: User, *picks: int, key: str = "") -> ContestVote:
    return voting.change_vote(
        contest=contest, voter=voter_of(user, contest), picks=picks, key=key or f"key-{next(_number)}"
    )


def picked(vote: ContestVote) -> list[int]:
    return sorted(vote.picks.values_list("entry__number", flat=True))


@pytest.fixture
def contest() -> Contest:
    found = make_contest(now=timezone.now(), picks_min=2, picks_max=3)
    for _ in range(5):
        make_entry(found)
    return found


@pytest.fixture
def somebody() -> User:
    return make_phone_account(phone())


def test_a_ballot_counts_for_each_entry_on_it(contest: Contest, somebody: User) -> None:
    vote = cast(contest, somebody, 1, 3)
    assert picked(vote) == [1, 3]
    numbers = dict(contest.entries.values_list("pk", "number"))
    assert {numbers[key]: count for key, count in valid_votes(contest).items()} == {1: 1, 3: 1}


@pytest.mark.parametrize(
    ("picks", "why"),
    [
        ((1,), "至少要选 2 件"),
        ((1, 2, 3, 4), "最多选 3 件"),
        ((1, 1), "只能选一次"),
        ((1, 99), "第 99 号"),
        ((), "至少"),
    ],
)
def test_picks_that_do_not_do_are_refused_and_nothing_is_kept(
    contest: Contest, somebody: User, picks: tuple[int, ...], why: str
) -> None:
    with pytest.raises(Incomplete, match=why) as refused:
        cast(contest, somebody, *picks)
    assert refused.value.field == "picks"
    assert not ContestVote.objects.exists()
    assert not VoterKey.objects.exists()


@pytest.mark.parametrize("state", ["draft", "submitted", "recommended", "withdrawn", "disqualified"])
def test_only_what_is_on_show_is_voted_for(contest: Contest, somebody: User, state: str) -> None:
    contest.entries.filter(number=2).update(state=state)
    with pytest.raises(Incomplete, match="第 2 号"):
        cast(contest, somebody, 1, 2)


def test_an_entry_of_another_contest_is_not_on_this_ballot(contest: Contest, somebody: User) -> None:
    other = make_contest(now=timezone.now())
    make_entry(other, number=77)
    with pytest.raises(Incomplete, match="第 77 号"):
        cast(contest, somebody, 1, 77)


def test_a_second_ballot_is_refused_and_a_repeated_request_is_not(contest: Contest, somebody: User) -> None:
    first = cast(contest, somebody, 1, 2, key="same")
    assert cast(contest, somebody, 1, 2, key="same") == first
    with pytest.raises(voting.AlreadyVoted) as refused:
        cast(contest, somebody, 3, 4, key="other")
    assert refused.value.code == "already_voted"
    assert picked(first) == [1, 2]
    assert ContestVote.objects.count() == 1


def test_a_repeated_request_is_answered_as_before_even_after_closing(contest: Contest, somebody: User) -> None:
    first = cast(contest, somebody, 1, 2, key="same")
    close(contest)
    assert cast(contest, somebody, 1, 2, key="same") == first
    with pytest.raises(Closed):
        cast(contest, make_phone_account(phone()), 1, 2)


def close(contest: Contest) -> None:
    contest.stages.filter(key="public_vote").update(closes_at=timezone.now())


def test_before_it_opens_and_when_it_is_locked_nobody_votes(contest: Contest, somebody: User) -> None:
    stage = contest.stages.filter(key="public_vote")
    stage.update(opens_at=timezone.now() + datetime.timedelta(hours=1))
    with pytest.raises(WrongState):
        cast(contest, somebody, 1, 2)
    stage.update(opens_at=timezone.now() - datetime.timedelta(hours=1))
    Contest.objects.update(state=Contest.State.SCORE_LOCKED)
    with pytest.raises(WrongState):
        cast(contest, somebody, 1, 2)


def test_two_accounts_that_come_to_one_number_are_one_voter(contest: Contest) -> None:
    number = phone()
    first = make_phone_account(number)
    cast(contest, first, 1, 2)
    attach_phone(first, "")  # it is given up, and somebody signs up with it
    with pytest.raises(voting.AlreadyVoted):
        cast(contest, make_phone_account(number), 1, 2)


def test_an_account_with_a_new_number_does_not_vote_again(contest: Contest, somebody: User) -> None:
    cast(contest, somebody, 1, 2)
    attach_phone(somebody, phone())
    phone_shown(somebody)
    with pytest.raises(voting.AlreadyVoted):
        cast(contest, somebody, 3, 4)


def test_two_accounts_of_one_person_are_one_voter(contest: Contest) -> None:
    person = make_resident(make_village())
    accounts = [make_account(person, user=make_phone_account(phone())) for _ in range(2)]
    cast(contest, accounts[0], 1, 2)
    with pytest.raises(voting.AlreadyVoted):
        cast(contest, accounts[1], 1, 2)


def test_the_database_itself_knows_a_voter_once(contest: Contest, somebody: User) -> None:
    vote = cast(contest, somebody, 1, 2)
    used = vote.voter_keys.first().mark
    with pytest.raises(IntegrityError), transaction.atomic():
        VoterKey.objects.create(contest=contest, mark=used, vote=vote)


def test_a_number_must_have_been_shown(contest: Contest) -> None:
    user = make_phone_account(phone())
    User.objects.filter(pk=user.pk).update(phone_verified_at=None)
    user.refresh_from_db()
    assert voters_for(user, contest) == []


def test_who_lost_the_right_meanwhile_is_refused(contest: Contest, somebody: User) -> None:
    voter = voter_of(somebody, contest)
    somebody.is_active = False
    with pytest.raises(NotAllowed):
        voting.cast_vote(contest=contest, voter=voter, picks=[1, 2], key="k", seen=voting.Seen())


class TestOfResidents:
    @pytest.fixture
    def county(self):
        return make_region("county")

    @pytest.fixture
    def here(self, county):
        return make_village(region=make_region("township", county))

    @pytest.fixture
    def contest(self, county):
        found = make_contest(now=timezone.now(), region=county, voters="verified_residents", picks_min=1)
        make_entry(found)
        return found

    def test_people_of_the_region_vote_each_for_themselves(self, contest, here) -> None:
        cast(contest, make_account(make_resident(here)), 1)
        cast(contest, make_account(make_resident(here)), 1)
        assert ContestVote.objects.count() == 2

    def test_people_from_elsewhere_and_mere_accounts_do_not(self, contest, somebody) -> None:
        assert voters_for(make_account(make_resident(make_village())), contest) == []
        assert voters_for(somebody, contest) == []

    def test_one_phone_of_a_family_votes_for_each_it_acts_for(self, contest, here) -> None:
        mother, father = make_resident(here), make_resident(here)
        user = make_account(mother, user=make_phone_account(phone()))
        make_account(father, relation="helper", user=user)
        voters = voters_for(user, contest)
        assert [one.resident for one in voters] == [mother, father]
        for one in voters:
            voting.cast_vote(contest=contest, voter=one, picks=[1], key=f"k{one.key}", seen=voting.Seen())
        with pytest.raises(voting.AlreadyVoted):  # by the father's own account
            cast(contest, make_account(father, user=make_phone_account(phone())), 1)

    def test_who_stands_on_two_rolls_is_one_voter(self, contest, county, here) -> None:
        there = make_village(region=make_region("township", county))
        lines = [make_resident(place, identity_hash="a" * 64) for place in (here, there)]
        cast(contest, make_account(lines[0]), 1)
        with pytest.raises(voting.AlreadyVoted):
            cast(contest, make_account(lines[1]), 1)

    def test_who_has_left_the_roll_does_not(self, contest, here) -> None:
        gone = make_resident(here, until_on=datetime.date(2020, 1, 1))
        assert voters_for(make_account(gone), contest) == []

    def test_practice_villages_never_mix_with_real_ones(self, contest, county) -> None:
        practice = make_village(region=make_region("township", county), is_practice=True)
        assert voters_for(make_account(make_resident(practice)), contest) == []


class TestChanging:
    def test_the_last_picks_count(self, contest, somebody) -> None:
        cast(contest, somebody, 1, 2)
        vote = change(contest, somebody, 3, 4, 5)
        assert picked(vote) == [3, 4, 5]
        assert ContestVote.objects.count() == 1
        assert sum(valid_votes(contest).values()) == 3

    def test_a_late_repetition_of_the_first_does_not_bring_it_back(self, contest, somebody) -> None:
        cast(contest, somebody, 1, 2, key="first")
        change(contest, somebody, 3, 4, key="second")
        assert picked(cast(contest, somebody, 1, 2, key="first")) == [3, 4]
        assert picked(change(contest, somebody, 1, 2, key="first")) == [3, 4]

    def test_not_where_a_vote_is_final_nor_after_closing_nor_without_one(self, contest, somebody) -> None:
        with pytest.raises(WrongState):
            change(contest, somebody, 1, 2)
        vote = cast(contest, somebody, 1, 2)
        Contest.objects.update(may_change=False)
        with pytest.raises(voting.AlreadyVoted):
            change(contest, somebody, 3, 4)
        Contest.objects.update(may_change=True)
        close(contest)
        with pytest.raises(Closed):
            change(contest, somebody, 3, 4)
        assert picked(vote) == [1, 2]

    def test_picks_that_do_not_do_leave_the_ballot_as_it_was(self, contest, somebody) -> None:
        vote = cast(contest, somebody, 1, 2)
        with pytest.raises(ContestRefused):
            change(contest, somebody, 1)
        assert picked(vote) == [1, 2]

    def test_a_held_ballot_stays_held(self, contest, somebody) -> None:
        vote = cast(contest, somebody, 1, 2)
        ContestVote.objects.update(state="quarantined")
        change(contest, somebody, 3, 4)
        vote.refresh_from_db()
        assert vote.state == "quarantined"


def test_an_entry_that_goes_out_takes_its_votes_with_it_and_no_ballot(contest: Contest, somebody: User) -> None:
    vote = cast(contest, somebody, 1, 2)
    Entry.objects.filter(contest=contest, number=2).update(state="withdrawn")
    still, gone = voting.picks_that_count(vote)
    assert [one.number for one in still] == [1]
    assert [one.number for one in gone] == [2]
    assert list(valid_votes(contest).values()) == [1]
    assert picked(change(contest, somebody, 1, 3)) == [1, 3]


def test_where_fewer_are_on_show_than_must_be_picked_all_of_them_do(contest: Contest, somebody: User) -> None:
    contest.entries.exclude(number=1).update(state="withdrawn")
    assert picked(cast(contest, somebody, 1)) == [1]


def test_nothing_stored_is_an_address_a_device_or_a_number(contest: Contest) -> None:
    number = phone()
    cast(contest, make_phone_account(number), 1, 2, seen=voting.Seen("the-browser", "203.0.113.77"))
    stored = str([list(model.objects.values()) for model in (ContestVote, VoterKey)])
    for open_word in (number, "the-browser", "203.0.113"):
        assert open_word not in stored


def test_marks_of_two_contests_do_not_meet(contest: Contest) -> None:
    other = contest.pk + 1
    assert mark(contest.pk, "phone", "1") != mark(other, "phone", "1")
    assert place_marks(contest.pk, "203.0.113.7")[1] == place_marks(contest.pk, "203.0.113.99")[1]
    assert place_marks(contest.pk, "203.0.113.7")[1] != place_marks(contest.pk, "203.0.114.7")[1]
    assert place_marks(contest.pk, "2001:db8::1")[0] == place_marks(contest.pk, "2001:db8::2")[0]
    assert place_marks(contest.pk, "::ffff:203.0.113.7") == place_marks(contest.pk, "203.0.113.7")
    assert place_marks(contest.pk, "unknown") == ("", "")


def test_once_the_scores_are_locked_nothing_leads_from_a_voter_to_a_ballot(contest: Contest, somebody: User) -> None:
    people = [somebody, make_phone_account(phone())]
    votes = [cast(contest, one, 1, 2, seen=voting.Seen("d", "10.1.2.3")) for one in people]
    before = list(ContestVote.objects.values_list("device", "address", "network", "key"))
    assert voting.part_from_voters(contest) == 2
    for one in people:
        voter = voter_of(one, contest)
        assert voting.own_vote(contest, voter) is None
        assert voting.has_voted(contest, voter)
    after = list(ContestVote.objects.values_list("device", "address", "network", "key"))
    assert not {value for row in before for value in row} & {value for row in after for value in row}
    assert after[0] == after[1]  # which came from one place is still told
    assert [picked(one) for one in votes] == [[1, 2], [1, 2]]
