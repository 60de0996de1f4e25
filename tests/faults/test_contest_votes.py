"""A contest's public vote over HTTP: answers that get lost, two telephones at once, the second at which it closes."""

import threading

from django.db import connections

from .deaf_proxy import losing_answers
from .phones import cast_all, insist, kinds
from .poll import ENTRIES, Poll

SHARE = 0.3


def test_who_hears_no_answer_presses_again_and_is_counted_once(site, dice):
    poll = Poll(80)
    ballots = poll.ballots(dice)
    with losing_answers(site.address, share=SHARE, dice=dice) as proxy:
        first = cast_all(proxy.address, ballots)
        assert kinds(first) == {"accepted": proxy.passed, "status 0": proxy.dropped}
        assert proxy.dropped > len(ballots) * SHARE / 2
        assert kinds(insist(proxy.address, ballots)) == {"accepted": len(ballots)}
    poll.assert_counted(ballots)


def test_of_two_telephones_of_one_voter_at_once_one_is_accepted(site, dice):
    poll = Poll(40)
    pairs = [(poll.ballot(one, 1), poll.ballot(one, dice.randint(2, ENTRIES))) for one in poll.voters]
    ballots = [one for pair in pairs for one in pair]
    replies = insist(site.address, ballots)
    assert kinds(replies) == {"accepted": 40, "already_voted": 40}
    poll.assert_counted([one for one, reply in zip(ballots, replies, strict=True) if reply.accepted])


def test_a_ballot_is_in_time_or_told_that_it_is_not(site, dice):
    poll = Poll(100)
    ballots = poll.ballots(dice)
    due, answered = threading.Event(), []

    def told(number, reply):
        answered.append(number)
        if len(answered) == 30:
            due.set()

    def close():
        try:
            assert due.wait(150)
            poll.close()
        finally:
            connections.close_all()  # this thread's own

    closing = threading.Thread(target=close)
    closing.start()
    replies = cast_all(site.address, ballots, told=told)
    closing.join(150)
    assert set(kinds(replies)) == {"accepted", "poll_closed"}
    in_time = [one for one, reply in zip(ballots, replies, strict=True) if reply.accepted]
    assert 30 <= len(in_time) < 100
    poll.assert_counted(in_time)
