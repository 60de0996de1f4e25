"""A network that loses three answers of ten after the ballot is in: pressing again counts nothing twice."""

import pytest

from consultation import voting

from .deaf_proxy import losing_answers
from .hall import Hall, assert_counted, lying, marked
from .phones import cast_all, insist, kinds

SHARE = 0.3


def vote_unheard(site, dice, *, voters):
    halls = [Hall(voters // 2, secret=secret) for secret in (True, False)]
    papers = [hall.ballots(dice) for hall in halls]
    ballots = [ballot for pair in zip(*papers, strict=True) for ballot in pair]
    with losing_answers(site.address, share=SHARE, dice=dice) as proxy:
        first = cast_all(proxy.address, ballots)
        assert kinds(first) == {"accepted": proxy.passed, "status 0": proxy.dropped}
        assert proxy.dropped > len(ballots) * SHARE / 2
        # Every one of them is in the box, those that nobody heard of too.
        for hall in halls:
            assert len(marked(hall.motion)) == lying(hall.motion) == voters // 2
        assert kinds(insist(proxy.address, ballots)) == {"accepted": len(ballots)}
    for hall, mine in zip(halls, papers, strict=True):
        voting.close_motion(hall.motion, by=None)
        assert_counted(hall.motion, mine)


def test_who_hears_no_answer_presses_again_and_is_counted_once(site, dice):
    vote_unheard(site, dice, voters=120)


@pytest.mark.long
def test_a_full_hall_hears_only_seven_answers_of_ten(site, dice):
    vote_unheard(site, dice, voters=2000)
