"""Somebody's socket: the real ASGI application on one end, the test on the other."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from asgiref.testing import ApplicationCommunicator
from django.db import connections

from consultation.live import socket_token
from consultation.models import Meeting
from portal.asgi import application
from residents.models import User

PATIENCE = 10  # seconds after which a frame that does not come fails the test


async def committed(act: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Carry out an act in a thread, as a page does, on a connection that is closed afterwards."""

    def run() -> Any:
        try:
            return act(*arguments, **options)
        finally:
            connections.close_all()

    return await asyncio.to_thread(run)


def token_for(meeting: Meeting, user: User, language: str = "zh-hans") -> str:
    return socket_token(meeting_id=meeting.pk, user_id=user.pk, language=language)


class Watcher:
    """`async with Watcher(meeting, token) as watcher:` connects and takes the first board."""

    def __init__(self, meeting: Meeting, token: str | None, **headers: str) -> None:
        # Channels' own communicator wants Daphne installed; this is the whole of what it adds.
        scope = {
            "type": "websocket",
            "path": f"/ws/meetings/{meeting.pk}/",
            "query_string": urlencode({"token": token}).encode() if token is not None else b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "subprotocols": [],
        }
        self.wire = ApplicationCommunicator(application, scope)
        self.first: dict[str, Any] = {}

    async def knock(self) -> bool:
        """Whether the handshake is accepted."""
        await self.wire.send_input({"type": "websocket.connect"})
        return (await self.event())["type"] == "websocket.accept"

    async def __aenter__(self) -> Watcher:
        assert await self.knock()
        self.first = await self.frame()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.wire.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wire.wait(PATIENCE)

    async def say(self, text: str | None = None, *, binary: bytes | None = None) -> None:
        await self.wire.send_input({"type": "websocket.receive", "text": text, "bytes": binary})

    async def event(self) -> dict[str, Any]:
        """The next thing sent, beats among them, as ASGI has it."""
        return await self.wire.receive_output(timeout=PATIENCE)

    async def _next(self, wanted: Callable[[str], bool]) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            event = await self.event()
            assert event["type"] == "websocket.send", event
            frame = json.loads(event["text"])
            if wanted(frame["type"]):
                return frame
        raise AssertionError("it did not come")

    async def frame(self) -> dict[str, Any]:
        """The next frame that is no beat."""
        return await self._next(lambda kind: kind != "beat")

    async def beat(self) -> dict[str, Any]:
        return await self._next(lambda kind: kind == "beat")

    async def until(self, enough: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """All frames up to the first that is enough."""
        frames = [await self.frame()]
        while not enough(frames[-1]):
            frames.append(await self.frame())
        return frames

    async def closed(self) -> int:
        """The code the socket is closed with; what is sent before is passed over."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            event = await self.event()
            if event["type"] == "websocket.close":
                return event["code"]
        raise AssertionError("it stayed open")

    async def silence(self, seconds: float) -> bool:
        """Whether nothing but beats comes for so long."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0:
            if await self.wire.receive_nothing(timeout=left, interval=0.02):
                return True
            event = await self.event()
            if event["type"] != "websocket.send" or json.loads(event["text"])["type"] != "beat":
                return False
        return True
