"""The crossing from sockets' loop to pages' threads: bodies whole, streams piece by piece, requests always ended."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

from portal.pages import Pages

pytestmark = pytest.mark.asyncio


class Answer(list):
    """What Django hands to a WSGI server: iterable, and closed once at the end."""

    streaming = False
    closed = 0

    def close(self) -> None:
        self.closed += 1


class Stream(Answer):
    streaming = True

    def __iter__(self) -> Iterator[bytes]:
        for number in range(3):
            yield b"%d" % number


SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/somewhere",
    "query_string": b"a=1",
    "headers": [],
    "root_path": "",
    "http_version": "1.1",
}


def ask(wsgi: Any) -> ApplicationCommunicator:
    return ApplicationCommunicator(Pages(wsgi, threads=1), SCOPE)


async def told(wire: ApplicationCommunicator) -> tuple[int, list[bytes]]:
    start = await wire.receive_output(5)
    pieces = []
    while True:
        event = await wire.receive_output(5)
        pieces.append(event["body"])
        if not event.get("more_body"):
            return start["status"], pieces


async def test_a_body_in_pieces_arrives_whole_and_the_answer_too() -> None:
    answer = Answer()

    def echo(environ: dict[str, Any], start_response: Any) -> Answer:
        start_response("201 Created", [("Content-Type", "text/plain")])
        answer.append(environ["wsgi.input"].read() + environ["QUERY_STRING"].encode())
        return answer

    wire = ask(echo)
    await wire.send_input({"type": "http.request", "body": b"x" * 2_000_000, "more_body": True})
    await wire.send_input({"type": "http.request", "body": b"y"})
    assert await told(wire) == (201, [b"x" * 2_000_000 + b"y" + b"a=1"])
    assert answer.closed == 1


async def test_a_stream_is_passed_on_piece_by_piece_and_ended() -> None:
    stream = Stream()

    def streamed(environ: dict[str, Any], start_response: Any) -> Stream:
        start_response("200 OK", [])
        return stream

    wire = ask(streamed)
    await wire.send_input({"type": "http.request", "body": b""})
    status, pieces = await told(wire)
    assert (status, b"".join(pieces)) == (200, b"012")
    assert len(pieces) > 2
    assert stream.closed == 1


async def test_a_client_that_goes_before_its_end_is_not_answered() -> None:
    called = []
    wire = ask(lambda environ, start_response: called.append(1))
    await wire.send_input({"type": "http.request", "body": b"half", "more_body": True})
    await wire.send_input({"type": "http.disconnect"})
    assert await wire.receive_nothing(0.2)
    assert called == []


async def test_pages_keep_to_their_own_threads() -> None:
    names = []

    def named(environ: dict[str, Any], start_response: Any) -> Answer:
        names.append(threading.current_thread().name)
        start_response("200 OK", [])
        return Answer([b""])

    pages = Pages(named, threads=2)
    for _ in range(6):
        wire = ApplicationCommunicator(pages, SCOPE)
        await wire.send_input({"type": "http.request", "body": b""})
        await told(wire)
    assert len(set(names)) <= 2
