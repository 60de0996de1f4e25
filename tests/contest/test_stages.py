"""What a contest's dates allow, to the second; and who runs it."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import given
from hypothesis import strategies as st

from contest.errors import Closed, WrongState
from contest.models import Contest, CountedVotes, Stage
from contest.rights import may_run, who_runs
from contest.stages import accepts_entries, is_open, require_open, stage
from contest.votes_counted import valid_votes
from tests.factories.contest import NOW, make_contest, make_entry, make_officer
from tests.factories.residents import appoint, make_account, make_region, make_resident, make_user, make_village

SECOND = datetime.timedelta(seconds=1)
moments = st.datetimes(
    min_value=datetime.datetime(2020, 1, 1),  # noqa: DTZ001  the zones are drawn
    max_value=datetime.datetime(2040, 1, 1),  # noqa: DTZ001  the zones are drawn
    timezones=st.timezones(),
)


@given(opens=moments, long=st.integers(1, 10**7), after=st.integers(-(10**7), 2 * 10**7))
def test_a_stage_is_open_from_its_first_second_until_the_one_at_which_it_closes(opens, long, after):
    opens = opens.astimezone(datetime.UTC)
    one = Stage(opens_at=opens, closes_at=opens + long * SECOND)
    assert one.is_open(opens + after * SECOND) == (0 <= after < long)
    assert one.is_open(opens)
    assert not one.is_open(one.closes_at)
    assert one.is_open(one.closes_at - datetime.timedelta(microseconds=1))


@pytest.mark.django_db
def test_entries_are_taken_until_the_closing_second_and_for_the_grace_after():
    contest = make_contest()
    closes = stage(contest, "submission").closes_at
    assert accepts_entries(contest, closes - SECOND)
    assert not accepts_entries(contest, closes)
    contest.grace_seconds = 60
    contest.save()
    assert accepts_entries(contest, closes)
    assert accepts_entries(contest, closes + 59 * SECOND)
    assert not accepts_entries(contest, closes + 60 * SECOND)
    assert not is_open(contest, "submission", closes), "the grace is for sending in alone"
    assert not accepts_entries(contest, stage(contest, "submission").opens_at - SECOND)


@pytest.mark.django_db
def test_the_grace_is_for_no_other_stage():
    contest = make_contest(grace_seconds=3600)
    closes = stage(contest, "public_vote").closes_at
    assert require_open(contest, "public_vote", closes - SECOND).key == "public_vote"
    with pytest.raises(Closed):
        require_open(contest, "public_vote", closes)


@pytest.mark.django_db
def test_a_refusal_says_when_by_the_contests_own_clock():
    contest = make_contest(time_zone="Asia/Urumqi")
    with pytest.raises(WrongState, match="2026-06-13 10:00:00"):
        require_open(contest, "public_vote", NOW - datetime.timedelta(days=3))
    with pytest.raises(Closed, match="2026-06-20 10:00:00"):
        require_open(contest, "public_vote", NOW + datetime.timedelta(days=5))


@pytest.mark.django_db
@pytest.mark.parametrize("state", Contest.State.values)
def test_nothing_before_the_lock_is_open_but_while_it_is_announced(state):
    contest = make_contest(state=state)
    running = state == Contest.State.ANNOUNCED
    assert is_open(contest, "public_vote", NOW) == running
    assert accepts_entries(contest, NOW - datetime.timedelta(days=10)) == running
    if not running:
        with pytest.raises(WrongState):
            require_open(contest, "public_vote", NOW)


@pytest.mark.django_db
def test_what_is_required_is_read_afresh():
    contest = Contest.objects.prefetch_related("stages").get(pk=make_contest().pk)
    assert is_open(contest, "public_vote", NOW)
    Stage.objects.filter(contest=contest, key="public_vote").update(closes_at=NOW)
    with pytest.raises(Closed):
        require_open(contest, "public_vote", NOW)


@pytest.mark.django_db
def test_a_stage_it_does_not_have_is_never_open():
    contest = make_contest()
    assert stage(contest, "city_selection") is None
    assert not is_open(contest, "city_selection", NOW)
    with pytest.raises(WrongState, match="没有"):
        require_open(contest, "city_selection", NOW)


@pytest.mark.django_db
def test_a_regions_contest_is_run_by_its_organizers_and_those_above():
    city = make_region("prefecture")
    county, other = make_region("county", city), make_region("county", city)
    contest = make_contest(region=county)
    here, above = make_officer("organizer", county), make_officer("organizer", city)
    strangers = [
        make_officer("organizer", other), make_officer("organizer", make_region("township", county)),
        make_officer("judge", county), make_officer("township_reviewer", county), make_user(), AnonymousUser(),
    ]  # fmt: skip
    assert all(may_run(user, contest) for user in (here, above))
    assert not any(may_run(user, contest) for user in strangers)
    assert set(who_runs(contest)) == {here, above}


@pytest.mark.django_db
def test_a_villages_contest_is_run_by_its_supervisors_too():
    county = make_region("county")
    village = make_village(region=make_region("township", county))
    contest = make_contest(village=village)
    supervisor = make_resident(village)
    appoint(supervisor, "supervisory_chair")
    chair = make_resident(village)
    appoint(chair, "committee_chair")
    watching, leading = make_account(supervisor), make_account(chair)
    organizer = make_officer("organizer", county)
    assert may_run(watching, contest)
    assert may_run(organizer, contest)
    assert not may_run(leading, contest)
    assert set(who_runs(contest)) == {watching, organizer}
    assert not may_run(watching, make_contest(village=make_village(region=village.region)))


@pytest.mark.django_db
def test_totals_that_were_brought_in_are_what_counts():
    contest, other = make_contest(), make_contest()
    first, second = make_entry(contest), make_entry(contest)
    assert valid_votes(contest) == {}
    for entry, valid in ((first, 5), (second, 0), (make_entry(other), 9)):
        CountedVotes.objects.create(village=entry.village, entry=entry, raw=valid + 2, removed=2, valid=valid)
    assert valid_votes(contest) == {first.pk: 5, second.pk: 0}
