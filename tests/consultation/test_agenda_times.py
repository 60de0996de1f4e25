"""How long each agenda item has been treated, kept through turns, votes and the meeting's end."""

from __future__ import annotations

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client

from consultation import meetings, voting
from consultation.board import read_board
from consultation.models import AgendaItem
from tests.factories.consultation import make_hall

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall():
    return make_hall(4)


def passes(minutes):
    """So much time goes by for the item that is treated."""
    AgendaItem.objects.filter(treated_since__isnull=False).update(
        treated_since=F("treated_since") - datetime.timedelta(minutes=minutes)
    )


def times(hall):
    return [(item.treated_minutes, item.treated_since is not None) for item in hall.meeting.agenda.all()]


def test_each_item_keeps_its_own_time_and_goes_on_from_it(hall):
    assert read_board(hall.meeting).treated is None
    meetings.go_to_item(hall.meeting, 1, by=None)
    passes(7)
    meetings.go_to_item(hall.meeting, 1, by=None)  # pressed again: nothing begins anew
    assert read_board(hall.meeting).treated.minutes == 7
    meetings.go_to_item(hall.meeting, 2, by=None)
    passes(21)
    assert times(hall) == [(7, False), (0, True)]
    treated = read_board(hall.meeting).treated
    assert (treated.minutes, treated.planned, treated.over) == (21, 20, True)
    meetings.go_to_item(hall.meeting, 1, by=None)
    passes(2)
    treated = read_board(hall.meeting).treated
    assert (treated.minutes, treated.planned, treated.over) == (9, 10, False)
    assert times(hall)[1] == (21, False)


def test_a_vote_turns_to_its_item_and_the_end_of_the_meeting_stops_all(hall):
    meetings.go_to_item(hall.meeting, 1, by=None)
    passes(5)
    motion = voting.table_motion(
        meeting=hall.meeting, text="装路灯", method="online", agenda_item=hall.meeting.agenda.get(number=2), by=None
    )
    voting.open_motion(motion, by=None)
    passes(4)
    assert times(hall) == [(5, False), (0, True)]
    voting.close_motion(motion, by=None)
    meetings.close_meeting(hall.meeting, by=None)
    assert times(hall) == [(5, False), (4, False)]


def test_the_database_holds_one_item_at_a_time(hall):
    meetings.go_to_item(hall.meeting, 1, by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        AgendaItem.objects.filter(number=2).update(treated_since=hall.meeting.opened_at)


def test_the_screens_show_it(hall):
    meetings.go_to_item(hall.meeting, 1, by=None)
    passes(12)
    meetings.go_to_item(hall.meeting, 2, by=None)
    passes(3)
    client = Client()
    client.force_login(hall.chair, backend="residents.backends.AccountBackend")
    hall_screen = client.get(hall.meeting.address("hall")).content.decode()
    assert "用了 3 分钟" in hall_screen
    assert "预计 20 分钟" in hall_screen
    console = client.get(hall.meeting.address("console")).content.decode()
    assert "用了 12 分钟" in console
    assert "用了 3 分钟" in console
    assert "用了 12 分钟" in client.get(hall.meeting.get_absolute_url()).content.decode()
