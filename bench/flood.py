"""Frames per second when flooded: `python -m bench.flood REHEARSAL.json --watchers N --seconds S`.

Asks the server's GET /flood, which answers `{"frame_bytes": int}`: the length on the wire of the
one frame it then sends to every socket without end. Counting bytes keeps this side cheap.
"""

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any

import uvloop

from .http_client import Client
from .limits import raise_open_files
from .rehearsal import Rehearsal
from .sockets import Audience

WARM_UP_SECONDS = 1.0


class Meter(asyncio.Protocol):
    """Takes over open sockets and counts their bytes."""

    def __init__(self) -> None:
        self.bytes = 0

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)


async def measure(rehearsal: Rehearsal, watchers: int, seconds: float) -> dict[str, Any]:
    """Flood `watchers` sockets; frames received per second, over all of them."""
    audience = Audience()
    await audience.admit(rehearsal, watchers)
    where = rehearsal.address(rehearsal.socket_url)
    client = Client(where.hostname or "127.0.0.1", where.port or 80)
    meter = Meter()
    for watcher in audience.watchers:
        watcher.leaving = True
        if watcher.transport:
            watcher.transport.set_protocol(meter)
    request = f"GET /flood HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode()
    size = json.loads((await client.ask(request)).body)["frame_bytes"]
    await asyncio.sleep(WARM_UP_SECONDS)
    before, own, began = meter.bytes, time.process_time(), time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - began
    return {
        "sockets": watchers,
        "frames_per_second": round((meter.bytes - before) / size / took),
        "frame_bytes": size,
        # Near 1 means that this driver, not the server, was the limit.
        "driver_load": round((time.process_time() - own) / took, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.flood", description=__doc__)
    parser.add_argument("rehearsal", type=Path)
    parser.add_argument("--watchers", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=4.0)
    options = parser.parse_args()
    raise_open_files()
    rehearsal = Rehearsal.read(options.rehearsal)
    print(json.dumps(uvloop.run(measure(rehearsal, options.watchers, options.seconds))))


if __name__ == "__main__":
    main()
