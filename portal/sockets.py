"""uvicorn's WebSocket protocol with one short cut: a frame that many sockets get is made once and written as it is.

A message through ASGI is framed anew for every socket, which costs a full hall more than its ballots do. Servers
without the short cut get messages as ever (consultation/live/registry.py).
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode

from consultation.consumers import READY_FRAMES


class ReadyFrames:
    """What a socket's application may do past ASGI: make a frame, and write it to this socket."""

    __slots__ = ("_protocol",)

    def __init__(self, protocol: ReadyFramesProtocol) -> None:
        self._protocol = protocol

    @staticmethod
    def make(text: str) -> bytes:
        """One unmasked, uncompressed text frame (RFC 6455, 5.2 and 5.6)."""
        return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)

    def admitted(self) -> None:
        """The handshake is over: what it was about need not be kept for as long as a meeting lasts."""
        protocol = self._protocol
        protocol.scope["headers"] = []
        del protocol.request, protocol.response

    def write(self, frame: bytes) -> bool:
        """Hand the frame to the transport; False when it would have to wait, or the socket is closing or closed."""
        protocol = self._protocol
        if protocol.close_sent or protocol.disconnected or not protocol.writable.is_set():
            return False
        if protocol.transport.is_closing():
            return False
        protocol.transport.write(frame)
        return True


class ReadyFramesProtocol(WebSocketsSansIOProtocol):
    """For `uvicorn --ws portal.sockets:ReadyFramesProtocol --ws-per-message-deflate false`."""

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        # Compressed sockets agree on a state of their own for each: nothing can be made once for all of them.
        if hasattr(self, "scope") and not self.config.ws_per_message_deflate:
            self.scope["extensions"][READY_FRAMES] = ReadyFrames(self)  # type: ignore[index,assignment]
