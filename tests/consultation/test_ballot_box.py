"""The hand-written statements of a ballot: what they find, and that nothing of it is asked for twice."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from consultation import attendance, ballot_box, meetings, proxies, voting
from consultation.models import Ballot, Mark, Slip
from residents.backends import AccountBackend, accounts_at_hand
from residents.models import User
from tests.factories.acting import grant, proxy_hall
from tests.factories.consultation import call, make_hall, open_vote
from tests.factories.residents import make_account, make_resident, make_village

pytestmark = pytest.mark.django_db


def find(hall, put, **numbers):
    address = {"village": hall.village.slug, "meeting": hall.meeting.number, "motion": put.number, "entry": 1}
    return ballot_box.find_paper(**address | numbers)


def test_a_paper_is_found_by_its_numbers_for_whose_it_is(django_assert_num_queries):
    hall = make_hall(4)
    motion = open_vote(hall, secret=True)
    entry, user, other = hall.entries[0], hall.account(0), hall.account(1)
    own = find(hall, motion)
    with django_assert_num_queries(0):
        assert (own.motion.pk, own.motion.village_id, own.motion.meeting_id) == (
            motion.pk, hall.village.pk, hall.meeting.pk,
        )  # fmt: skip
        assert own.motion.secret
        assert (own.entry.pk, own.entry.number, own.entry.name) == (entry.pk, 1, hall.people[0].name)
        assert not own.granted
        assert own.entry_for(user.pk) == entry
    with django_assert_num_queries(1):  # it may be one who holds a grant
        assert own.entry_for(other.pk) is None
    assert find(hall, motion, motion=2) is None
    assert find(hall, motion, village="elsewhere") is None


def test_session_and_accounts_come_with_the_paper():
    hall = make_hall(4)
    motion, user = open_vote(hall), hall.account(0)
    client = Client()
    client.force_login(user)
    key = client.session.session_key
    paper = find(hall, motion, session_key=key)
    assert paper.session_data == Session.objects.get().session_data
    assert set(paper.accounts) == {user.pk}
    assert AccountBackend().get_user(user.pk) == user
    User.objects.filter(pk=user.pk).update(display_name="read again")
    with accounts_at_hand(paper.accounts):
        assert AccountBackend().get_user(user.pk).display_name == user.display_name
    assert AccountBackend().get_user(user.pk).display_name == "read again"
    assert find(hall, motion, session_key="another").session_data is None
    assert find(hall, motion).session_data is None


def test_a_session_that_has_run_out_comes_with_no_paper():
    hall = make_hall(4)
    motion, client = open_vote(hall), Client()
    client.force_login(hall.account(0))
    key = client.session.session_key
    for seconds, known in ((60, True), (-1, False)):
        Session.objects.update(expire_date=timezone.now() + datetime.timedelta(seconds=seconds))
        assert (find(hall, motion, session_key=key).session_data is not None) == known


def test_a_paper_is_of_the_motion_meeting_and_village_that_its_address_names():
    hall, elsewhere = make_hall(4), make_hall(4)
    first = open_vote(hall)
    voting.close_motion(first, by=None)
    second = open_vote(hall, text="第二项", secret=True)
    there = open_vote(elsewhere, text="别村")
    later = meetings.publish_notice(call(hall.village, hall.people), by=None)
    tabled = voting.table_motion(meeting=later, text="下一次", by=None)
    for where, motion, meeting in (
        (hall, first, hall.meeting), (hall, second, hall.meeting), (elsewhere, there, elsewhere.meeting),
        (hall, tabled, later),
    ):  # fmt: skip
        paper = find(where, motion, meeting=meeting.number)
        assert (paper.motion.pk, paper.motion.meeting_id, paper.motion.village_id) == (
            motion.pk, meeting.pk, where.village.pk,
        )  # fmt: skip
        assert paper.motion.secret == motion.secret
        assert paper.entry == meeting.roster.entries.get(number=1)


def test_before_the_roster_is_frozen_the_motion_is_known_and_nobody_has_a_paper():
    village = make_village()
    people = [make_resident(village) for _ in range(3)]
    meeting = call(village, people)
    motion = voting.table_motion(meeting=meeting, text="还没有名册", by=None)
    paper = ballot_box.find_paper(village=village.slug, meeting=meeting.number, motion=motion.number, entry=1)
    assert (paper.motion.pk, paper.entry, paper.entry_for(make_account(people[0]).pk)) == (motion.pk, None, None)


def test_a_number_is_looked_up_as_far_as_the_databases_count():
    hall = make_hall(4)
    motion = open_vote(hall)
    assert find(hall, motion, entry=2**31 - 1).entry is None
    assert find(hall, motion, motion=2**31 - 1) is None
    for field in ("entry", "motion", "meeting"):
        assert find(hall, motion, **{field: 2**31}) is None


def test_a_granted_paper_says_so_to_both():
    hall = proxy_hall(6, present=5)
    grant(hall, hall.entries[5], hall.entries[1])
    motion = open_vote(hall)
    for place in (5, 1):
        user = hall.account(place)
        paper = find(hall, motion, entry=6)
        assert (paper.entry_for(user.pk).number, paper.granted) == (6, True)
    assert find(hall, motion, entry=6).entry_for(hall.account(0).pk) is None


def test_a_grant_holds_for_the_motions_that_open_while_it_stands():
    """Neither for one that was running when it was given, nor past one that was running when it ended."""
    hall = proxy_hall(6, present=4)
    grantor, holder = hall.entries[5], hall.account(0)

    def holds(motion):
        paper = find(hall, motion, entry=6)
        return paper.entry_for(holder.pk) == grantor, paper.granted

    tabled = voting.table_motion(meeting=hall.meeting, text="以后", by=None)
    first = open_vote(hall)
    assert (holds(first), holds(tabled)) == ((False, False), (False, False))
    proxy = grant(hall, grantor, hall.entries[0])
    assert (holds(first), holds(tabled)) == ((False, True), (True, True))
    voting.close_motion(first, by=None)
    second = open_vote(hall, text="第二项")
    assert (holds(first), holds(second)) == ((False, True), (True, True))
    proxies.end_proxy(proxy, by=None, reason="收回")
    assert (holds(first), holds(second), holds(tabled)) == ((False, False), (True, False), (False, False))
    voting.close_motion(second, by=None)
    assert holds(open_vote(hall, text="第三项")) == (False, False)


def test_a_grant_is_held_by_the_holder_in_person_and_confirmed():
    hall = proxy_hall(6, present=4)
    grant(hall, hall.entries[5], hall.entries[0])
    motion, own = open_vote(hall), hall.account(0)
    helper = make_account(hall.people[0], relation="helper")
    assert find(hall, motion, entry=6).entry_for(own.pk) is not None
    assert find(hall, motion, entry=6).entry_for(helper.pk) is None
    own.claims.update(state="ended")
    assert find(hall, motion, entry=6).entry_for(own.pk) is None
    assert find(hall, motion).entry_for(own.pk) is None  # nor the own paper


def test_who_is_there_is_who_came_before_the_motion_opened_and_had_not_left():
    hall = make_hall(12, present=10)
    here, gone, leaver, voided, *_others, late, absent = hall.entries
    attendance.check_out(hall.meeting, gone, by=None)
    attendance.check_out(hall.meeting, leaver, by=None)
    first = open_vote(hall)
    attendance.check_in(hall.meeting, [leaver], method="recorder", by=None)
    voting.close_motion(first, by=None)
    second = open_vote(hall, text="第二项")
    attendance.check_out(hall.meeting, leaver, by=None)
    attendance.check_in(hall.meeting, [late], method="recorder", by=None)
    voided.attendances.update(voided_at=second.opened_at)
    units = (here, gone, leaver, voided, late, absent)
    assert [ballot_box.standing(second, unit).present for unit in units] == [True, False, True, False, False, False]
    # The first motion was open between the leaver's going and coming back.
    assert [ballot_box.standing(first, unit).present for unit in units] == [True, False, False, False, False, False]
    elsewhere = make_hall(4).entries[0]
    assert not ballot_box.standing(second, elsewhere).present
    assert ballot_box.standing(first, here).state == "published"


def test_where_a_unit_stands(django_assert_num_queries):
    hall = make_hall(4, present=3)
    motion = open_vote(hall, secret=True, changeable=True)
    here, away = hall.entries[0], hall.entries[3]
    with django_assert_num_queries(1):
        now = ballot_box.standing(motion, here)
    assert now == ballot_box.Standing("open", "online", True, True, motion.key_ref, True)
    assert not ballot_box.standing(motion, away).present


def test_a_ballot_is_given_back_as_it_was_written(django_assert_num_queries):
    hall = make_hall(4)
    motion, entry, by = open_vote(hall), hall.entries[0], hall.recorder
    fields = {"choice": "against", "channel": "recorder", "key": "k", "recorded_by_id": by.pk}
    ballot = ballot_box.drop_in(motion, entry, **fields)
    with django_assert_num_queries(0):
        given = {name: getattr(ballot, name) for name in fields}
        assert given == fields
        assert (ballot.village_id, ballot.motion_id, ballot.entry_id) == (hall.village.pk, motion.pk, entry.pk)
    kept = Ballot.objects.get()
    assert {name: getattr(kept, name) for name in fields} == fields
    assert kept.pk == ballot.pk
    assert not Mark.objects.get().paper
    with pytest.raises(IntegrityError), transaction.atomic():
        ballot_box.drop_in(motion, entry, **fields)
    assert Ballot.objects.count() == 1


def test_a_slip_lies_beside_its_mark_once():
    hall = make_hall(4)
    motion = open_vote(hall, secret=True)
    ballot_box.slip_in(motion, hall.entries[0], slip="a" * 64, payload=b"sealed")
    slip = Slip.objects.get()
    assert (slip.key, bytes(slip.payload), slip.motion_id, slip.village_id) == (
        "a" * 64, b"sealed", motion.pk, hall.village.pk,
    )  # fmt: skip
    for entry, key in ((hall.entries[0], "b" * 64), (hall.entries[1], "a" * 64)):
        with pytest.raises(IntegrityError), transaction.atomic():
            ballot_box.slip_in(motion, entry, slip=key, payload=b"sealed")
    assert (Slip.objects.count(), Mark.objects.count()) == (1, 1)


@pytest.mark.parametrize("taken", ["mark", "key"])
def test_a_second_slip_is_no_fault_of_the_database(taken):
    """PostgreSQL would write the statement that failed into its log, with unit and slip, and end the transaction."""
    hall = make_hall(4)
    motion = open_vote(hall, secret=True)
    ballot_box.slip_in(motion, hall.entries[0], slip="a" * 64, payload=b"sealed")
    entry, slip = (hall.entries[0], "b" * 64) if taken == "mark" else (hall.entries[1], "a" * 64)
    with pytest.raises(IntegrityError) as refused:
        ballot_box.slip_in(motion, entry, slip=slip, payload=b"sealed")
    if connection.vendor == "postgresql":
        assert refused.value.__cause__ is None
    assert Slip.objects.count() == 1
