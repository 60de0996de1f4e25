"""What makes ballots look made: laws of the weighing, and each signal by itself."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contest import signals
from contest.signal_words import WORDS
from contest.signals import Cast, weigh

DAY = 86_400.0
names = st.sampled_from(["", "a", "b", "c"])
casts = st.lists(
    st.builds(
        Cast,
        id=st.integers(1, 10**6),
        at=st.floats(0, 6 * DAY),
        device=names,
        address=names,
        network=names,
        age_under=st.sampled_from([None, 10, 60, 1440, 10_080]),
        on_roll=st.booleans(),
        picks=st.frozensets(st.integers(1, 6), min_size=1, max_size=4),
    ),
    max_size=60,
    unique_by=lambda one: one.id,
)


@given(casts, st.integers(1, 5), st.randoms())
def test_the_order_of_ballots_does_not_matter(ballots: list[Cast], per_device: int, dice: random.Random) -> None:
    mixed = list(ballots)
    dice.shuffle(mixed)
    assert weigh(ballots, per_device=per_device) == weigh(mixed, per_device=per_device)


@given(casts, st.integers(1, 5))
def test_somebody_of_a_roll_is_held_for_a_shared_telephone_alone(ballots: list[Cast], per_device: int) -> None:
    found = weigh(ballots, per_device=per_device)
    for one in ballots:
        if one.on_roll and one.id in found:
            assert found[one.id].reasons[0] == signals.SHARED_DEVICE
            assert set(found[one.id].reasons) <= {signals.SHARED_DEVICE, signals.NEW_ACCOUNTS}


@given(casts, st.integers(1, 5))
def test_what_is_held_has_reasons_in_words_and_is_looked_at_with_something(
    ballots: list[Cast], per_device: int
) -> None:
    for one in weigh(ballots, per_device=per_device).values():
        assert set(one.reasons) <= set(WORDS)
        assert one.score == sum(signals.POINTS[reason] for reason in one.reasons)
        if one.held:
            assert one.cluster[:2] in ("a-", "d-", "n-", "b-")


@given(st.integers(1, 400), st.integers(0, 400), st.floats(0.02, 0.8))
def test_the_bound_of_chance_is_one(many: int, naming: int, share: float) -> None:
    from math import comb

    naming = min(naming, many)
    exact = sum(comb(many, k) * share**k * (1 - share) ** (many - k) for k in range(naming, many + 1))
    assert signals._chance(many, naming, share) >= exact - 1e-9


def background(count: int = 200) -> list[Cast]:
    """People at home, who name one of ten entries each, and two more."""
    dice = random.Random(1)
    return [
        Cast(n, dice.random() * 6 * DAY, f"d{n}", f"home{n // 2}", f"net{n % 40}", 10, n % 3 == 0,
             frozenset(dice.sample(range(1, 11), 3)))
        for n in range(count)
    ]  # fmt: skip


def at_one_place(count: int, place: str, start: int, *, on_roll: int = 0, at: float = DAY) -> list[Cast]:
    """So many who name entry 7, within ten minutes; every `on_roll`th is known."""
    dice = random.Random(start)
    return [
        Cast(start + n, at + n * 600 / count, f"x{start + n}", place, f"net-{place}", 10,
             bool(on_roll) and n % on_roll == 0, frozenset({7, *dice.sample(range(1, 7), 2)}))
        for n in range(count)
    ]  # fmt: skip


def held(ballots: list[Cast], *, per_device: int = 3) -> set[int]:
    return {key for key, one in weigh(ballots, per_device=per_device).items() if one.held}


@pytest.mark.parametrize("on_roll", [0, 2, 5])
def test_a_hall_that_votes_together_is_people(on_roll: int) -> None:
    assert held(background() + at_one_place(60, "hall", 1000, on_roll=on_roll)) == set()


def test_two_halls_are_people_too() -> None:
    assert held(background() + at_one_place(60, "hall", 1000) + at_one_place(60, "school", 2000, at=2 * DAY)) == set()


def test_an_unknown_crowd_beyond_a_hall_is_held_and_a_known_one_is_not() -> None:
    assert len(held(background() + at_one_place(150, "gym", 1000))) == 150
    assert held(background() + at_one_place(150, "gym", 1000, on_roll=4)) == set()


def test_the_same_at_many_places_is_held() -> None:
    made = [one for n in range(8) for one in at_one_place(10, f"bot{n}", 1000 + 100 * n, at=n * DAY / 2)]
    assert held(background() + made) == {one.id for one in made}


def test_fewer_places_with_very_many_ballots_are_held() -> None:
    made = [one for n in range(4) for one in at_one_place(60, f"bot{n}", 1000 + 100 * n, at=n * DAY)]
    assert held(background() + made) == {one.id for one in made}


def test_many_at_one_address_who_choose_for_themselves_are_people() -> None:
    dice = random.Random(3)
    carrier = [
        replace(one, id=5000 + n, address="carrier", picks=frozenset(dice.sample(range(1, 11), 3)), on_roll=False)
        for n, one in enumerate(background(300))
    ]
    assert held(background() + carrier) == set()


def test_a_telephones_first_ballots_count_until_there_are_far_too_many() -> None:
    shared = [replace(one, device="tablet", address=f"t{one.id}") for one in background(5)]
    assert held(shared) == {one.id for one in sorted(shared, key=lambda one: one.at)[3:]}
    many = [replace(one, device="tablet", address=f"t{one.id}") for one in background(10)]
    assert held(many) == {one.id for one in many}


def test_a_burst_from_hundreds_of_homes_is_held_and_one_of_known_people_is_not() -> None:
    burst = [replace(one, address=f"far{one.id}") for one in at_one_place(200, "x", 1000)]
    assert held(background() + burst) == {one.id for one in burst}
    known = [replace(one, on_roll=one.id % 3 == 0) for one in burst]
    assert held(background() + known) == set()
