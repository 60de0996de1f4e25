"""The open sockets of this process and the ticker that feeds them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Generator, Iterable, Mapping
from typing import Any, Protocol

import structlog

log = structlog.get_logger(__name__)

INTERVAL = 0.2  # seconds between two frames of one meeting at the least
BEAT = 4.0  # seconds; a revoked right closes its socket within 5
STRETCH = 3  # a fan-out that took t seconds is followed by at least STRETCH * t of quiet
RETRY = 1.0  # seconds before a failed tick is tried again
STALLED = 25.0  # seconds a phone may leave a frame untaken before it is cut off

Send = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]


class ReadyFrames(Protocol):
    """A server's short cuts past ASGI, where it has them: a frame made once is written to many sockets as it is, and
    what a socket says is told by a call, for which no task has to wait."""

    def make(self, text: str) -> bytes: ...

    def hand_over(self, listener: Callable[[dict[str, Any]], None]) -> None:
        """Said once, after the handshake: events go to `listener`, and the application may return."""
        ...

    def write(self, frame: bytes) -> bool:
        """False when it was not taken."""
        ...


class Socket:
    """One open socket. A slow one keeps only the latest states, and never makes another wait.

    Sending mostly ends at once: the server takes the bytes. So each send is tried in place, without waking a task, and
    only one that has to wait for its phone becomes a task of its own; what is offered meanwhile is kept, newest first.
    """

    __slots__ = (
        "_beat", "_board", "_close", "_note", "_send", "_since", "_task", "language", "ready", "session_key", "user_id",
    )  # fmt: skip

    def __init__(
        self, send: Send, *, user_id: int, language: str, session_key: str = "", ready: ReadyFrames | None = None
    ) -> None:
        self._send = send
        self.ready = ready
        self._task: asyncio.Task[None] | None = None
        self._board: str | None = None
        self._note: str | None = None
        self._beat: str | None = None
        self._close: int | None = None
        self._since = 0.0
        self.user_id = user_id
        self.language = language
        self.session_key = session_key

    def offer_board(self, text: str) -> None:
        """Send a whole board; numbers not taken yet are older and go."""
        self._board, self._note = text, None
        self._take()

    def offer(self, text: str) -> None:
        """Send numbers, after a board that still waits; earlier ones not taken yet are replaced."""
        self._note = text
        self._take()

    def takes(self, frame: bytes) -> bool:
        """Write a ready frame now, if nothing waits before it and the phone keeps up."""
        return self._task is None and self._close is None and self.ready is not None and self.ready.write(frame)

    def offer_beat(self, text: str) -> None:
        """Send a beat, after everything else: it must never stand in the place of a state."""
        self._beat = text
        self._take()

    def close(self, code: int) -> None:
        """Say why and end; a frame that its phone leaves untaken is given up for that."""
        self._close = code
        if self._task is not None and self.stalled:
            self._task.cancel()
        self._take()

    @property
    def stalled(self) -> bool:
        return self._task is not None and time.monotonic() - self._since > STALLED

    def _next(self) -> dict[str, Any] | None:
        if self._close is not None:
            return {"type": "websocket.close", "code": self._close}
        for slot in ("_board", "_note", "_beat"):
            text = getattr(self, slot)
            if text is not None:
                setattr(self, slot, None)
                return {"type": "websocket.send", "text": text}
        return None

    def _take(self) -> None:
        while self._task is None:
            message = self._next()
            if message is None:
                return
            sending = self._send(message).__await__()
            try:
                waits_for = next(sending)
            except StopIteration:
                if self._close is not None and message["type"] == "websocket.close":
                    self._send = _nowhere
                    self._close = None
                continue
            except Exception:  # noqa: BLE001  the phone is gone; its own receive loop tidies up
                self._send = _nowhere
                return
            self._since = time.monotonic()
            self._task = asyncio.get_running_loop().create_task(self._finish(_Begun(sending, waits_for)))

    async def _finish(self, sending: _Begun) -> None:
        try:
            await sending
        except asyncio.CancelledError:
            if self._close is None:
                raise
        except Exception:  # noqa: BLE001  as above
            self._send = _nowhere
        finally:
            self._task = None
        self._take()

    def gone(self) -> None:
        """The socket has ended: nothing more is sent, and a send that waits is given up."""
        self._send = _nowhere
        self.ready = None
        if self._task is not None:
            self._task.cancel()


async def _nowhere(message: dict[str, Any]) -> None:
    """Where messages to a closed socket go."""


class _Begun:
    """A send that was begun in place and now waits: its task has to wait for what it waits for."""

    def __init__(self, sending: Generator[Any, Any, Any], waits_for: Any) -> None:
        self.sending = sending
        self.waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, Any]:
        yield self.waits_for
        return (yield from self.sending)


class Room:
    """The sockets of one meeting in this process, and what was last sent to them."""

    def __init__(self, meeting_id: int) -> None:
        self.meeting_id = meeting_id
        self.sockets: set[Socket] = set()
        # Those who have not had their first board yet.
        self.newcomers: set[Socket] = set()
        self.changed = asyncio.Event()
        self.structure: object = None
        self.numbers: object = None
        self.version = 0
        self.task: asyncio.Task[None] | None = None

    def fan_out(self, text: str) -> None:
        """Hand one ready text of numbers to every socket."""
        for socket in self._left_by(text):
            socket.offer(text)

    def beat(self, text: str) -> None:
        """Hand one ready beat to every socket."""
        for socket in self._left_by(text):
            socket.offer_beat(text)

    def _left_by(self, text: str) -> Iterable[Socket]:
        """Write the text's frame, made once, to the sockets that take one; those it still has to be offered to."""
        made = next((socket.ready.make(text) for socket in self.sockets if socket.ready is not None), None)
        if made is None:
            return list(self.sockets)
        return [socket for socket in self.sockets if not socket.takes(made)]

    def show_board(self, frames: Mapping[str, str], sockets: Iterable[Socket]) -> None:
        """Hand each of these sockets the ready board of its language; they are newcomers no longer."""
        for socket in list(sockets):
            text = frames.get(socket.language)
            if text is not None:
                socket.offer_board(text)
                self.newcomers.discard(socket)

    @property
    def languages(self) -> set[str]:
        return {socket.language for socket in self.sockets}


