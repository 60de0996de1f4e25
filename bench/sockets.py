"""The audience: thousands of cheap WebSocket clients that note when they saw which count."""

import asyncio
import json
import time
from typing import Any

from .rehearsal import Rehearsal

TEXT, CLOSE, PING = 1, 8, 9
CONNECTING_AT_ONCE = 128
# One address has some 28,000 free ports; further clients come from 127.0.0.2 and on.
CLIENTS_PER_ADDRESS = 20_000
KNOWN_CHUNKS = 512
# How long a newcomer may wait for its first board.
BOARD_SECONDS = 60


class Audience:
    """All watchers together. Times are `time.perf_counter()` seconds, `cast` counts ballots."""

    def __init__(self) -> None:
        self.watchers: list[Watcher] = []
        self.frames = 0
        self.bytes = 0
        self.lost_sockets = 0
        self.stepped_back = 0
        self.target = 0
        self.reached = 0
        self.all_reached = asyncio.Event()
        # Bytes as they arrived → (frames, counts in order): screens get the same frames, so one parse serves all.
        self.known: dict[bytes, tuple[int, list[int]]] = {}

    async def admit(self, rehearsal: Rehearsal, count: int) -> float:
        """Open `count` sockets, each until its first board has come; returns the seconds it took."""
        started = time.perf_counter()
        gate = asyncio.Semaphore(CONNECTING_AT_ONCE)

        async def open_one(number: int) -> Watcher:
            async with gate:
                voter = rehearsal.voters[number % len(rehearsal.voters)]
                return await self._open(number, *rehearsal.watch(voter))

        already = len(self.watchers)
        self.watchers += await asyncio.gather(*(open_one(already + number) for number in range(count)))
        return time.perf_counter() - started

    async def _open(self, number: int, host: str, port: int, handshake: bytes) -> "Watcher":
        loop = asyncio.get_running_loop()
        source = (f"127.0.0.{1 + number // CLIENTS_PER_ADDRESS}", 0) if number >= CLIENTS_PER_ADDRESS else None
        _transport, watcher = await loop.create_connection(
            lambda: Watcher(self, handshake, loop.create_future()),
            host,
            port,
            local_addr=source,
        )
        async with asyncio.timeout(BOARD_SECONDS):
            await watcher.ready
        return watcher

    @property
    def cast(self) -> int:
        """The highest count on any screen."""
        return max(watcher.cast for watcher in self.watchers)

    def aim(self, target: int) -> None:
        """From now on wait for a count of `target` on every screen."""
        self.target = target
        self.all_reached.clear()
        self.reached = sum(watcher.cast >= target for watcher in self.watchers)
        if self.reached == len(self.watchers):
            self.all_reached.set()

    async def settle(self, seconds: float) -> int:
        """Wait for the target; returns how many watchers still lack it after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self.all_reached.wait()
        except TimeoutError:
            pass
        return len(self.watchers) - self.reached

    def leave(self) -> None:
        """Close every socket without ado."""
        for watcher in self.watchers:
            watcher.leaving = True
            if watcher.transport:
                watcher.transport.abort()
        self.watchers = []

    def parse(self, data: bytes) -> tuple[int, int, list[int], list[bytes]]:
        """Take whole frames off `data`: (bytes used, text frames, their counts, payloads of pings)."""
        at = frames = 0
        counts: list[int] = []
        pings: list[bytes] = []
        while len(data) - at >= 2:
            code, size, start = data[at] & 0x0F, data[at + 1] & 0x7F, at + 2
            if size >= 126:
                wide = 2 if size == 126 else 8
                size = int.from_bytes(data[start : start + wide], "big")
                start += wide
            if len(data) < start + size:
                break
            payload = data[start : start + size]
            at = start + size
            if code == TEXT:
                frames += 1
                counts += _counts(payload)
            elif code == PING:
                pings.append(payload)
            elif code == CLOSE:
                break
        return at, frames, counts, pings


class Watcher(asyncio.Protocol):
    """One screen: `seen` holds (count, time) each time the count rose."""

    __slots__ = (
        "audience",
        "cast",
        "handshake",
        "leaving",
        "ready",
        "rest",
        "seen",
        "transport",
        "upgraded",
    )

    def __init__(self, audience: Audience, handshake: bytes, ready: asyncio.Future[None]) -> None:
        self.audience = audience
        self.handshake = handshake
        self.ready = ready
        self.rest = b""
        self.cast = -1
        self.seen: list[tuple[int, float]] = []
        self.upgraded = False
        self.leaving = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.handshake)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        audience = self.audience
        audience.bytes += len(data)
        if not self.rest and self.upgraded:
            known = audience.known.get(data)
            if known is not None:
                audience.frames += known[0]
                for count in known[1]:
                    self.note(count, now)
                return
        self._take(self.rest + data, now)

    def _take(self, data: bytes, now: float) -> None:
        if not self.upgraded:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self.rest = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self._fail(head.split(b"\r\n")[0].decode(errors="replace"))
                return
            self.upgraded = True
        used, frames, counts, pings = self.audience.parse(data)
        if used == len(data) and not pings:
            if len(self.audience.known) >= KNOWN_CHUNKS:
                self.audience.known.clear()
            self.audience.known[data] = frames, counts
        self.rest = data[used:]
        self.audience.frames += frames
        for count in counts:
            self.note(count, now)
        for ping in pings:
            if self.transport:
                # Clients must mask; a mask of zeros leaves the payload as it is.
                self.transport.write(bytes((0x8A, 0x80 | len(ping))) + bytes(4) + ping)

    def note(self, count: int, now: float) -> None:
        """A frame with this count has arrived."""
        if count > self.cast:
            target = self.audience.target
            if self.cast < target <= count:
                self.audience.reached += 1
                if self.audience.reached == len(self.audience.watchers):
                    self.audience.all_reached.set()
            self.cast = count
            self.seen.append((count, now))
            if not self.ready.done():
                self.ready.set_result(None)
        elif count < self.cast:
            self.audience.stepped_back += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"socket closed: {exc}")
        if not self.leaving:
            self.audience.lost_sockets += 1

    def _fail(self, reason: str) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(reason))
        if self.transport:
            self.transport.abort()


def _counts(payload: bytes) -> list[int]:
    frame = json.loads(payload)
    return [frame["cast"]] if isinstance(frame.get("cast"), int) else []
