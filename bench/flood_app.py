"""The portal with one more address: GET /flood sends one frame to every socket, again and again.

It shows what the portal's registry and writers can move; only the benchmark starts it.
"""

import asyncio
import json
from typing import Any

from portal.asgi import application as portal  # loads the apps, so it comes first

# isort: split
from consultation.live import registry

FLOOD_SECONDS = 20.0
FRAME = json.dumps(
    {
        "type": "tally",
        "version": 1_800_000_000_000,
        "motion": 1,
        "cast": 500,
        "entitled": 1000,
        "present": 1000,
        "required": 501,
        "counts": {"for": 500, "against": 0, "abstain": 0},
    },
    separators=(",", ":"),
)
# Two bytes of header, two of length.
FRAME_BYTES = len(FRAME) + 4

_floods: set[asyncio.Task[None]] = set()


async def _flood() -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + FLOOD_SECONDS
    while loop.time() < end:
        for room in list(registry.rooms.values()):
            room.fan_out(FRAME)
        await asyncio.sleep(0)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The portal's own application but for that one address."""
    if scope["type"] != "http" or scope["path"] != "/flood":
        await portal(scope, receive, send)
        return
    task = asyncio.create_task(_flood())
    _floods.add(task)
    task.add_done_callback(_floods.discard)
    body = json.dumps({"frame_bytes": FRAME_BYTES}).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