class Registry:
    """Rooms by meeting. Lives on the event loop; only `mark_from_thread` may be called from elsewhere."""

    def __init__(self) -> None:
        self.rooms: dict[int, Room] = {}
        # Whether this process hears the others (bridge.py), and so itself.
        self.listening = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        # A task that nobody holds is collected in mid-run.
        self._tasks: set[asyncio.Task[None]] = set()

    def mark_from_thread(self, meeting_id: int) -> None:
        """Say from any thread that a meeting changed; nothing happens while nobody watches.

        Nor when it is marked already: the tick to come reads after it takes the mark away, and so sees this change too.
        """
        loop, room = self._loop, self.rooms.get(meeting_id)
        if loop is not None and room is not None and not room.changed.is_set() and not loop.is_closed():
            loop.call_soon_threadsafe(self.mark, meeting_id)

    def mark(self, meeting_id: int) -> None:
        room = self.rooms.get(meeting_id)
        if room is not None:
            room.changed.set()

    def mark_all(self) -> None:
        for room in self.rooms.values():
            room.changed.set()

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return
        self._loop = loop
        self.rooms = {}
        self._tasks = set()
        # The bridge hears other processes; it imports this module, so it can't be imported before it.
        from .bridge import listen  # noqa: PLC0415

        self._keep(loop.create_task(listen(self)))

    def _keep(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def enter(self, meeting_id: int, socket: Socket) -> Room:
        """Let a socket in; the first one starts the room's ticker. Its first frame is a whole board."""
        self._start()
        room = self.rooms.get(meeting_id)
        if room is None:
            # The ticker imports the read side and with it the models; the registry is imported by `announce`.
            from .ticker import run_room  # noqa: PLC0415

            room = self.rooms[meeting_id] = Room(meeting_id)
            room.task = self._keep(asyncio.get_running_loop().create_task(run_room(self, room)))
        room.sockets.add(socket)
        room.newcomers.add(socket)
        room.changed.set()
        return room

    def leave(self, room: Room, socket: Socket) -> None:
        room.sockets.discard(socket)
        room.newcomers.discard(socket)
        socket.gone()
        if not room.sockets and self.rooms.get(room.meeting_id) is room:
            del self.rooms[room.meeting_id]
            if room.task is not None:
                room.task.cancel()


registry = Registry()
