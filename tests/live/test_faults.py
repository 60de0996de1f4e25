"""What breaks beside the live path does not break the meeting: the database, Redis, another process."""

import asyncio
import contextlib
import importlib
import socket
import time

import pytest
from django.db import connection
from redis import Redis

from consultation import voting
from consultation.live import announce
from consultation.models import Ballot
from tests.factories.consultation import open_vote
from tests.servers import ValkeyServer

from .server import OtherProcess
from .watcher import Watcher, committed, token_for

announcing = importlib.import_module("consultation.live.announce")


def cast(motion, entry):
    return voting.cast_ballot(motion=motion, entry=entry, choice="for", key="a")


async def watch(hall):
    return Watcher(hall.meeting, token_for(hall.meeting, await committed(lambda: hall.chair)))


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


# The database


@pytest.mark.asyncio
async def test_a_reading_that_fails_is_tried_again_and_the_hall_goes_on(hall):
    """Trap 6: the ticker must outlive its own failure. A table it reads is away for a while."""
    motion = await committed(open_vote, hall)
    entries = await committed(lambda: hall.entries)
    async with await watch(hall) as watcher:
        await committed(run, "ALTER TABLE consultation_sheet RENAME TO consultation_sheet_away")
        await committed(cast, motion, entries[0])
        assert await watcher.silence(0.5)
        await committed(run, "ALTER TABLE consultation_sheet_away RENAME TO consultation_sheet")
        assert (await watcher.frame())["cast"] == 1
        await committed(cast, motion, entries[1])
        assert (await watcher.frame())["cast"] == 2


@pytest.mark.asyncio
@pytest.mark.postgres
async def test_readers_whose_connections_are_cut_read_on(hall):
    """As after a restart of the database server."""
    motion = await committed(open_vote, hall)
    entries = await committed(lambda: hall.entries)
    async with await watch(hall) as watcher:
        for number, entry in enumerate(entries[:3], start=1):
            await committed(
                run,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            await committed(cast, motion, entry)
            assert (await watcher.until(lambda frame, number=number: frame["cast"] == number))[-1]["cast"] == number


# Redis


@pytest.fixture
def deaf_redis(settings):
    """A REDIS_URL behind which somebody takes calls and never answers: the worst way for Redis to be away."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings.REDIS_URL = f"redis://127.0.0.1:{listening.getsockname()[1]}/0"
        yield


@pytest.fixture
def no_redis(settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path / 'nobody'}?db=0"


@pytest.mark.usefixtures("deaf_redis")
def test_an_announcement_waits_for_no_redis(hall):
    began = time.monotonic()
    announce(hall.meeting.pk)
    first = time.monotonic() - began
    for _time in range(200):
        announce(hall.meeting.pk)
    rest = time.monotonic() - began - first
    assert first < 1.5  # two short timeouts: to be called, to be answered
    assert rest < 0.5  # and then silence for a while, so that not every ballot pays for it


@pytest.mark.usefixtures("no_redis")
def test_a_ballot_is_accepted_with_redis_away(hall):
    motion = open_vote(hall)
    for entry in hall.entries:
        cast(motion, entry)
    assert Ballot.objects.filter(motion=motion).count() == 6


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_redis")
async def test_sockets_of_the_same_process_hear_without_redis(hall):
    motion = await committed(open_vote, hall)
    entries = await committed(lambda: hall.entries)
    async with await watch(hall) as watcher:
        began = time.monotonic()  # the first beat is four seconds away, so the frame is not its doing
        await committed(cast, motion, entries[0])
        assert (await watcher.frame())["cast"] == 1
        assert time.monotonic() - began < 3


@pytest.mark.asyncio
@pytest.mark.valkey
async def test_a_ballot_in_another_process_reaches_the_sockets_of_this_one(hall):
    motion = await committed(open_vote, hall)
    entries = await committed(lambda: hall.entries)
    other = await committed(OtherProcess, motion.pk)
    async with await watch(hall) as watcher:
        began = time.monotonic()
        await committed(other.cast, entries[0].pk)
        assert (await watcher.frame())["cast"] == 1
        assert time.monotonic() - began < 3  # by the message, not by the next beat
    await committed(other.end)


@pytest.mark.asyncio
async def test_without_a_message_a_ballot_in_another_process_comes_with_the_next_beat(hall, settings):
    settings.REDIS_URL = ""
    motion = await committed(open_vote, hall)
    entries = await committed(lambda: hall.entries)
    other = await committed(OtherProcess, motion.pk)
    async with await watch(hall) as watcher:
        await committed(other.cast, entries[0].pk)
        assert (await watcher.frame())["cast"] == 1
    await committed(other.end)


@pytest.mark.asyncio
@pytest.mark.valkey
async def test_listening_comes_back_when_redis_does(hall, settings):
    motion = await committed(open_vote, hall)
    entries = await committed(lambda: hall.entries)
    server = await committed(ValkeyServer().start)
    settings.REDIS_URL = server.url

    def told():
        """How many listen on the channel."""
        with contextlib.closing(Redis.from_url(server.url)) as client:
            return client.publish(announcing.CHANNEL, hall.meeting.pk)

    async def listened_to():
        deadline = time.monotonic() + 15
        while not await committed(told):
            assert time.monotonic() < deadline, "nobody listens"
            await asyncio.sleep(0.1)

    try:
        async with await watch(hall) as watcher:
            await listened_to()
            await committed(server.kill)
            await committed(cast, motion, entries[0])
            assert (await watcher.frame())["cast"] == 1
            await committed(server.restart)
            await listened_to()
            await committed(cast, motion, entries[1])
            assert (await watcher.frame())["cast"] == 2
    finally:
        await committed(server.stop)
