"""One meeting and those it goes on in, every way to vote, in any order: what plain sets say (plain_hall.py) happens.

The machine is put together from what it does by theme (hall_machine.py names the files).
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from .hall_ballots import Ballots
from .hall_checks import Checks
from .hall_counts import Counts
from .hall_course import Course
from .hall_machine import make_base
from .hall_people import People

# Those that would be missed least if they were never taken.
MOVES = {
    "table_amendment", "settle_words", "adjourn_meeting", "go on in a new meeting", "carried on with an amendment",
    "move_to", "sign in at a second place", "count at a place", "corrected_by_two", "restart the server",
    "bring a backup back", "killed in the middle of: cast", "killed in the middle of: close", "hand_over",
    "die or move away",
}  # fmt: skip

pytestmark = pytest.mark.usefixtures("committed_db")


class EveryChannel(Ballots, Counts, People, Course, Checks):
    pass


def run(examples: int, steps: int) -> Counter[str]:
    """How often each act was carried out."""
    base = make_base()
    machine = type("Machine", (EveryChannel,), {"base": base, "taken": Counter()})
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        base["kept"].forget()
    return machine.taken


@pytest.mark.parametrize("part", range(4))  # for as many workers: some fifty runs in all
def test_every_way_to_vote_agrees_with_plain_sets(part: int) -> None:
    run(13, 30)


@pytest.mark.long
def test_every_way_to_vote_agrees_with_plain_sets_for_long() -> None:
    taken = run(1000, 50)
    assert taken.keys() >= MOVES
    assert not [what for what, times in taken.items() if not times]
