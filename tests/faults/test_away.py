"""What the portal stands on goes away in the middle of a vote: nothing false is said, and it goes on by itself."""

import re
import threading
import time

import pytest
from django.db import connections

from consultation import voting
from tests.servers import PostgresServer

from . import breaking
from .hall import Hall, assert_counted
from .phones import await_accepted, cast_all, insist, kinds, send_all

BACK_WITHIN = 15  # seconds
CHINESE = re.compile(r"[\u4e00-\u9fff].*(再|一会儿)")


def is_kind_refusal(reply):
    """503 `try_again`, to be repeated, in a plain Chinese sentence that says so."""
    error = reply.error
    return (reply.status, reply.code, error["retry"]) == (503, "try_again", True) and CHINESE.search(error["message"])


def two_halls(dice, voters):
    """A secret and a recorded vote, and everybody's papers for both, by turns."""
    halls = [Hall(voters // 2, secret=secret) for secret in (True, False)]
    papers = [hall.ballots(dice) for hall in halls]
    return halls, papers, [ballot for pair in zip(*papers, strict=True) for ballot in pair]


def assert_all_counted(halls, papers):
    connections.close_all()
    for hall, mine in zip(halls, papers, strict=True):
        voting.close_motion(hall.motion, by=None)
        assert_counted(hall.motion, mine)


def vote_through(site, dice, broken, *, voters, seconds=0.0, refused=True):
    """Casting goes on before, during and after the fault; an acknowledged ballot is never sent again."""
    halls, papers, ballots = two_halls(dice, voters)
    probes, crowd = ballots[:2], ballots[2:]
    before = len(crowd) // 3
    assert kinds(cast_all(site.address, crowd[:before])) == {"accepted": before}

    pressing = []
    patience = seconds + 180
    going_on = threading.Thread(
        target=lambda: pressing.extend(insist(site.address, crowd[before:], seconds=patience, at_once=2))
    )
    began = time.monotonic()
    with broken:
        going_on.start()
        replies = cast_all(site.address, probes)
        if refused:
            assert all(is_kind_refusal(reply) for reply in replies), kinds(replies)
        else:
            assert kinds(replies) == {"accepted": 2}
            assert max(reply.seconds for reply in replies) < 5
        breaking.pass_time(seconds, since=began)
    await_accepted(site.address, probes[0], seconds=BACK_WITHIN)
    going_on.join(patience)
    assert kinds(pressing) == {"accepted": len(crowd) - before}
    assert kinds(insist(site.address, probes)) == {"accepted": 2}
    assert_all_counted(halls, papers)


# The database


@pytest.mark.postgres
@pytest.mark.parametrize("how", [breaking.postgres_refuses, breaking.postgres_only_reads])
def test_postgres_is_away_for_a_moment(site, dice, how):
    vote_through(site, dice, how(site), voters=60)


def on_sqlite():
    return connections["default"].vendor == "sqlite"


def test_sqlite_is_locked_by_somebody_else(site, dice):
    if not on_sqlite():
        pytest.skip("SQLite's own trouble")
    vote_through(site, dice, breaking.sqlite_locked(site), voters=60)


@pytest.mark.long
@pytest.mark.postgres
def test_postgres_is_stopped_for_twenty_seconds(elsewhere, dice):
    with PostgresServer(durable=True) as server, elsewhere(server) as site:
        vote_through(site, dice, breaking.stopped(server), voters=1000, seconds=20)


@pytest.mark.long
def test_sqlite_is_locked_for_longer_than_anybody_waits(elsewhere, dice):
    """One ballot waits its 20 s for the lock, and who queues behind it is refused with it: all are told."""
    if not on_sqlite():
        pytest.skip("SQLite's own trouble")
    with elsewhere() as site:
        vote_through(site, dice, breaking.sqlite_locked(site), voters=400, seconds=20)


# Redis


def test_valkey_goes_away_and_comes_back_empty(site, dice):
    if site.valkey is None:
        pytest.skip("no Valkey on this machine")
    vote_through(site, dice, breaking.valkey_gone(site), voters=60, refused=False)


@pytest.mark.long
@pytest.mark.parametrize("how", [breaking.valkey_gone, breaking.valkey_stalled])
def test_valkey_is_away_for_twenty_seconds(site, dice, how):
    if site.valkey is None:
        pytest.skip("no Valkey on this machine")
    vote_through(site, dice, how(site), voters=1000, seconds=20, refused=False)


# The keys


def test_secret_votes_wait_for_their_keys_and_recorded_ones_go_on(site, dice):
    halls, papers, _ballots = two_halls(dice, 60)
    secret, recorded = papers
    assert kinds(cast_all(site.address, secret[:10])) == {"accepted": 10}
    with breaking.keys_gone(site):
        assert all(is_kind_refusal(reply) for reply in cast_all(site.address, secret[10:20]))
        # Who is in the box already hears the truth, with or without the key.
        assert kinds(cast_all(site.address, secret[:10])) == {"accepted": 10}
        assert kinds(cast_all(site.address, recorded)) == {"accepted": 30}
        [closing] = send_all(site.address, [halls[0].closing()])
        assert is_kind_refusal(closing)
    await_accepted(site.address, secret[10], seconds=BACK_WITHIN)
    assert kinds(insist(site.address, secret[11:])) == {"accepted": 19}
    assert_all_counted(halls, papers)


# The disk


def vote_on_full_disk(site, dice, folder, *, voters, revive=lambda: None):
    """What still finds room is counted, what does not is told so; nothing else is said."""
    halls, papers, ballots = two_halls(dice, voters)
    assert kinds(cast_all(site.address, ballots[:100])) == {"accepted": 100}
    connections.close_all()
    with breaking.filled(folder):
        replies = cast_all(site.address, ballots[100:])
        said = [reply for reply in replies if not reply.accepted]
        assert said, "there was room for everybody: the test shows nothing"
        assert all(is_kind_refusal(reply) for reply in said), kinds(said)
    revive()
    again = [ballot for ballot, reply in zip(ballots[100:], replies, strict=True) if not reply.accepted]
    await_accepted(site.address, again[0], seconds=BACK_WITHIN)
    assert kinds(insist(site.address, again)) == {"accepted": len(again)}
    assert_all_counted(halls, papers)


@pytest.mark.long
def test_the_disk_of_sqlite_is_full(elsewhere, dice, tmp_path):
    if not on_sqlite():
        pytest.skip("SQLite's own trouble")
    with breaking.small_disk(tmp_path, megabytes=48), elsewhere(folder=tmp_path) as site:
        vote_on_full_disk(site, dice, tmp_path, voters=1000)


@pytest.mark.long
@pytest.mark.postgres
def test_the_disk_of_postgres_is_full(elsewhere, dice):
    with breaking.PostgresOnSmallDisk() as server, elsewhere(server) as site:
        vote_on_full_disk(site, dice, server.data, voters=1000, revive=server.revive)
