"""The floor: a broadcaster on bare asyncio, to show what the machine itself allows.

`python -m bench.floor --port P --voters N --out FILE` writes its rehearsal file and ends, so
that the server's memory stays its own; the same with `--serve` serves and writes nothing.
Votes come by the same form POST as the portal's; the tally goes down as one ready frame, at
once when the last is older than 200 ms, else when these have passed. Ballots are kept in
SQLite with a commit that outlives a power cut, or with `--memory` in memory only.
"""

import argparse
import asyncio
import base64
import hashlib
import json
import secrets
import struct
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httptools
import uvloop

from .floor_ballots import DurableBallots, MemoryBallots
from .limits import raise_open_files
from .rehearsal import Rehearsal, Voter

INTERVAL_SECONDS = 0.2
FLOOD_SECONDS = 20.0
ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Broadcaster:
    """All sockets and the one motion they watch."""

    def __init__(self, ballots: MemoryBallots | DurableBallots, entitled: int) -> None:
        self.ballots = ballots
        self.entitled = entitled
        self.sockets: set[Visitor] = set()
        self.version = 0
        self.last = 0.0
        self.timer: asyncio.TimerHandle | None = None
        self.flood_task: asyncio.Task[None] | None = None

    def tally(self) -> bytes:
        """The present state as a finished WebSocket frame."""
        self.version += 1
        return frame(
            {
                "type": "tally",
                "version": self.version,
                "motion": 1,
                "cast": self.ballots.cast,
                "entitled": self.entitled,
                "present": self.entitled,
                "required": self.entitled // 2 + 1,
                "counts": {"for": self.ballots.cast, "against": 0, "abstain": 0},
            }
        )

    def board(self) -> bytes:
        html = "<section id=board><h2>表决</h2><p>赞成、反对、弃权</p></section>"
        state = {"type": "board", "version": self.version, "html": html, "motion": 1}
        return frame(state | {"cast": self.ballots.cast})

    def announce(self) -> None:
        """The count changed: tell everyone, soon."""
        loop = asyncio.get_running_loop()
        if self.timer is None:
            self.timer = loop.call_at(self.last + INTERVAL_SECONDS, self.broadcast)

    def broadcast(self) -> None:
        self.timer = None
        self.last = asyncio.get_running_loop().time()
        self.send(self.tally())

    def send(self, ready: bytes) -> None:
        for socket in self.sockets:
            if not socket.paused:
                socket.transport.write(ready)

    async def flood(self) -> None:
        """The same frame to everyone, as fast as they take it."""
        loop = asyncio.get_running_loop()
        ready, end = self.tally(), loop.time() + FLOOD_SECONDS
        while loop.time() < end:
            self.send(ready)
            await asyncio.sleep(0)


class Visitor(asyncio.Protocol):
    """One connection: requests until it asks to become a socket."""

    transport: asyncio.Transport

    def __init__(self, hall: Broadcaster) -> None:
        self.hall = hall
        self.parser: Any = httptools.HttpRequestParser(self)
        self.url = self.key = b""
        self.body: list[bytes] = []
        self.paused = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self.parser is None:
            if data[0] & 0x0F == 8:
                self.transport.close()
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.parser = None
            self.upgrade()

    def on_url(self, url: bytes) -> None:
        self.url, self.body = url, []

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"sec-websocket-key":
            self.key = value

    def on_body(self, body: bytes) -> None:
        self.body.append(body)

    def on_message_complete(self) -> None:
        if self.parser is None or self.parser.should_upgrade():
            return
        if self.parser.get_method() == b"POST":
            fields = parse_qs(b"".join(self.body).decode())
            self.hall.ballots.record(fields["key"][0], fields["choice"][0], self.done)
            return
        if self.url == b"/flood":
            self.hall.flood_task = asyncio.create_task(self.hall.flood())
            body = json.dumps({"frame_bytes": len(self.hall.tally())})
            self.answer(body.encode())
        else:
            self.answer(b"{}")

    def done(self, new: bool) -> None:
        """The ballot is safe."""
        self.answer(b'{"ok": true}')
        if new:
            self.hall.announce()

    def answer(self, body: bytes) -> None:
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )

    def upgrade(self) -> None:
        accept = base64.b64encode(hashlib.sha1(self.key + ACCEPT).digest())  # noqa: S324  RFC 6455 asks for it
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Accept: %b\r\n\r\n" % accept
        )
        self.transport.write(self.hall.board())
        self.hall.sockets.add(self)

    def pause_writing(self) -> None:
        self.paused = True

    def resume_writing(self) -> None:
        self.paused = False

    def connection_lost(self, exc: Exception | None) -> None:
        self.hall.sockets.discard(self)


def frame(state: dict[str, Any]) -> bytes:
    """JSON as one unmasked text frame."""
    text = json.dumps(state, ensure_ascii=False).encode()
    if len(text) < 126:
        return struct.pack("!BB", 0x81, len(text)) + text
    return struct.pack("!BBH", 0x81, 126, len(text)) + text


def rehearse(port: int, voters: int) -> Rehearsal:
    """The file's contents for this server."""
    return Rehearsal(
        base=f"http://127.0.0.1:{port}",
        meeting_url="/",
        board_url="/board",
        socket_url="/socket?token={token}",
        cast_url="/cast",
        cast_fields={"choice": "for"},
        voters=[Voter("session=none", "none", {"key": secrets.token_hex(16)}, str(number)) for number in range(voters)],
    )


async def serve(port: int, hall: Broadcaster) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Visitor(hall), "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.floor", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--voters", type=int, default=1000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--memory", action="store_true")
    options = parser.parse_args()
    if not options.serve:
        rehearse(options.port, options.voters).write(options.out)
        return
    raise_open_files()
    file = options.out.with_suffix(".sqlite3")
    ballots = MemoryBallots() if options.memory else DurableBallots(file)
    uvloop.run(serve(options.port, Broadcaster(ballots, options.voters)))


if __name__ == "__main__":
    main()
