"""What counts by people have to add up to, held against a hall full of people who each did one thing."""

from __future__ import annotations

import itertools
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from consultation.balance import PAPER_PARTS, PARTS, VALID, Papers, Room, counted, picks_fit, surplus, valid_of
from consultation.options import Form

# What each person present did. Nothing here adds up numbers: it looks at people one by one.
DID = (
    "phone", "hand", "elsewhere", "nothing",
    "paper:for", "paper:against", "paper:abstain", "paper:blank", "paper:invalid", "paper:not_returned",
)  # fmt: skip
people = st.lists(st.sampled_from(DID), max_size=60)


def papers_of(did: list[str], spoiled: int) -> Papers:
    return Papers(issued=sum(one.startswith("paper:") for one in did) + spoiled, spoiled=spoiled)


def typed(did: list[str]) -> dict[str, int]:
    found = Counter(one.removeprefix("paper:") for one in did if one.startswith("paper:"))
    return {part: found[part] for part in PAPER_PARTS}


@given(did=people, spoiled=st.integers(0, 5))
def test_a_true_count_of_papers_always_adds_up(did: list[str], spoiled: int) -> None:
    assert surplus(typed(did), papers_of(did, spoiled)) == 0


@given(did=people, spoiled=st.integers(0, 5), part=st.sampled_from(PAPER_PARTS), off=st.integers(-9, 9))
def test_one_wrong_number_is_off_by_as_much(did: list[str], spoiled: int, part: str, off: int) -> None:
    wrong = typed(did)
    wrong[part] = max(wrong[part] + off, 0)
    assert surplus(wrong, papers_of(did, spoiled)) == wrong[part] - typed(did)[part]


@given(did=people)
def test_nobody_is_in_two_counts_and_everybody_has_room_in_one(did: list[str]) -> None:
    """Each channel's true count fits into what the others leave; and one vote more than people never does."""
    in_box = [one for one in did if one.startswith("paper:") and one != "paper:not_returned"]
    here = Counter(one.split(":")[0] for one in did)
    room = Room(present=len(did), voted=here["phone"], holding=here["paper"])
    elsewhere = Room(present=len(did), voted=here["phone"], holding=here["paper"], hands=here["hand"])
    assert here["hand"] + here["elsewhere"] + here["nothing"] == room.left_for("hands")
    assert here["elsewhere"] + here["nothing"] == elsewhere.left_for("belenios")
    all_others = Room(len(did), here["phone"], here["paper"], here["hand"], 0, here["elsewhere"])
    missing = sum(one == "paper:not_returned" for one in did)
    assert len(in_box) + missing + here["nothing"] == all_others.left_for("paper")
    full = Room(len(did), here["phone"], here["paper"], here["hand"], len(in_box), here["elsewhere"])
    assert full.left_for("paper") == here["nothing"] + missing


@given(st.builds(Room, *[st.integers(0, 40)] * 6), st.sampled_from(list(PARTS)))
def test_room_is_never_less_than_nothing(room: Room, method: str) -> None:
    assert 0 <= room.left_for(method) <= room.present


@given(st.dictionaries(st.sampled_from(PAPER_PARTS), st.integers(0, 99)))
def test_what_did_not_come_back_is_not_in_the_box(numbers: dict[str, int]) -> None:
    box = 0
    for part in ("for", "against", "abstain", "blank", "invalid"):
        box += numbers.get(part, 0)
    assert counted(numbers) == box


def test_where_nothing_is_counted_yet_there_is_room_for_all():
    assert {Room(7).left_for(method) for method in PARTS} == {7}
    assert Papers().expected == surplus({}, Papers()) == 0


# Where several may be picked


def test_what_ballots_of_several_picks_can_add_up_to_fits_and_nothing_else() -> None:
    """Held against all boxes of up to three ballots, each of one or two out of three options."""
    form = Form(("A", "B", "C"), 2, True)
    ballots = [pick for size in (1, 2) for pick in itertools.combinations(form.keys, size)]
    for valid in range(4):
        boxes = itertools.combinations_with_replacement(ballots, valid)
        possible = {tuple(sum(key in ballot for ballot in box) for key in form.keys) for box in boxes}
        for numbers in itertools.product(range(5), repeat=3):
            typed_in = dict(zip(form.keys, numbers, strict=True)) | {VALID: valid}
            assert picks_fit(form, typed_in) == (numbers in possible), typed_in


def test_a_number_that_was_not_typed_is_nought() -> None:
    several, one = Form(("A", "B"), 1, True), Form(("A", "B"))
    assert picks_fit(several, {"A": 1, VALID: 1})
    assert not picks_fit(several, {"A": 1})
    assert [valid_of(form, {"A": 2}) for form in (several, one)] == [0, 2]
    assert picks_fit(one, {"A": 2})
