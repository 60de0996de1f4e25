"""Casting: each voter once, again with the same key when the connection fails."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from .http_client import Client
from .latency import Spread
from .rehearsal import Rehearsal, Voter

TRIES = 6
PAUSE_SECONDS = 0.25
ANSWER_SECONDS = 120


class Ballots:
    """One series of ballots. `sent` and `answered` hold seconds, both in the order of the answers."""

    def __init__(self, rehearsal: Rehearsal, client: Client) -> None:
        self.rehearsal = rehearsal
        self.client = client
        self.sent: list[float] = []
        self.answered: list[float] = []
        self.retries = 0
        self.refusals: Counter[str] = Counter()

    async def cast(self, voter: Voter) -> bool:
        """Cast one ballot; whether it was acknowledged."""
        request = self.rehearsal.cast(voter)
        sent = time.perf_counter()
        reason = ""
        for attempt in range(TRIES):
            if attempt:
                self.retries += 1
                await asyncio.sleep(PAUSE_SECONDS * attempt)
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    answer = await self.client.ask(request)
            except (OSError, TimeoutError) as error:
                reason = type(error).__name__
                continue
            if 200 <= answer.status < 300 and _is_json(answer.body):
                self.sent.append(sent)
                self.answered.append(time.perf_counter())
                return True
            reason = f"{answer.status} {answer.body[:120].decode(errors='replace')}"
            if answer.status not in (429, 500, 502, 503):
                break
        self.refusals[reason] += 1
        return False

    async def paced(self, voters: Sequence[Voter], seconds: float) -> None:
        """Send one ballot after the other evenly over `seconds`, whatever the answers take."""
        start = time.perf_counter()
        under_way = []
        for number, voter in enumerate(voters):
            due = start + seconds * number / len(voters)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            under_way.append(asyncio.create_task(self.cast(voter)))
        await asyncio.gather(*under_way)

    async def crowd(self, voters: Sequence[Voter], at_once: int) -> None:
        """Send as fast as the server answers, `at_once` under way at any time."""
        waiting = iter(voters)

        async def queue() -> None:
            for voter in waiting:
                await self.cast(voter)

        await asyncio.gather(*(queue() for _ in range(at_once)))

    @property
    def answer_times(self) -> Spread:
        pairs = zip(self.sent, self.answered, strict=True)
        return Spread(end - start for start, end in pairs)

    def summary(self, asked: int) -> dict[str, Any]:
        """Counts of ballots, milliseconds until the answer, and why some were refused."""
        return {
            "ballots": asked,
            "acknowledged": len(self.sent),
            "retries": self.retries,
            "refusals": dict(self.refusals.most_common(3)),
            "answer_ms": self.answer_times.summary(),
        }


def _is_json(body: bytes) -> bool:
    # A redirect's page or a login form must not pass for an acknowledgement.
    try:
        json.loads(body)
    except ValueError:
        return False
    return True
