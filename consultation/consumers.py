"""The socket's door: admits, enters the registry, receives nothing.

A plain ASGI endpoint behind Channels' routing: a consumer class would hop to the shared thread for every frame.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings

from .live import Room, Socket, read_token, registry

BINARY = 1003
TOO_BIG = 1009
POLICY = 1008
FLOOD = 4429
NO_RIGHT = 4403

# The server's short cut, where it has one (portal/sockets.py names it).
READY_FRAMES = "portal.ready_frames"

MAX_TEXT = 16 * 1024  # bytes of one frame from a client
MAX_FRAMES, PER_SECONDS = 30, 3.0  # a burst of 30, 10 a second on the long run
MAX_BAD = 10  # bad frames a minute


def _session_key(scope: dict[str, Any]) -> str:
    for name, value in scope["headers"]:
        if name == b"cookie":
            with contextlib.suppress(CookieError):
                morsel = SimpleCookie(value.decode("latin1")).get(settings.SESSION_COOKIE_NAME)
                return morsel.value if morsel else ""
    return ""


class _Inbox:
    """Watches what a client sends: there is nothing to say here, and too much of it ends the socket."""

    __slots__ = ("arrivals", "bad", "ended", "room", "socket")

    def __init__(self, socket: Socket, room: Room) -> None:
        self.socket = socket
        self.room = room
        self.ended = False
        # Most say nothing all evening: their lists begin with the first word.
        self.arrivals: Sequence[float] = ()
        self.bad: Sequence[float] = ()

    def hear(self, event: dict[str, Any]) -> None:
        """Take what the server tells of this socket, up to its end."""
        if event["type"] == "websocket.disconnect":
            self.end()
        elif (code := self.judge(event)) is not None:
            self.socket.close(code)

    def end(self) -> None:
        """Leave the registry."""
        if not self.ended:
            self.ended = True
            registry.leave(self.room, self.socket)

    def judge(self, event: dict[str, Any]) -> int | None:
        """A close code, or None while the client behaves."""
        now = time.monotonic()
        self.arrivals = [moment for moment in self.arrivals if now - moment < PER_SECONDS] + [now]
        if len(self.arrivals) > MAX_FRAMES:
            return FLOOD
        if event.get("bytes") is not None:
            return BINARY
        text = event.get("text") or ""
        if len(text.encode(errors="surrogatepass")) > MAX_TEXT:
            return TOO_BIG
        self.bad = [moment for moment in self.bad if now - moment < 60] + [now]
        if len(self.bad) > MAX_BAD:
            return POLICY
        identity = None
        with contextlib.suppress(ValueError, AttributeError, RecursionError):
            identity = json.loads(text).get("id")
        error = {"type": "error", "id": identity if isinstance(identity, int | str) else None, "code": "bad_request"}
        self.socket.offer(json.dumps(error))
        return None


async def meeting_socket(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Watch one meeting: `?token=` from its page. Without a valid token for this meeting it is refused (403)."""
    if (await receive())["type"] != "websocket.connect":
        return
    token = parse_qs(scope["query_string"].decode("latin1")).get("token", [""])[0]
    admitted = read_token(token)
    if admitted is None or admitted.meeting_id != scope["url_route"]["kwargs"]["meeting_id"]:
        await send({"type": "websocket.close", "code": NO_RIGHT})
        return
    await send({"type": "websocket.accept"})
    ready = scope.get("extensions", {}).get(READY_FRAMES)
    socket = Socket(
        send,
        user_id=admitted.user_id,
        language=admitted.language,
        session_key=_session_key(scope),
        ready=ready,
    )
    room = registry.enter(admitted.meeting_id, socket)
    inbox = _Inbox(socket, room)
    if ready is not None:
        ready.hand_over(inbox.hear)
        return
    try:
        while not inbox.ended:
            inbox.hear(await receive())
    finally:
        inbox.end()
