"""Pages inside the ASGI process: WSGI in a fixed pool of threads, one hop there and one back.

The ready-made bridges cross between loop and thread for every piece of a request (body, head, chunk, end), which cost
more than half of a ballot's own work. Here the body is read in the loop first, and an ordinary answer comes back whole.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import IO, Any

from asgiref.wsgi import WsgiToAsgiInstance

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


class Pages:
    """An ASGI application that runs a WSGI one in `threads` threads of its own."""

    def __init__(self, wsgi: Callable[..., Iterable[bytes]], *, threads: int) -> None:
        self.wsgi = wsgi
        self.pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="page")

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        with tempfile.SpooledTemporaryFile(max_size=SPOOLED) as body:
            if not await _read_body(receive, body):
                return
            bridge = WsgiToAsgiInstance(self.wsgi)
            bridge.scope = scope  # what its own __call__ does first
            environ = bridge.build_environ(scope, body)
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self.pool, self._begin, environ)
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            try:
                while answer.rest is not None:
                    await send({"type": "http.response.body", "body": answer.chunks.pop(), "more_body": True})
                    await loop.run_in_executor(self.pool, _go_on, answer)
            finally:
                # A client that went away in the middle still ends the request for Django.
                if answer.close is not None:
                    await loop.run_in_executor(self.pool, answer.end)
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


async def _read_body(receive: Any, body: IO[bytes]) -> bool:
    """Take the whole request in; False when the client went away before its end."""
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            return False
        body.write(event.get("body", b""))
        if not event.get("more_body", False):
            body.seek(0)
            return True
