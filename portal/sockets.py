"""uvicorn's WebSocket protocol with two short cuts past ASGI.

A frame that many sockets get is made once and written as it is: a message is framed anew for every socket, which costs
a full hall more than its ballots do. And a socket that was let in needs no task that waits for what it says: it is
told by a call, and what the handshake and the waiting took is let go of, more than half of a socket's memory.

Servers without the short cuts get messages as ever (consultation/live/registry.py, consultation/consumers.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Literal

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode

from consultation.consumers import READY_FRAMES

Listener = Callable[[dict[str, Any]], None]


class ReadyFrames:
    """What a socket's application may do past ASGI: make a frame, write it to this socket, be called and not wait."""

    __slots__ = ("_protocol",)

    def __init__(self, protocol: ReadyFramesProtocol) -> None:
        self._protocol = protocol

    @staticmethod
    def make(text: str) -> bytes:
        """One unmasked, uncompressed text frame (RFC 6455, 5.2 and 5.6)."""
        return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)

    def hand_over(self, listener: Listener) -> None:
        """From now on call `listener` in the loop with each event, the last one being the disconnect.

        To be said once, after accepting; the application then returns, and the socket stays open.
        """
        self._protocol.hand_over(listener)

    def write(self, frame: bytes) -> bool:
        """Hand the frame to the transport; False when it would have to wait, or the socket is closing or closed."""
        protocol = self._protocol
        if protocol.close_sent or protocol.disconnected or not protocol.writable.is_set():
            return False
        if protocol.transport.is_closing():
            return False
        protocol.transport.write(frame)
        return True


class _Open:
    """An event that is set, for all sockets that keep up."""

    def is_set(self) -> Literal[True]:
        return True

    def set(self) -> None:
        pass

    async def wait(self) -> Literal[True]:
        return True


class _Told:
    """In the place of a queue: whoever listens is called with each event, up to the disconnect."""

    __slots__ = ("_listener", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, listener: Listener) -> None:
        self._loop = loop
        self._listener: Listener | None = listener

    def put_nowait(self, event: dict[str, Any]) -> None:
        # Not at once: the protocol is in the middle of something.
        self._loop.call_soon(self._tell, event)

    def _tell(self, event: dict[str, Any]) -> None:
        listener = self._listener
        if listener is not None:
            if event["type"] == "websocket.disconnect":
                self._listener = None
            listener(event)


_OPEN: Any = _Open()
_NO_SCOPE: Any = {}


class ReadyFramesProtocol(WebSocketsSansIOProtocol):
    """For `uvicorn --ws portal.sockets:ReadyFramesProtocol --ws-per-message-deflate false`."""

    handed_over = False

    def connection_made(self, transport: Any) -> None:
        # The parser of the request that became a socket and its owner hold one another: they would stay until the
        # garbage collector came by, which a server with frozen objects seldom lets it.
        before = transport.get_protocol()
        if getattr(before, "parser", None) is not None:
            before.parser = None
        super().connection_made(transport)

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        # Compressed sockets agree on a state of their own for each: nothing can be made once for all of them.
        if hasattr(self, "scope") and not self.config.ws_per_message_deflate:
            self.scope["extensions"][READY_FRAMES] = ReadyFrames(self)  # type: ignore[index,assignment]

    def hand_over(self, listener: Listener) -> None:
        """See ReadyFrames."""
        waiting, told = self.queue, _Told(self.loop, listener)
        self.handed_over = True
        self.queue = told  # type: ignore[assignment]
        while not waiting.empty():
            told.put_nowait(waiting.get_nowait())  # type: ignore[arg-type]
        self._go_on_reading()
        if self.writable.is_set():
            self.writable = _OPEN
        self.scope = _NO_SCOPE
        self.server = self.client = None
        del self.request, self.response

    def pause_writing(self) -> None:
        if self.writable is _OPEN:
            self.writable = asyncio.Event()
        super().pause_writing()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.handed_over:
            self.writable = _OPEN

    def send_receive_event_to_app(self) -> None:
        super().send_receive_event_to_app()
        if self.handed_over:  # whoever is called leaves nothing lying about
            self._go_on_reading()

    def _go_on_reading(self) -> None:
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    async def run_asgi(self) -> None:
        """As uvicorn's own, but the end of the application is not that of a socket handed over."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:
            self.logger.exception("Exception in ASGI application\n")
            self.send_500_response()
            self.handed_over = False
        else:
            if not self.handshake_complete:
                self.logger.error("ASGI callable returned without completing handshake.")
                self.send_500_response()
        if not self.handed_over and self.close_timer is None:
            self.transport.close()
