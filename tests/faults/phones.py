"""The voters' phones: many requests at once, each told what the server answered or that nobody did."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.http_client import Connection

from .hall import Ballot

AT_ONCE = 32
ANSWER_SECONDS = 150  # on SQLite a queue of ballots waits for the lock one after the other
TEMPORARY = (429, 502, 503)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came; `status` 0 is none at all: the connection broke, or nobody spoke in time."""

    status: int
    body: bytes = b""
    seconds: float = 0.0

    @property
    def accepted(self) -> bool:
        return self.status == 200 and json.loads(self.body).get("accepted") is True

    @property
    def error(self) -> dict[str, Any]:
        return json.loads(self.body).get("error", {}) if self.status >= 400 else {}

    @property
    def code(self) -> str:
        """What was answered, in one word."""
        return "accepted" if self.accepted else self.error.get("code", f"status {self.status}")

    @property
    def final(self) -> bool:
        return self.status not in (0, *TEMPORARY)


async def _ask(address: str, connection: Connection | None, request: bytes) -> tuple[Reply, Connection | None]:
    began = time.monotonic()
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            if connection is None or not connection.alive:
                host, port = address.split(":")
                _transport, connection = await asyncio.get_running_loop().create_connection(Connection, host, int(port))
            answer = await connection.ask(request)
            return Reply(answer.status, answer.body, time.monotonic() - began), connection
    except (OSError, TimeoutError):
        if connection is not None:
            connection.close()
        return Reply(0, seconds=time.monotonic() - began), None


async def _send_all(
    address: str, requests: Sequence[bytes], at_once: int, told: Callable[[int, Reply], None] | None
) -> list[Reply]:
    replies: list[Reply] = [Reply(0)] * len(requests)
    numbers = iter(range(len(requests)))

    async def phone() -> None:
        connection = None
        for number in numbers:
            replies[number], connection = await _ask(address, connection, requests[number])
            if told is not None:
                told(number, replies[number])
        if connection is not None:
            connection.close()

    await asyncio.gather(*(phone() for _ in range(min(at_once, len(requests)))))
    return replies


def send_all(
    address: str,
    requests: Sequence[bytes],
    *,
    at_once: int = AT_ONCE,
    told: Callable[[int, Reply], None] | None = None,
) -> list[Reply]:
    """Send each once, `at_once` under way at any time; `told(number, reply)` is called as answers come."""
    return asyncio.run(_send_all(address, requests, at_once, told))


def cast_all(address: str, ballots: Sequence[Ballot], **options: Any) -> list[Reply]:
    """Every ballot once, however it ends."""
    return send_all(address, [ballot.request for ballot in ballots], **options)


def insist(
    address: str, ballots: Sequence[Ballot], *, seconds: float = 60, pause: float = 0.3, **options: Any
) -> list[Reply]:
    """Every ballot again and again until it has an answer that stands, as the page's script does; the last answers."""
    replies = [Reply(0)] * len(ballots)
    deadline = time.monotonic() + seconds
    while open_ones := [number for number, reply in enumerate(replies) if not reply.final]:
        assert time.monotonic() < deadline, f"{len(open_ones)} without an answer: {replies[open_ones[0]]}"
        for number, reply in zip(
            open_ones, cast_all(address, [ballots[number] for number in open_ones], **options), strict=True
        ):
            replies[number] = reply
        time.sleep(pause)
    return replies


def await_accepted(address: str, ballot: Ballot, *, seconds: float) -> float:
    """Seconds until this ballot is accepted. AssertionError after `seconds`, or when anything else stands."""
    began = time.monotonic()
    [reply] = insist(address, [ballot], seconds=seconds)
    assert reply.accepted, reply
    return time.monotonic() - began


def kinds(replies: Sequence[Reply]) -> dict[str, int]:
    """How often each was answered."""
    codes = [reply.code for reply in replies]
    return {code: codes.count(code) for code in sorted(set(codes))}
