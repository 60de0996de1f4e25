"""The short cut past ASGI: one frame made once, written to many sockets, and never before what waits already."""

import asyncio
import contextlib
import socket

import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from consultation.consumers import READY_FRAMES
from consultation.live.registry import Room, Socket
from portal.sockets import ReadyFramesProtocol

pytestmark = pytest.mark.asyncio


class Wire:
    """The far end of one socket, by ASGI and by ready frames; `open` false when it takes nothing more."""

    def __init__(self, *, ready=True):
        self.taken = []
        self.free = asyncio.Event()
        self.free.set()
        self.made = 0
        self.socket = Socket(self.send, user_id=1, language="zh-hans", ready=self if ready else None)

    def make(self, text):
        self.made += 1
        return text.encode()

    def hand_over(self, listener):
        pass

    def write(self, frame):
        if not self.free.is_set():
            return False
        self.taken.append(("ready", frame.decode()))
        return True

    async def send(self, message):
        await self.free.wait()
        self.taken.append(("asgi", message.get("text", message.get("code"))))


def room_of(*wires):
    room = Room(1)
    room.sockets.update(wire.socket for wire in wires)
    return room


async def settle():
    for _turn in range(5):
        await asyncio.sleep(0)


async def test_a_frame_is_made_once_for_all():
    wires = [Wire() for _ in range(30)]
    room_of(*wires).fan_out("1")
    assert all(wire.taken == [("ready", "1")] for wire in wires)
    assert sum(wire.made for wire in wires) == 1


async def test_a_server_without_it_gets_messages_as_ever():
    plain, quick = Wire(ready=False), Wire()
    room_of(plain, quick).fan_out("1")
    await settle()
    assert plain.taken == [("asgi", "1")]
    assert quick.taken == [("ready", "1")]


async def test_nothing_overtakes_what_waits():
    slow = Wire()
    room = room_of(slow)
    slow.free.clear()
    slow.socket.offer_board("board")
    room.fan_out("1")
    room.fan_out("2")
    slow.free.set()
    room.fan_out("3")
    await settle()
    assert slow.taken == [("asgi", "board"), ("asgi", "3")]
    room.fan_out("4")
    assert slow.taken[-1] == ("ready", "4")


async def test_nothing_follows_a_close():
    wire = Wire()
    room = room_of(wire)
    wire.free.clear()
    wire.socket.offer("1")
    wire.socket.close(4403)
    room.fan_out("2")
    wire.free.set()
    await settle()
    assert wire.taken[-1] == ("asgi", 4403)
    assert ("ready", "2") not in wire.taken


