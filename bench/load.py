"""The load driver: `python -m bench.load REHEARSAL.json --watchers N --ballots M --seconds S`.

Runs in a process of its own, prints one JSON object. Any server that has a rehearsal file
will do. Phases, each after the other on the same sockets:

- memory: one screen first, so that the server has loaded everything, then all N;
- lone: `--lone` ballots, one every 300 ms;
- paced: `--ballots` evenly over `--seconds`;
- crowd: `--crowd` ballots as fast as the server answers, 32 under way.

Each phase ends when every screen shows the last count, or after `--drain` seconds.
"""

import argparse
import asyncio
import gc
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import uvloop

from .ballots import Ballots
from .http_client import Client
from .latency import Spread, until_every_screen
from .limits import raise_open_files
from .measure import use_of
from .rehearsal import Rehearsal, Voter
from .sockets import Audience

LONE_EVERY_SECONDS = 0.3
FINAL_SECONDS = 3.0
CROWD_AT_ONCE = 32


class Load:
    """One rehearsal being driven, with the server's processes watched when `pids` are given."""

    def __init__(self, rehearsal: Rehearsal, pids: Sequence[int], stores: Sequence[int], drain: float) -> None:
        self.rehearsal = rehearsal
        self.pids = pids
        self.stores = stores
        self.drain = drain
        self.audience = Audience()
        self.waiting = iter(rehearsal.voters)
        where = rehearsal.address(rehearsal.cast_url)
        self.client = Client(where.hostname or "127.0.0.1", where.port or 80)

    async def open(self, count: int) -> dict[str, Any]:
        """Fill the hall with `count` screens; what one socket costs in bytes."""
        first = self.rehearsal.voters[0]
        await self.client.ask(self.rehearsal.get(self.rehearsal.board_url, first))
        await self.audience.admit(self.rehearsal, 1)
        before = use_of(self.pids)
        seconds = await self.audience.admit(self.rehearsal, count - 1)
        await asyncio.sleep(0.5)
        after = use_of(self.pids)
        grown = after.memory - before.memory
        return {
            "watchers": count,
            "connect_seconds": round(seconds, 2),
            "connect_cpu_per_1000": round((after.cpu - before.cpu) * 1000 / max(1, count - 1), 2),
            "memory_per_socket": round(grown / (count - 1)) if count > 1 else None,
        }

    async def series(
        self,
        count: int,
        cast: Callable[[Ballots, Sequence[Voter]], Awaitable[None]],
    ) -> dict[str, Any]:
        """Let the next `count` voters cast as `cast` does it, and wait for the screens."""
        voters = [voter for voter, _ in zip(self.waiting, range(count), strict=False)]
        ballots = Ballots(self.rehearsal, self.client)
        base = await self.recount()
        frames, began = self.audience.frames, time.perf_counter()
        before, stored, own = use_of(self.pids), use_of(self.stores), time.process_time()
        self.audience.aim(base + len(voters))
        await cast(ballots, voters)
        acknowledged = time.perf_counter()
        # Refused ballots never come; the screens are judged by those acknowledged.
        self.audience.aim(base + len(ballots.sent))
        late = await self.audience.settle(FINAL_SECONDS)
        missing = await self.audience.settle(self.drain) if late else 0
        seconds = time.perf_counter() - began
        cpu = use_of(self.pids).cpu - before.cpu
        store_cpu = use_of(self.stores).cpu - stored.cpu
        frames = self.audience.frames - frames
        screens = until_every_screen(self.audience.watchers, base, ballots.sent)
        done = len(ballots.sent)
        counted = await self.recount() - base
        return {
            **ballots.summary(len(voters)),
            "answered_seconds": round(acknowledged - began, 3),
            "per_second": round(done / (acknowledged - began), 1),
            "screens_ms": screens.summary(),
            "without_final": late,
            "without_final_after_drain": missing,
            "counted_minus_acknowledged": counted - done,
            "seconds": round(seconds, 2),
            "frames": frames,
            "frames_per_second": round(frames / seconds),
            "server_cpu": round(cpu, 3),
            "cpu_per_1000": round(cpu * 1000 / done, 3) if done else None,
            "store_cpu_per_1000": round(store_cpu * 1000 / done, 3) if done else None,
            "driver_cpu": round(time.process_time() - own, 2),
        }

    async def recount(self) -> int:
        """The server's own count of ballots, as the first board of one more screen tells it."""
        newcomer = Audience()
        await newcomer.admit(self.rehearsal, 1)
        count = newcomer.cast
        newcomer.leave()
        return count

    async def lone(self, count: int) -> dict[str, Any]:
        """Single ballots in a quiet hall: milliseconds until the LAST screen shows each."""
        spread = Spread()

        async def one_by_one(ballots: Ballots, voters: Sequence[Voter]) -> None:
            base = self.audience.cast
            for number, voter in enumerate(voters, 1):
                self.audience.aim(base + number)
                started = time.perf_counter()
                await ballots.cast(voter)
                if not await self.audience.settle(FINAL_SECONDS):
                    last = max(w.seen[-1][1] for w in self.audience.watchers)
                    spread.add([last - started])
                await asyncio.sleep(LONE_EVERY_SECONDS)

        done = await self.series(count, one_by_one)
        return {**done, "last_screen_ms": spread.summary()}

    def close(self) -> dict[str, Any]:
        """Leave; what went wrong on the way."""
        audience = self.audience
        audience.leave()
        self.client.close()
        return {
            "lost_sockets": audience.lost_sockets,
            "stepped_back": audience.stepped_back,
        }


async def drive(options: argparse.Namespace) -> dict[str, Any]:
    """All phases asked for, as one JSON-ready dictionary."""
    load = Load(Rehearsal.read(options.rehearsal), options.pids, options.stores, options.drain)
    figures = await load.open(options.watchers)
    gc.freeze()
    gc.disable()
    if options.lone:
        figures["lone"] = await load.lone(options.lone)
    if options.ballots:
        figures["paced"] = await load.series(
            options.ballots,
            lambda ballots, voters: ballots.paced(voters, options.seconds),
        )
    if options.crowd:
        figures["crowd"] = await load.series(
            options.crowd, lambda ballots, voters: ballots.crowd(voters, CROWD_AT_ONCE)
        )
    return figures | load.close()


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.load", description=__doc__)
    parser.add_argument("rehearsal", type=Path)
    parser.add_argument("--watchers", type=int, default=200, help="screens (≥ 1)")
    parser.add_argument("--ballots", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--lone", type=int, default=0)
    parser.add_argument("--crowd", type=int, default=0)
    parser.add_argument("--drain", type=float, default=30.0, help="seconds to wait")
    parser.add_argument("--pids", type=int, nargs="*", default=[], help="the server's processes")
    parser.add_argument("--stores", type=int, nargs="*", default=[], help="those of its database")
    return parser.parse_args()


def main() -> None:
    raise_open_files()
    figures = uvloop.run(drive(read_options()))
    print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    main()
