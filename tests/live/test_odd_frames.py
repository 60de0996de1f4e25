"""Thousands of odd frames: each is answered or closes its own socket, none raises, and nothing is kept of them."""

from __future__ import annotations

import json
import random
import tracemalloc
from types import SimpleNamespace

import pytest

from consultation.consumers import BINARY, FLOOD, POLICY, TOO_BIG, _Inbox
from tests.consultation.odd_bodies import odd_frame


class Ear:
    """What a socket would send."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def offer(self, text: str) -> None:
        self.said.append(text)


@pytest.mark.parametrize("frames", [500, pytest.param(10_000, marks=pytest.mark.long)])
def test_every_frame_is_answered_or_closes(frames: int, monkeypatch: pytest.MonkeyPatch) -> None:
    dice, clock = random.Random(frames), [1000.0]
    ear, closed = Ear(), set()
    inbox = _Inbox(ear, SimpleNamespace())  # type: ignore[arg-type]
    monkeypatch.setattr("consultation.consumers.time", SimpleNamespace(monotonic=lambda: clock[0]))
    tracemalloc.start()
    try:
        for _frame in range(frames):
            clock[0] += dice.choice([0.001, 0.2, 10.0])
            ear.said.clear()
            code = inbox.judge(odd_frame(dice))
            if code is None:
                (answer,) = map(json.loads, ear.said)
                assert (answer["type"], answer["code"]) == ("error", "bad_request")
            else:
                assert not ear.said
                closed.add(code)
                inbox = _Inbox(ear, SimpleNamespace())  # type: ignore[arg-type]
        held, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert closed <= {BINARY, TOO_BIG, POLICY, FLOOD}
    assert {BINARY, TOO_BIG, POLICY} <= closed
    assert held < 2**20
