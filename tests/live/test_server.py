"""The whole way on a real server: a ballot goes up by POST, the board comes down by socket."""

import asyncio
import http.client
import json
import secrets
import time
import urllib.parse

import pytest
from django.db import connection
from django.test import Client
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from portal.settings import base
from tests.factories.consultation import open_vote

from .server import serving
from .watcher import committed, token_for

pytestmark = pytest.mark.asyncio


def socket_url(host, meeting, token):
    return f"ws://{host}/ws/meetings/{meeting.pk}/?token={urllib.parse.quote(token)}"


def admitted(host, meeting, token, **options):
    return connect(socket_url(host, meeting, token), compression=None, proxy=None, **options)


async def frame(wire, *, kind="tally"):
    async with asyncio.timeout(10):
        while True:
            found = json.loads(await wire.recv())
            if found["type"] == kind:
                return found


def session_of(user):
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def post_ballot(host, motion, session, entry):
    """As a browser's script does; (status, body)."""
    csrf = secrets.token_hex(16)
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"sessionid={session}; csrftoken={csrf}",
        "X-CSRFToken": csrf,
    }
    body = urllib.parse.urlencode({"entry": entry, "choice": "for", "key": f"key-{entry}"})
    wire = http.client.HTTPConnection(host, timeout=20)
    try:
        wire.request("POST", motion.meeting.address("cast", motion.number), body, headers)
        answer = wire.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        wire.close()


def prepared(hall):
    motion = open_vote(hall)
    motion.meeting.village  # noqa: B018  fetched here, where the database may be asked
    return motion, [session_of(hall.account(number)) for number in range(6)], hall.chair


@pytest.fixture
def host(hall):
    """host:port of a server on the hall's database."""
    with serving() as address:
        yield address


async def test_a_ballot_by_post_is_on_every_screen(hall, host):
    """Trap 2: more sockets than redis-py's pool would have had connections."""
    motion, sessions, user = await committed(prepared, hall)
    token = token_for(hall.meeting, user)
    wires = await asyncio.gather(*(admitted(host, hall.meeting, token) for _ in range(150)))
    boards = await asyncio.gather(*(frame(wire, kind="board") for wire in wires))
    assert {(board["motion"], board["cast"]) for board in boards} == {(motion.pk, 0)}
    for number, session in enumerate(sessions[:5], start=1):
        status, body = await committed(post_ballot, host, motion, session, number)
        assert (status, body.get("accepted"), body.get("entry")) == (200, True, number), body
    for wire in wires:
        while (await frame(wire))["cast"] < 5:
            pass
    await asyncio.gather(*(wire.close() for wire in wires))
    assert await committed(motion.ballots.count) == 5

    # Who was away meanwhile comes back to the newest state at once.
    status, _body = await committed(post_ballot, host, motion, sessions[5], 6)
    began = time.monotonic()
    async with admitted(host, hall.meeting, token) as wire:
        board = await frame(wire, kind="board")
    assert (status, board["cast"], board["version"] > boards[0]["version"]) == (200, 6, True)
    assert time.monotonic() - began < 3


async def refused_with(opening):
    with pytest.raises(InvalidStatus) as refusal:
        await opening
    return refusal.value.response.status_code


async def test_who_is_not_admitted_is_refused_before_the_socket_opens(hall, host):
    motion, _sessions, user = await committed(prepared, hall)
    token = token_for(hall.meeting, user)
    assert await refused_with(admitted(host, hall.meeting, "")) == 403
    assert await refused_with(admitted(host, hall.meeting, token[:-1])) == 403
    assert await refused_with(admitted(host, hall.meeting, token, origin="https://elsewhere.example")) == 403
    for path in ("/ws/nothing/", "/ws/meetings/x/", "/"):
        status = await refused_with(connect(f"ws://{host}{path}?token={token}", compression=None, proxy=None))
        assert status in (403, 404), path
    async with admitted(host, hall.meeting, token, origin=f"http://{host}") as wire:
        assert (await frame(wire, kind="board"))["motion"] == motion.pk


def connections_in_use():
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()")
        return cursor.fetchone()[0]


@pytest.mark.postgres
async def test_pages_do_not_leak_connections(hall, host):
    """Trap 3: a thread for each request, each with a lasting connection, ends in 'too many clients'."""
    motion, sessions, _user = await committed(prepared, hall)
    before = await committed(connections_in_use)
    for _turn in range(5):
        answers = await asyncio.gather(
            *(asyncio.to_thread(post_ballot, host, motion, sessions[n % 6], n % 6 + 1) for n in range(40))
        )
        assert {status for status, _body in answers} <= {200, 429}
    after = await committed(connections_in_use)
    assert after - before <= base.PAGE_THREADS + 4
