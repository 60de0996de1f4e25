"""The hand-written statements of a ballot: what they find, and that nothing of it is asked for twice."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client

from consultation import ballot_box
from consultation.models import Ballot, Mark, Slip
from residents.backends import AccountBackend, accounts_at_hand
from residents.models import User
from tests.factories.acting import grant, proxy_hall
from tests.factories.consultation import make_hall, open_vote

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
