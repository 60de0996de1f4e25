"""A network that loses answers: the request arrives, the server does what it does, and nobody hears of it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Iterator

import httptools


class _Listener:
    """Tells when an answer of the server is whole."""

    def __init__(self) -> None:
        self.whole = False
        self.parser = httptools.HttpResponseParser(self)

    def on_message_complete(self) -> None:
        self.whole = True


class DeafProxy:
    """Passes every request on whole, and hangs up instead of passing on this `share` of the answers."""

    def __init__(self, upstream: str, *, share: float, dice: random.Random) -> None:
        self.upstream = upstream.split(":")
        self.share = share
        self.dice = dice
        self.passed = self.dropped = 0
        self.address = ""

    async def serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            server, forth = await asyncio.open_connection(*self.upstream)
            with contextlib.closing(forth), contextlib.closing(back):
                while request := await client.read(65536):
                    # Our phones send one request at a time, each in one piece.
                    forth.write(request)
                    answer = await _whole_answer(server)
                    if not answer:
                        return
                    if self.dice.random() < self.share:
                        self.dropped += 1
                        return
                    self.passed += 1
                    back.write(answer)
                    await back.drain()


async def _whole_answer(server: asyncio.StreamReader) -> bytes:
    listener, pieces = _Listener(), []
    while not listener.whole:
        piece = await server.read(65536)
        if not piece:
            return b""
        pieces.append(piece)
        listener.parser.feed_data(piece)
    return b"".join(pieces)


@contextlib.contextmanager
def losing_answers(upstream: str, *, share: float, dice: random.Random) -> Iterator[DeafProxy]:
    """A proxy before `upstream` (host:port), in a thread of its own."""
    proxy = DeafProxy(upstream, share=share, dice=dice)
    ready, loop = threading.Event(), asyncio.new_event_loop()

    async def listen() -> None:
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, backlog=1024)
        host, port = server.sockets[0].getsockname()
        proxy.address = f"{host}:{port}"
        ready.set()
        try:
            async with server:
                await server.serve_forever()
        except asyncio.CancelledError:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for other in others:
                other.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    listening = loop.create_task(listen())
    thread = threading.Thread(target=loop.run_until_complete, args=(listening,), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(listening.cancel)
        thread.join(10)
        loop.close()
