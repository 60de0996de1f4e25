"""Pages inside the ASGI process: WSGI in a fixed pool of threads, one hop there and one back.

The ready-made bridges cross between loop and thread for every piece of a request (body, head, chunk, end), which cost
more than half of a ballot's own work. Here the body is read in the loop first, and an ordinary answer comes back whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import io
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import IO, Any

from asgiref.wsgi import WsgiToAsgiInstance

AT_ONCE = 16  # pieces of work before the answers of the first go out
SPOOLED = 1_048_576  # bytes of a body kept in memory; larger ones lie in a temporary file


@dataclass
class _Answer:
    """What the WSGI application has given so far; `rest` is None once it is whole."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)
    rest: Iterator[bytes] | None = None
    close: Callable[[], None] | None = None

    def end(self) -> None:
        self.rest = None
        if self.close is not None:
            self.close()
            self.close = None


_Work = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[[], Any]]


class _Threads:
    """A fixed number of threads that do one piece of work each and wake the loop once when it is done.

    The standard executor makes two futures for each piece and copies the one to the other, in the loop, by a lock. And
    the thread that fell idle last goes on first: its database connection still has in memory what the next one reads.
    """

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[_Work] = deque()
        self._idle: list[SimpleQueue[_Work]] = []
        for number in range(count):
            threading.Thread(target=self._serve, name=f"page_{number}", daemon=True).start()

    def do(self, work: Callable[[], Any]) -> asyncio.Future[Any]:
        """The result of `work()`, or what it raised."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()
        with self._lock:
            if self._idle:
                self._idle.pop().put((loop, done, work))
            else:
                self._waiting.append((loop, done, work))
        return done

    def _next(self, mine: SimpleQueue[_Work]) -> _Work:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._idle.append(mine)
        return mine.get()

    def _serve(self) -> None:
        mine: SimpleQueue[_Work] = SimpleQueue()
        while True:
            loop, done, work = self._next(mine)
            result, error = _outcome(work)
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(_settle, done, result, error)
            # Nothing of this request may live until the next one comes.
            del loop, done, work, result, error


class _Lane:
    """One thread that does what has gathered in one go, and wakes the loop once for all of it."""

    def __init__(self) -> None:
        self._work: SimpleQueue[_Work] = SimpleQueue()
        threading.Thread(target=self._serve, name="lane", daemon=True).start()

    def do(self, work: Callable[[], Any]) -> asyncio.Future[Any]:
        """The result of `work()`, or what it raised."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()
        self._work.put((loop, done, work))
        return done

    def _serve(self) -> None:
        while True:
            gathered = [self._work.get()]
            while not self._work.empty() and len(gathered) < AT_ONCE:
                gathered.append(self._work.get())
            results = [(done, *_outcome(work)) for _loop, done, work in gathered]
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
                gathered[0][0].call_soon_threadsafe(_settle_all, results)
            del gathered, results


def _outcome(work: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return work(), None
    except BaseException as raised:  # noqa: BLE001  whoever waits for it gets it
        return None, raised


def _settle_all(results: list[tuple[asyncio.Future[Any], Any, BaseException | None]]) -> None:
    for done, result, error in results:
        _settle(done, result, error)


def _settle(done: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if done.cancelled():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)


class Pages:
    """An ASGI application that runs a WSGI one in `threads` threads of its own.

    Addresses that end in `lane_of` (ballots) go one after the other through a thread of their own: at the moment of a
    vote they come by hundreds, and threads that took turns at each would cost more than the work itself.
    """

    def __init__(self, wsgi: Callable[..., Iterable[bytes]], *, threads: int, lane_of: str = "") -> None:
        self.wsgi = wsgi
        self.threads = _Threads(threads)
        self.lane_of = lane_of
        self.lane = _Lane() if lane_of else None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        body = await _read_body(receive)
        if body is None:
            return
        with body:
            bridge = WsgiToAsgiInstance(self.wsgi)
            bridge.scope = scope  # what its own __call__ does first
            environ = bridge.build_environ(scope, body)
            lane = self.lane if self.lane is not None and scope["path"].endswith(self.lane_of) else self.threads
            answer = await lane.do(functools.partial(self._begin, environ))
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            try:
                while answer.rest is not None:
                    await send({"type": "http.response.body", "body": answer.chunks.pop(), "more_body": True})
                    await self.threads.do(functools.partial(_go_on, answer))
            finally:
                # A client that went away in the middle still ends the request for Django.
                if answer.close is not None:
                    await self.threads.do(answer.end)
            await send({"type": "http.response.body", "body": b"".join(answer.chunks)})

    def _begin(self, environ: dict[str, Any]) -> _Answer:
        """Run the application and take its first piece, or the whole of what is known to be short."""
        answer = _Answer()

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            answer.status = int(status.split(" ", 1)[0])
            answer.headers = [(n.lower().encode("latin1"), v.encode("latin1")) for n, v in headers]

        result = self.wsgi(environ, start_response)
        answer.close = getattr(result, "close", None)
        answer.rest = iter(result)
        if getattr(result, "streaming", False):
            _go_on(answer)
        else:
            answer.chunks = list(answer.rest)
            answer.end()
        return answer


def _go_on(answer: _Answer) -> None:
    """Take the next piece of a streamed answer; the last one ends the request in Django too."""
    piece = next(answer.rest, None) if answer.rest is not None else None
    if piece is None:
        answer.end()
    else:
        answer.chunks = [piece]


async def _read_body(receive: Any) -> IO[bytes] | None:
    """Take the whole request in; None when the client went away before its end."""
    event = await receive()
    if event["type"] == "http.request" and not event.get("more_body", False):
        return io.BytesIO(event.get("body", b""))  # most requests: nothing, or a small form
    body: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=SPOOLED)  # noqa: SIM115  the caller closes it
    while event["type"] == "http.request":
        body.write(event.get("body", b""))
        if not event.get("more_body", False):
            body.seek(0)
            return body
        event = await receive()
    body.close()
    return None
