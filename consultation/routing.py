"""Where sockets knock."""

from typing import Any

from django.urls import path, re_path

from .consumers import meeting_socket


async def nowhere(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """No socket lives here: refused before it opens, without a traceback."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


websocket_urlpatterns = [path("ws/meetings/<int:meeting_id>/", meeting_socket), re_path(r"", nowhere)]
