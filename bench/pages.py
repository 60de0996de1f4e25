"""Pages per second for visitors who are not signed in: `python -m bench.pages URL --seconds S`."""

import argparse
import asyncio
import json
import time
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import uvloop

from .http_client import Client
from .latency import Spread

AT_ONCE = 16
WARM_UP_PAGES = 40


async def measure(url: str, seconds: float) -> dict[str, Any]:
    """Ask for one page over and over on 16 connections; answers per second, by status, and milliseconds."""
    where = urlsplit(url)
    client = Client(where.hostname or "127.0.0.1", where.port or 80)
    request = f"GET {where.path or '/'} HTTP/1.1\r\nHost: {where.netloc}\r\nAccept: text/html\r\n\r\n".encode()
    statuses: Counter[int] = Counter()
    spread = Spread()

    async def visit(until: float, at_most: int) -> None:
        while time.perf_counter() < until and at_most:
            at_most -= 1
            began = time.perf_counter()
            try:
                answer = await client.ask(request)
            except ConnectionError:
                continue
            spread.add([time.perf_counter() - began])
            statuses[answer.status] += 1

    async def crowd(until: float, at_most: int) -> None:
        await asyncio.gather(*(visit(until, at_most) for _ in range(AT_ONCE)))

    await crowd(time.perf_counter() + 15, WARM_UP_PAGES // AT_ONCE + 1)
    statuses.clear()
    spread = Spread()
    began = time.perf_counter()
    await crowd(began + seconds, -1)
    took = time.perf_counter() - began
    return {
        "per_second": round(statuses[200] / took, 1),
        "statuses": dict(statuses),
        "answer_ms": spread.summary(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.pages", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--seconds", type=float, default=4.0)
    options = parser.parse_args()
    print(json.dumps(uvloop.run(measure(options.url, options.seconds))))


if __name__ == "__main__":
    main()
