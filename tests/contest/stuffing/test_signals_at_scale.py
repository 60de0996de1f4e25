"""5,000 made ballots over 200 addresses beside 1,000 honest ones: the share held, the share of honest ones delayed.

`make test-long` goes through all patterns and seeds, here one seed of the most different ones; `-s` shows the table.
"""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean

import pytest

from .model import ATTACKS, BEYOND, DRIP, Honest, outcome, scenario

HELD, DELAYED = 0.99, 0.005
UNKNOWN = Honest(on_roll=0, hall_on_roll=0)
SHORT = ["burst of 2 h, any picks", "drip all week, any picks", "drip for the entry the hall votes for"]


def told(name: str, held: float, delayed: float) -> None:
    print(f"{name:52s} held {held:7.2%}  honest ones delayed {delayed:6.2%}")  # noqa: T201  what the run is for


@pytest.mark.parametrize("name", SHORT)
def test_made_ballots_are_held_and_honest_ones_are_not(name: str) -> None:
    held, delayed = outcome(*scenario(ATTACKS[name], seed=1), looks=8)
    told(name, held, delayed)
    assert held >= HELD
    assert delayed <= DELAYED


def test_without_an_attack_nobody_waits_not_even_where_nobody_is_on_a_roll() -> None:
    for people in (Honest(), UNKNOWN):
        assert outcome(*scenario(None, people, seed=2), looks=8)[1] == 0


@pytest.mark.long
def test_all_patterns_over_five_seeds() -> None:
    print()  # noqa: T201
    everything = []
    for name, plan in {"nobody attacks": None, **ATTACKS}.items():
        runs = [outcome(*scenario(plan, seed=seed), looks=26) for seed in range(1, 6)]
        held, delayed = (fmean(one[n] for one in runs) for n in (0, 1))
        told(name, held, delayed)
        if plan is not None:
            assert held >= HELD, name
        assert delayed <= DELAYED, name
        everything += runs[: 5 if plan is not None else 0]
    told("all of these together", *(fmean(one[n] for one in everything) for n in (0, 1)))


@pytest.mark.long
def test_what_is_not_caught_is_printed_and_no_honest_half_waits_for_it() -> None:
    print()  # noqa: T201
    hard = {name: (plan, Honest()) for name, plan in BEYOND.items()}
    hard["drip, nobody on a roll"] = (DRIP, UNKNOWN)
    hard["drip for the hall's entry, nobody on a roll"] = (replace(DRIP, target=3), UNKNOWN)
    for name, (plan, people) in hard.items():
        runs = [outcome(*scenario(plan, people, seed=seed), looks=26) for seed in range(1, 4)]
        held, delayed = (fmean(one[n] for one in runs) for n in (0, 1))
        told(name, held, delayed)
        # The hall whose own entry is stuffed, when nobody in it is known, waits for two officers.
        assert delayed <= 0.1, name
