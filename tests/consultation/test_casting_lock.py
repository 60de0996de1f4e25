"""Casting and closing exclude each other, on real transactions: from the judging of a ballot to its commit."""

import datetime
import threading

import pytest
from django.db import transaction
from django.utils import timezone

from consultation import locks, secret_ballots, voting
from consultation.bulletin_text import board_code, slip_key
from consultation.models import Decision, Mark, Meeting, Motion, ProcedurePreset
from residents.models import Village
from tests.factories.consultation import make_hall, open_vote
from tests.threads import all_at_once, kinds

pytestmark = pytest.mark.usefixtures("committed_db")
OWN = bytes(16)


def by_phone(motion, entry):
    voting.cast_ballot(motion=motion, entry=entry, choice="for", key="a")


def by_recorder(motion, entry):
    voting.cast_ballot(motion=motion, entry=entry, choice="for", key="a", channel="recorder")


def secretly(motion, entry):
    secret_ballots.cast_secret(motion=motion, entry=entry, choice="for", slip=slip_key(OWN), board=board_code(OWN))


@pytest.mark.parametrize("ballot", [by_recorder, secretly])
def test_what_was_judged_in_time_is_counted_by_a_closing_that_comes_before_it_is_written(monkeypatch, ballot):
    hall = make_hall()
    motion = open_vote(hall, secret=ballot is secretly)
    module, name = (secret_ballots, "slip_in") if ballot is secretly else (voting, "drop_in")
    write, judged, order = getattr(module, name), threading.Event(), []

    def write_late(*arguments, **fields):
        judged.set()
        # Long enough for a closing that does not wait to get through.
        threading.Event().wait(0.3)
        order.append("ballot")
        return write(*arguments, **fields)

    def close():
        assert judged.wait(10)
        voting.close_motion(motion, by=None)
        order.append("closing")

    monkeypatch.setattr(module, name, write_late)
    assert kinds(all_at_once([lambda: ballot(motion, hall.entries[0]), close])) == {"NoneType": 2}
    assert order == ["ballot", "closing"]
    assert Decision.objects.get(motion=motion).counts == {"for": 1, "against": 0, "abstain": 0}


@pytest.mark.parametrize("ballot", [by_phone, by_recorder, secretly])
def test_a_ballot_that_meets_a_closing_waits_for_it_and_is_refused(ballot):
    hall = make_hall()
    motion = open_vote(hall, secret=ballot is secretly)
    closed = threading.Event()

    def close():
        with transaction.atomic():
            voting.close_motion(motion, by=None)
            closed.set()
            threading.Event().wait(0.3)

    def cast():
        assert closed.wait(10)
        ballot(motion, hall.entries[0])

    assert kinds(all_at_once([close, cast])) == {"MotionNotOpen": 1, "NoneType": 1}
    assert not Mark.objects.exists()
    assert Decision.objects.get(motion=motion).cast == 0


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("take", "held", "free"),
    [
        (lambda hall, _motion: locks.lock_meeting(hall.meeting), Meeting, [Village, ProcedurePreset]),
        (lambda _hall, motion: locks.stop_casting(motion), Motion, [Village, Meeting]),
    ],
    ids=["meeting", "motion"],
)
def test_only_the_row_itself_is_held_up(take, held, free):
    """Another meeting of the village goes on meanwhile. (SQLite has one lock for all.)"""
    hall = make_hall()
    motion = open_vote(hall)
    rows = {Village: hall.village, ProcedurePreset: hall.meeting.preset, Meeting: hall.meeting, Motion: motion}

    def want(model):
        with transaction.atomic():
            model.objects.select_for_update(nowait=True).get(pk=rows[model].pk)
            return True

    with transaction.atomic():
        row = take(hall, motion)
        assert isinstance(row, held)
        busy, *others = all_at_once([lambda model=model: want(model) for model in (held, *free)], threads=1)
    assert "could not obtain lock" in str(busy)
    assert others == [True] * len(free)


def test_the_databases_clock_is_that_of_the_moment_not_of_the_transactions_beginning():
    """Who waited for a lock writes down the time behind it."""
    hall = make_hall(3)
    with transaction.atomic():
        locks.lock_meeting(hall.meeting)
        before = locks.database_now()
        threading.Event().wait(0.02)
        after = locks.database_now()
    assert datetime.timedelta(milliseconds=15) <= after - before < datetime.timedelta(seconds=10)
    assert after.utcoffset() == datetime.timedelta(0)
    assert abs(timezone.now() - after) < datetime.timedelta(seconds=10)