@contextlib.asynccontextmanager
async def served(application, **options):
    """The address of `application` under uvicorn with our protocol."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(
        application, port=port, ws=ReadyFramesProtocol, log_config=None, lifespan="off", log_level="critical", **options
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=None))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"ws://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        await running


class Hall:
    """An application that lets everybody in and keeps what the server gave it."""

    def __init__(self):
        self.frames = []

    async def __call__(self, scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        self.frames.append(scope["extensions"].get(READY_FRAMES))
        while (await receive())["type"] != "websocket.disconnect":
            pass


async def test_a_real_client_reads_it_and_a_closed_one_takes_none():
    hall = Hall()
    async with served(hall, ws_per_message_deflate=False) as address:
        async with connect(address, compression=None, proxy=None) as client:
            ready = hall.frames[0]
            text = "应到 312 户代表" * 40
            assert ready.write(ready.make(text))
            assert await client.recv() == text
        while ready.write(ready.make("too late")):
            await asyncio.sleep(0.01)


async def test_a_client_that_reads_nothing_is_not_waited_for():
    hall = Hall()
    async with (
        served(hall, ws_per_message_deflate=False) as address,
        connect(address, compression=None, proxy=None, max_queue=1, close_timeout=0.1) as client,
    ):
        client.transport.pause_reading()
        ready = hall.frames[0]
        frame = ready.make("x" * 60_000)
        written = 0
        while ready.write(frame):
            written += 1
            assert written < 1000
            await asyncio.sleep(0)
        client.transport.resume_reading()


class Handing:
    """An application that lets everybody in and returns; `heard` holds what it is told afterwards."""

    def __init__(self):
        self.heard = []
        self.ready = None
        self.sends = []

    async def __call__(self, scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        self.ready = scope["extensions"][READY_FRAMES]
        self.ready.hand_over(self.heard.append)
        self.sends.append(send)

    async def until(self, count):
        async with asyncio.timeout(5):
            while len(self.heard) < count:
                await asyncio.sleep(0.01)


async def test_a_socket_handed_over_stays_open_and_is_told_of_everything_once():
    hall = Handing()
    async with served(hall, ws_per_message_deflate=False) as address:
        async with connect(address, compression=None, proxy=None) as client:
            for word in "abc":
                await client.send(word)
            await client.send(b"d")
            await hall.until(4)
            assert [event.get("text") or event["bytes"] for event in hall.heard] == ["a", "b", "c", b"d"]
            assert await (await client.ping()) >= 0
            await hall.sends[0]({"type": "websocket.send", "text": "by ASGI"})
            assert hall.ready.write(hall.ready.make("ready"))
            assert [await client.recv(), await client.recv()] == ["by ASGI", "ready"]
        await hall.until(5)
        await asyncio.sleep(0.05)
    assert [event["type"] for event in hall.heard[4:]] == ["websocket.disconnect"]


async def test_what_was_said_during_the_handshake_is_told_too():
    told = asyncio.Event()

    class Slow(Handing):
        async def __call__(self, scope, receive, send):
            await receive()
            await send({"type": "websocket.accept"})
            await told.wait()
            scope["extensions"][READY_FRAMES].hand_over(self.heard.append)

    hall = Slow()
    async with (
        served(hall, ws_per_message_deflate=False) as address,
        connect(address, compression=None, proxy=None) as client,
    ):
        await client.send("early")
        await asyncio.sleep(0.05)
        told.set()
        await client.send("late")
        await hall.until(2)
        assert [event["text"] for event in hall.heard] == ["early", "late"]


async def test_a_socket_handed_over_can_be_closed_with_a_reason():
    hall = Handing()
    async with (
        served(hall, ws_per_message_deflate=False) as address,
        connect(address, compression=None, proxy=None) as client,
    ):
        await client.send("a")
        await hall.until(1)
        await hall.sends[0]({"type": "websocket.close", "code": 4403})
        with pytest.raises(ConnectionClosed) as closed:
            await client.recv()
        assert closed.value.rcvd.code == 4403
        await hall.until(2)
    assert [event["type"] for event in hall.heard[1:]] == ["websocket.disconnect"]


async def test_a_phone_that_vanishes_is_told_and_the_server_stops_with_sockets_open():
    hall = Handing()
    async with served(hall, ws_per_message_deflate=False) as address:
        client = await connect(address, compression=None, proxy=None)
        await client.send("a")
        await hall.until(1)
        client.transport.abort()
        await hall.until(2)
        assert hall.heard[-1]["type"] == "websocket.disconnect"
        await connect(address, compression=None, proxy=None)
        await asyncio.sleep(0.05)
    assert hall.heard[-1] == {"type": "websocket.disconnect", "code": 1012}


async def test_a_client_that_stalls_is_handed_over_with_its_brake():
    hall = Handing()
    async with (
        served(hall, ws_per_message_deflate=False) as address,
        connect(address, compression=None, proxy=None, max_queue=1, close_timeout=0.1) as client,
    ):
        await client.send("a")
        await hall.until(1)
        client.transport.pause_reading()
        frame, written = hall.ready.make("x" * 60_000), 0
        while hall.ready.write(frame):
            written += 1
            assert written < 1000
            await asyncio.sleep(0)
        sending = asyncio.create_task(hall.sends[0]({"type": "websocket.send", "text": "waits"}))
        await asyncio.sleep(0.05)
        assert not sending.done()
        client.transport.resume_reading()
        for _frame in range(written):
            await client.recv()
        assert await client.recv() == "waits"
        await sending
        assert hall.ready.write(hall.ready.make("on"))


async def test_compressed_sockets_do_without():
    hall = Hall()
    async with served(hall, ws_per_message_deflate=True) as address, connect(address, proxy=None):
        assert hall.frames == [None]
