"""The chair closes while everybody casts, and two press "close" at once: exact, whoever came first."""

import threading
import time

import pytest

from consultation.models import Decision

from . import breaking
from .hall import Hall, assert_counted
from .phones import cast_all, kinds, send_all

LONGEST_SECONDS = 240
A_TURN_SECONDS = 7  # nobody may cast more than ten times a minute


def close_amid_casts(site, hall, dice):
    """One vote of the whole hall, closed by two presses after a random number of answers; how many were in time."""
    ballots = hall.ballots(dice)
    moment = dice.randrange(1, len(ballots))
    due, pressed = threading.Event(), []
    answered = []

    def told(number, reply):
        answered.append(number)
        if len(answered) == moment:
            due.set()

    def press():
        assert due.wait(150)
        pressed.extend(send_all(site.address, [hall.closing()] * 2))

    chair = threading.Thread(target=press)
    chair.start()
    replies = cast_all(site.address, ballots, told=told)
    chair.join(150)

    assert sorted(reply.status for reply in pressed) == [303, 409], pressed
    assert [reply.code for reply in pressed if reply.status == 409] == ["wrong_state"]
    assert set(kinds(replies)) <= {"accepted", "poll_closed"}
    in_time = [ballot for ballot, reply in zip(ballots, replies, strict=True) if reply.accepted]
    assert_counted(hall.motion, in_time)
    assert Decision.objects.get(motion=hall.motion).cast == len(in_time)
    return len(in_time)


def test_a_ballot_is_in_time_or_told_that_it_is_not(site, dice):
    for secret in (True, False):
        close_amid_casts(site, Hall(100, secret=secret), dice)


@pytest.mark.long
@pytest.mark.parametrize("secret", [True, False], ids=["secret", "recorded"])
def test_fifty_closings_amid_two_thousand_casts(site, dice, secret):
    """25 of each kind; fewer, but ten, where a slow or busy machine would take longer than `LONGEST_SECONDS`."""
    hall = Hall(2000, secret=secret)
    began, in_time = time.monotonic(), []
    while len(in_time) < 25 and (len(in_time) < 10 or time.monotonic() - began < LONGEST_SECONDS):
        if in_time:
            hall.open_another(secret=secret)
        turn = time.monotonic()
        in_time.append(close_amid_casts(site, hall, dice))
        breaking.pass_time(A_TURN_SECONDS, since=turn)
    assert sum(number < 2000 for number in in_time) > len(in_time) * 0.8, "too few closings came amid the casts"
