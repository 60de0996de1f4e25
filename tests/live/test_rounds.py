"""How often a process tells the others: seldom where there are none."""

import asyncio
import contextlib
import importlib
import secrets
import time

import pytest
from redis import Redis

from consultation import voting
from consultation.live import registry
from tests.factories.consultation import open_vote

from .server import OtherProcess
from .watcher import Watcher, committed, token_for

announcing = importlib.import_module("consultation.live.announce")

pytestmark = pytest.mark.valkey


@contextlib.contextmanager
def listening(url):
    """Somebody who hears what is announced."""
    with contextlib.closing(Redis.from_url(url)) as client, client.pubsub() as heard:
        heard.subscribe(announcing.CHANNEL)
        assert heard.get_message(timeout=5)["type"] == "subscribe"
        yield


@pytest.mark.parametrize(
    ("listeners", "oneself", "pause"),
    [
        (0, False, announcing.ROUND_ALONE),
        (1, True, announcing.ROUND_ALONE),
        (1, False, announcing.ROUND),
        (2, True, announcing.ROUND),
    ],
)
def test_rounds_are_short_only_while_another_process_listens(listeners, oneself, pause, settings, monkeypatch):
    monkeypatch.setattr(registry, "listening", oneself)
    # Of this test alone: others that run beside it listen, too.
    monkeypatch.setattr(announcing, "CHANNEL", f"rounds-{secrets.token_hex(8)}")
    crier = announcing._Crier(settings.REDIS_URL)
    with contextlib.ExitStack() as stack:
        for _ in range(listeners):
            stack.enter_context(listening(settings.REDIS_URL))
        assert crier._publish({1, 2}) == pause


def test_nobody_is_told_for_a_while_when_redis_is_away(tmp_path):
    crier = announcing._Crier(f"unix://{tmp_path / 'nobody'}?db=0")
    assert crier._publish({1}) == announcing.QUIET_AFTER_FAILURE


@pytest.mark.asyncio
async def test_a_process_knows_whether_it_hears_itself(hall):
    assert not registry.listening
    async with Watcher(hall.meeting, token_for(hall.meeting, await committed(lambda: hall.chair))):
        deadline = time.monotonic() + 5
        while not registry.listening:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)


@pytest.mark.asyncio
async def test_a_rush_of_ballots_in_another_process_comes_without_waiting_for_a_long_round(hall):
    motion = await committed(open_vote, hall)
    entries = await committed(lambda: hall.entries)
    other = await committed(OtherProcess, motion.pk)
    async with Watcher(hall.meeting, token_for(hall.meeting, await committed(lambda: hall.chair))) as watcher:
        began = time.monotonic()
        for entry in entries[:4]:
            await committed(other.cast, entry.pk)
        cast = 0
        while cast < 4:
            cast = (await watcher.frame())["cast"]
        assert time.monotonic() - began < announcing.ROUND_ALONE
    await committed(other.end)


@pytest.mark.asyncio
async def test_a_process_alone_shows_its_own_ballots_as_soon_as_ever(hall):
    motion = await committed(open_vote, hall)
    entries = await committed(lambda: hall.entries)
    async with Watcher(hall.meeting, token_for(hall.meeting, await committed(lambda: hall.chair))) as watcher:
        for number, entry in enumerate(entries[:4], start=1):
            began = time.monotonic()
            await committed(lambda entry=entry: voting.cast_ballot(motion=motion, entry=entry, choice="for", key="a"))
            await watcher.until(lambda frame, number=number: frame["cast"] == number)
            assert time.monotonic() - began < announcing.ROUND_ALONE
