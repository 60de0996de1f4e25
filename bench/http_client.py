"""A small keep-alive HTTP client: whole requests as bytes in, status and body out."""

import asyncio
import contextlib
from typing import Any, NamedTuple

import httptools


class Answer(NamedTuple):
    status: int
    body: bytes


class Connection(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.answer: asyncio.Future[Answer] | None = None
        self.alive = True

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    async def ask(self, request: bytes) -> Answer:
        """Send and wait; ConnectionError when the server hangs up first."""
        if self.transport is None or not self.alive:
            raise ConnectionError("connection is closed")
        self.answer = asyncio.get_running_loop().create_future()
        self.parser = httptools.HttpResponseParser(self)
        self.body: list[bytes] = []
        self.transport.write(request)
        return await self.answer

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self.body.append(body)

    def on_message_complete(self) -> None:
        self.alive = self.parser.should_keep_alive()
        if self.answer and not self.answer.done():
            status = self.parser.get_status_code()
            self.answer.set_result(Answer(status, b"".join(self.body)))

    def connection_lost(self, exc: Exception | None) -> None:
        self.alive = False
        if self.answer and not self.answer.done():
            self.answer.set_exception(ConnectionError("server hung up"))

    def close(self) -> None:
        if self.transport:
            self.transport.abort()


class Client:
    """Connections to one server; as many as requests are under way at once."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.idle: list[Connection] = []

    async def ask(self, request: bytes) -> Answer:
        """Send on a free connection, or on a new one; ConnectionError when the server hangs up on a new one."""
        while self.idle:
            # Servers close idle connections; like a browser, go on with the next at once.
            with contextlib.suppress(ConnectionError):
                return await self._ask(self.idle.pop(), request)
        loop = asyncio.get_running_loop()
        _transport, connection = await loop.create_connection(Connection, self.host, self.port)
        return await self._ask(connection, request)

    async def _ask(self, connection: Connection, request: bytes) -> Answer:
        answer = await connection.ask(request)
        if connection.alive:
            self.idle.append(connection)
        else:
            connection.close()
        return answer

    def close(self) -> None:
        for connection in self.idle:
            connection.close()
        self.idle = []
