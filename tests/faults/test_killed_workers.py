"""Workers die in the middle of a vote: what was acknowledged is counted, what was not can be sent again."""

import pytest

from consultation import voting

from .hall import Hall, assert_counted, lying, marked
from .phones import cast_all, insist, kinds


def vote_through_kills(site, dice, *, voters, kills, at_once=32):
    """Half of the voters in a secret vote, half in a recorded one, and `kills` workers killed while they cast."""
    halls = [Hall(voters // 2, secret=secret) for secret in (True, False)]
    papers = [hall.ballots(dice) for hall in halls]
    ballots = [ballot for pair in zip(*papers, strict=True) for ballot in pair]
    moments = {round(len(ballots) * (n + 1) / (kills + 1)) for n in range(kills)}
    answered, killed = [], []

    def told(number, reply):
        answered.append(number)
        if len(answered) in moments:
            killed.append(site.workers.kill_one(dice))

    replies = cast_all(site.address, ballots, told=told, at_once=at_once)
    assert len(set(killed)) == kills == len(moments)
    assert set(kinds(replies)) <= {"accepted", "status 0", "try_again"}
    acknowledged = {ballot.code for ballot, reply in zip(ballots, replies, strict=True) if reply.accepted}
    assert len(acknowledged) > voters // 2

    for hall, mine in zip(halls, papers, strict=True):
        kept = marked(hall.motion)
        assert len(kept) == len(set(kept)) == lying(hall.motion)
        assert {ballot.entry for ballot in mine if ballot.code in acknowledged} <= set(kept)

    # Everybody presses again, whether they were told so or not.
    assert kinds(insist(site.address, ballots)) == {"accepted": len(ballots)}
    for hall, mine in zip(halls, papers, strict=True):
        voting.close_motion(hall.motion, by=None)
        assert_counted(hall.motion, mine)
    # Even now the same paper is the same success, and another one of the same voter is none.
    assert kinds(cast_all(site.address, ballots[:6])) == {"accepted": 6}
    others = [hall.ballots(dice)[0] for hall in halls]
    assert set(kinds(cast_all(site.address, others))) <= {"already_voted", "poll_closed"}
    return replies


def test_acknowledged_is_counted_though_workers_die(site, dice):
    vote_through_kills(site, dice, voters=120, kills=2, at_once=8)


@pytest.mark.long
def test_acknowledged_is_counted_though_twenty_workers_die(site, dice):
    replies = vote_through_kills(site, dice, voters=2000, kills=20)
    assert "status 0" in kinds(replies), "nobody was interrupted: the test shows nothing"


@pytest.mark.long
def test_the_servers_own_supervisor_replaces_the_dead(elsewhere, dice):
    """As on a real site: uvicorn watches over its workers itself."""
    with elsewhere(count=3, own=True) as site:
        vote_through_kills(site, dice, voters=2000, kills=20)
