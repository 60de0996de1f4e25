"""Every step between states that the tables do not know is refused, and changes nothing."""

import itertools

import pytest
from django.db import transaction

from consultation import attendance, meetings, minutes, moves, sheets, voting
from consultation.errors import MeetingError, WrongState
from consultation.models import Meeting, Minutes, Motion
from tests.factories.consultation import call, close_vote, make_hall, open_vote

TABLES = [(Meeting, meetings.move), (Motion, moves.move), (Minutes, minutes.move)]


def pairs():
    for model, move in TABLES:
        for before, after in itertools.product(model.State, repeat=2):
            yield pytest.param(model, move, before, after, id=f"{model.__name__}-{before.value}-{after.value}")


@pytest.mark.parametrize(("model", "move", "before", "after"), pairs())
def test_a_state_moves_only_as_its_table_says(model, move, before, after):
    thing = model(state=before)
    if after in model.MOVES[before]:
        move(thing, after)
        assert thing.state == after
    else:
        with pytest.raises(WrongState) as refusal:
            move(thing, after)
        assert refusal.value.code == "wrong_state"
        assert str(before.label) in str(refusal.value.message)
        assert thing.state == before


@pytest.mark.parametrize("model", [model for model, _move in TABLES])
def test_the_table_knows_every_state(model):
    assert set(model.MOVES) == set(model.State)


def test_what_is_over_stays_over():
    over = {
        Meeting: {"cancelled", "archived"},
        Motion: {"published", "annulled"},
        Minutes: {"archived"},
    }
    for model, ends in over.items():
        assert {state.value for state, moves in model.MOVES.items() if not moves} == ends


# What the functions themselves refuse: each act of a meeting in each of its states.
ACTS = {
    "publish_notice": ({"preparing"}, lambda hall: meetings.publish_notice(hall.meeting, by=None)),
    "open_meeting": ({"noticed"}, lambda hall: meetings.open_meeting(hall.meeting, by=None)),
    "check_in": (
        {"live"},
        lambda hall: attendance.check_in(hall.meeting, hall.entries[:1], method="recorder", by=None),
    ),
    "check_out": ({"live"}, lambda hall: attendance.check_out(hall.meeting, hall.entries[0], by=None)),
    "undo_check_in": (
        {"live"},
        lambda hall: attendance.undo_check_in(hall.meeting, hall.entries[0], by=None, reason=""),
    ),
    "confirm_quorum": ({"live"}, lambda hall: attendance.confirm_quorum(hall.meeting, by=None)),
    "go_to_item": ({"live"}, lambda hall: meetings.go_to_item(hall.meeting, 1, by=None)),
    "open_motion": ({"live"}, lambda hall: voting.open_motion(hall.meeting.motions.get(), by=None)),
    "close_meeting": ({"live"}, lambda hall: meetings.close_meeting(hall.meeting, by=None)),
    "adjourn_meeting": (
        {"noticed", "live"},
        lambda hall: meetings.adjourn_meeting(hall.meeting, by=None, reason="人没有到齐"),
    ),
    "cancel_meeting": (
        {"preparing", "noticed"},
        lambda hall: meetings.cancel_meeting(hall.meeting, by=None, reason="下大雨"),
    ),
    "publish_results": ({"closed", "adjourned"}, lambda hall: meetings.publish_results(hall.meeting, by=None)),
    "table_motion": (
        {"preparing", "noticed", "live"},
        lambda hall: voting.table_motion(meeting=hall.meeting, text="水渠", by=None),
    ),
    "hand_over": (
        {"preparing", "noticed", "live"},
        lambda hall: meetings.hand_over(hall.meeting, role="chair", to=hall.people[4], by=None),
    ),
    "draft_minutes": (
        {"closed", "adjourned", "results_published", "archived"},
        lambda hall: minutes.draft_minutes(hall.meeting, by=None),
    ),
}


def tried_in(thing, state, do):
    """What the act raises when the thing is in that state, or None; everything is as before afterwards."""
    with transaction.atomic():
        type(thing).objects.filter(pk=thing.pk).update(state=state)
        thing.refresh_from_db()
        try:
            do()
        except MeetingError as error:
            assert type(thing).objects.get(pk=thing.pk).state == state
            return type(error)
        finally:
            transaction.set_rollback(True)
    return None


@pytest.mark.django_db
@pytest.mark.parametrize("act", ACTS)
def test_each_act_belongs_to_its_states(act):
    allowed, do = ACTS[act]
    hall = make_hall()
    voting.table_motion(meeting=hall.meeting, text="路灯", method="online", by=None)
    if act == "publish_notice":
        # A meeting whose notice is out has a roster already; this one has none.
        hall.meeting = call(hall.village, hall.people)
    refusals = {state.value: tried_in(hall.meeting, state, lambda: do(hall)) for state in Meeting.State}
    assert refusals == {state.value: None if state.value in allowed else WrongState for state in Meeting.State}


MOTION_ACTS = {
    "open_motion": ({"announced"}, lambda hall, motion: voting.open_motion(motion, by=None)),
    "close_motion": ({"open", "paused"}, lambda hall, motion: voting.close_motion(motion, by=None)),
    "enter_hands": (
        {"closing"},
        lambda hall, motion: sheets.enter_hands(motion, reader=hall.people[0], counts={"for": 1}, by=None),
    ),
    "cast_ballot": (
        {"open"},
        lambda hall, motion: voting.cast_ballot(motion=motion, entry=hall.entries[0], choice="for", key="a"),
    ),
    "withdraw_motion": ({"draft", "announced"}, lambda hall, motion: voting.withdraw_motion(motion, by=None)),
}


@pytest.mark.django_db
@pytest.mark.parametrize("act", MOTION_ACTS)
def test_each_act_on_a_motion_belongs_to_its_states(act):
    allowed, do = MOTION_ACTS[act]
    hall = make_hall()
    motion = open_vote(hall, method="hands_and_online")
    refusal = voting.MotionNotOpen if act == "cast_ballot" else WrongState
    refusals = {state.value: tried_in(motion, state, lambda: do(hall, motion)) for state in Motion.State}
    assert refusals == {state.value: None if state.value in allowed else refusal for state in Motion.State}
    assert not motion.ballots.exists()
    assert not motion.sheets.exists()


@pytest.mark.django_db
def test_a_result_is_announced_only_while_it_is_counted():
    hall = make_hall()
    for state in set(Motion.State) - {Motion.State.CLOSING}:
        motion = close_vote(hall, text=f"{state.label}")
        Motion.objects.filter(pk=motion.pk).update(state=state)
        with pytest.raises(WrongState):
            voting.announce_result(motion, by=None)
        assert motion.decisions.count() == 1
        Motion.objects.filter(pk=motion.pk).update(state="published")
