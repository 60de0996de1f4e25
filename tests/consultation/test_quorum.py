from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consultation.quorum import Share, is_met, required

MORE_THAN_HALF = Share(">", 1, 2)
TWO_THIRDS = Share(">=", 2, 3)

numbers = st.integers(0, 60_000)
shares = st.integers(1, 100).flatmap(
    lambda den: st.builds(Share, st.sampled_from((">", ">=")), st.integers(0, den), st.just(den))
)


@pytest.mark.parametrize(
    ("count", "total", "share", "met"),
    [
        (50, 100, MORE_THAN_HALF, False),  # 过半数 is more than half: exactly half is not
        (51, 100, MORE_THAN_HALF, True),
        (50, 99, MORE_THAN_HALF, True),
        (49, 99, MORE_THAN_HALF, False),
        (66, 99, TWO_THIRDS, True),  # 三分之二以上 includes exactly two thirds (Civil Code 1259)
        (65, 99, TWO_THIRDS, False),
        (67, 100, TWO_THIRDS, True),
        (66, 100, TWO_THIRDS, False),
        (2, 3, TWO_THIRDS, True),
        (1, 1, MORE_THAN_HALF, True),
        (1, 2, MORE_THAN_HALF, False),
        (0, 0, MORE_THAN_HALF, False),
        (0, 0, TWO_THIRDS, False),
        (0, 10, Share(">=", 0, 1), False),  # nobody decides nothing, whatever the share
        (3, 3, Share(">=", 1, 1), True),
        (3, 3, Share(">", 1, 1), False),
        # Where floats go wrong: 0.1 + 0.2, a third three times, large rolls.
        (3, 10, Share(">", 3, 10), False),
        (1, 3, Share(">=", 1, 3), True),
        (33_333, 50_000, TWO_THIRDS, False),
        (33_334, 50_000, TWO_THIRDS, True),
        (6_004_799_503_160_661, 9_007_199_254_740_992, TWO_THIRDS, False),
        (6_004_799_503_160_662, 9_007_199_254_740_992, TWO_THIRDS, True),
    ],
)
def test_a_share_is_reached_or_not_at_its_very_edge(count, total, share, met):
    assert is_met(count, total, share) is met


@pytest.mark.parametrize(
    ("total", "share", "needed"),
    [
        # The meetings of the demo.
        (486, TWO_THIRDS, 324),
        (312, TWO_THIRDS, 208),
        (52, TWO_THIRDS, 35),
        (96, TWO_THIRDS, 64),
        (38, TWO_THIRDS, 26),
        (24, TWO_THIRDS, 16),
        (44, MORE_THAN_HALF, 23),
        (351, MORE_THAN_HALF, 176),
        (216, MORE_THAN_HALF, 109),
        (71, MORE_THAN_HALF, 36),
        # Edges.
        (0, MORE_THAN_HALF, 1),
        (0, TWO_THIRDS, 1),
        (1, MORE_THAN_HALF, 1),
        (2, MORE_THAN_HALF, 2),
        (3, TWO_THIRDS, 2),
        (10, Share(">=", 0, 1), 1),
        (10, Share(">=", 1, 1), 10),
        (10, Share(">", 1, 1), 11),  # more than all: cannot be reached
        (50_000, TWO_THIRDS, 33_334),
    ],
)
def test_how_many_are_needed(total, share, needed):
    assert required(total, share) == needed


def test_the_demo_meetings_reached_their_quorum_and_one_did_not():
    assert [
        is_met(present, entitled, TWO_THIRDS)
        for present, entitled in [(351, 486), (216, 312), (44, 52), (71, 96), (31, 38), (20, 24), (14, 24)]
    ] == [True, True, True, True, True, True, False]


@pytest.mark.parametrize(("count", "total"), [(-1, 10), (1, -10), (-1, -1)])
def test_counts_below_zero_are_an_error_and_never_an_answer(count, total):
    with pytest.raises(ValueError, match="zero"):
        is_met(count, total, TWO_THIRDS)


def test_a_whole_below_zero_is_an_error():
    with pytest.raises(ValueError, match="zero"):
        required(-1, TWO_THIRDS)


@pytest.mark.parametrize(("op", "num", "den"), [("<", 1, 2), ("", 1, 2), (">", 1, 0), (">", 1, -2), (">=", -1, 2)])
def test_what_is_no_share_is_not_made(op, num, den):
    with pytest.raises(ValueError, match="share"):
        Share(op, num, den)


@given(count=numbers, total=numbers, share=shares)
def test_a_share_agrees_with_exact_fractions(count, total, share):
    if count == 0 or total == 0:
        expected = False
    elif share.op == ">":
        expected = Fraction(count, total) > Fraction(share.num, share.den)
    else:
        expected = Fraction(count, total) >= Fraction(share.num, share.den)
    assert is_met(count, total, share) is expected


@given(total=st.integers(1, 60_000), share=shares)
def test_what_is_required_is_enough_and_one_less_is_not(total, share):
    needed = required(total, share)
    assert is_met(needed, total, share)
    assert not is_met(needed - 1, total, share)


@given(total=numbers, share=shares)
def test_more_people_never_need_fewer(total, share):
    assert required(total, share) <= required(total + 1, share)
