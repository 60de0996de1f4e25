"""What clients send: nothing is expected, junk is answered, and too much of it ends the socket."""

import asyncio
import json

import pytest

from consultation import voting
from tests.factories.consultation import open_vote

from .watcher import Watcher, committed, token_for

pytestmark = pytest.mark.asyncio


async def watch(hall):
    return Watcher(hall.meeting, token_for(hall.meeting, await committed(lambda: hall.chair)))


JUNK = {
    "": None,
    "nonsense": None,
    "{": None,
    "[]": None,
    "null": None,
    '"words"': None,
    "{}": None,
    '{"id": 7}': 7,
    '{"id": "a", "type": "vote", "choice": "for"}': "a",
    '{"id": [1]}': None,
    '{"id": 1e999}': None,
    "[" * 15_000: None,
    "\x00": None,
    '{"id": "\\ud800"}': "\ud800",
}


async def test_junk_is_answered_and_the_socket_stays(hall):
    motion = await committed(open_vote, hall)
    entries = await committed(lambda: hall.entries)
    junk = list(JUNK.items())
    # Two sockets, for more than ten in a minute are too many.
    async with await watch(hall) as first, await watch(hall) as second:
        for watcher, pieces in ((first, junk[:7]), (second, junk[7:])):
            for text, identity in pieces:
                await watcher.say(text)
                assert await watcher.frame() == {"type": "error", "id": identity, "code": "bad_request"}
        await committed(voting.cast_ballot, motion=motion, entry=entries[0], choice="for", key="a")
        for watcher in (first, second):
            assert (await watcher.frame())["cast"] == 1


async def test_nobody_votes_by_socket(hall):
    motion = await committed(open_vote, hall)
    async with await watch(hall) as watcher:
        await watcher.say(json.dumps({"id": 1, "entry": 1, "motion": motion.pk, "choice": "for", "key": "a"}))
        assert (await watcher.frame())["type"] == "error"
        assert await committed(motion.ballots.count) == 0


async def test_a_binary_frame_closes(hall):
    async with await watch(hall) as watcher:
        await watcher.say(binary=b"\x00\x01")
        assert await watcher.closed() == 1003


async def test_a_frame_of_more_than_16_kib_closes(hall):
    for text in ("x" * (16 * 1024 + 1), "村" * 6000):
        async with await watch(hall) as watcher:
            await watcher.say(text)
            assert await watcher.closed() == 1009
    async with await watch(hall) as watcher:
        await watcher.say("x" * (16 * 1024))
        assert (await watcher.frame())["type"] == "error"


async def test_a_flood_closes(hall):
    async with await watch(hall) as watcher:
        for _time in range(60):
            await watcher.say("{}")
        assert await watcher.closed() in (4429, 1008)


async def test_more_than_ten_bad_frames_in_a_minute_close(hall):
    async with await watch(hall) as watcher:
        for _time in range(10):
            await watcher.say("{}")
            assert (await watcher.frame())["type"] == "error"
        await watcher.say("{}")
        assert await watcher.closed() == 1008


async def test_who_is_closed_for_what_they_send_disturbs_nobody(hall):
    motion = await committed(open_vote, hall)
    entries = await committed(lambda: hall.entries)
    async with await watch(hall) as loud, await watch(hall) as quiet:
        await loud.say(binary=b"\x00")
        assert await loud.closed() == 1003
        for number, entry in enumerate(entries[:2], start=1):
            await committed(voting.cast_ballot, motion=motion, entry=entry, choice="for", key="a")
            assert (await quiet.frame())["cast"] == number
            await asyncio.sleep(0)
