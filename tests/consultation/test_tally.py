from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consultation.quorum import Share
from consultation.tally import YES_NO, CountError, Tally, add_up, decide

MORE_THAN_HALF = Share(">", 1, 2)
TWO_THIRDS = Share(">=", 2, 3)


def tally(in_favour: int, against: int, abstain: int) -> Tally:
    return Tally({"for": in_favour, "against": against, "abstain": abstain})


def verdict(entitled, present, votes, *, quorum=TWO_THIRDS, threshold=MORE_THAN_HALF, of="present"):
    return decide(
        tally=tally(*votes), entitled=entitled, present=present, quorum=quorum, threshold=threshold, threshold_of=of
    )


@pytest.mark.parametrize(
    ("entitled", "present", "votes", "outcome", "required", "needed"),
    [
        # The decisions of the demo, checked by hand.
        (486, 351, (271, 58, 22), "carried", 324, 176),
        (486, 351, (332, 9, 10), "carried", 324, 176),
        (312, 216, (171, 30, 15), "carried", 208, 109),
        (52, 44, (30, 9, 5), "carried", 35, 23),
        (52, 44, (21, 15, 8), "lost", 35, 23),  # most of those who chose, but not of those present
        (52, 44, (33, 6, 5), "carried", 35, 23),
        (96, 71, (49, 15, 7), "carried", 64, 36),
        (96, 71, (52, 9, 10), "carried", 64, 36),
        (96, 71, (33, 29, 9), "lost", 64, 36),  # 33 against 29, and fails all the same
        (38, 31, (28, 1, 2), "carried", 26, 16),
        (24, 20, (19, 0, 1), "carried", 16, 11),
        (24, 14, (14, 0, 0), "inquorate", 16, 8),
        # Exactly half of those present is not more than half.
        (60, 40, (20, 0, 0), "lost", 40, 21),
        (60, 40, (21, 0, 0), "carried", 40, 21),
        (60, 40, (20, 20, 0), "tied", 40, 21),
        (60, 40, (5, 5, 30), "tied", 40, 21),
        (60, 40, (1, 1, 38), "tied", 40, 21),
        # Exactly two thirds of the entitled is enough to meet.
        (60, 40, (40, 0, 0), "carried", 40, 21),
        (60, 39, (39, 0, 0), "inquorate", 40, 20),
        # Nobody votes: lost, not tied. Nobody comes: inquorate.
        (60, 40, (0, 0, 0), "lost", 40, 21),
        (60, 40, (0, 0, 40), "lost", 40, 21),
        (60, 0, (0, 0, 0), "inquorate", 40, 1),
        (0, 0, (0, 0, 0), "inquorate", 1, 1),
        (1, 1, (1, 0, 0), "carried", 1, 1),
        (1, 1, (0, 1, 0), "lost", 1, 1),
    ],
)
def test_what_follows_from_the_numbers(entitled, present, votes, outcome, required, needed):
    found = verdict(entitled, present, votes)
    assert (found.outcome, found.required, found.needed, found.base) == (outcome, required, needed, present)


@pytest.mark.parametrize(
    ("votes", "outcome"),
    [((66, 0, 0), "carried"), ((65, 1, 0), "lost"), ((65, 15, 0), "lost"), ((66, 14, 0), "carried")],
)
def test_where_all_members_are_the_base_those_who_stayed_away_weigh_against(votes, outcome):
    """农村集体经济组织法 art. 27: two thirds of all members, present or not."""
    found = verdict(99, 80, votes, threshold=TWO_THIRDS, of="electorate")
    assert (found.outcome, found.needed, found.base) == (outcome, 66, 99)


def test_a_choice_nobody_made_counts_as_none():
    answers = {"quorum": TWO_THIRDS, "threshold": MORE_THAN_HALF, "threshold_of": "present"}
    for counts, outcome in (({}, "lost"), ({"for": 1}, "lost"), ({"against": 1}, "lost"), ({"for": 2}, "carried")):
        found = decide(tally=Tally(counts), entitled=3, present=3, **answers)
        assert (found.outcome, found.winner) == (outcome, "")


def test_more_votes_than_people_present_are_an_error():
    with pytest.raises(CountError):
        verdict(60, 40, (20, 20, 1))


def test_more_present_than_entitled_are_an_error():
    with pytest.raises(CountError):
        verdict(39, 40, (20, 0, 0))


def test_channels_are_summed_and_kept_apart():
    summed = add_up(
        [
            ("online", {"for": 94, "against": 16}),
            ("online", {"abstain": 8}),
            ("hands", {"for": 77, "against": 14, "abstain": 7}),
        ],
        YES_NO,
    )
    assert summed.counts == {"for": 171, "against": 30, "abstain": 15}
    assert summed.channels == {
        "online": {"for": 94, "against": 16, "abstain": 8},
        "hands": {"for": 77, "against": 14, "abstain": 7},
    }
    assert summed.cast == 216


def test_nothing_cast_is_every_choice_at_zero():
    summed = add_up([], YES_NO)
    assert summed.counts == {"for": 0, "against": 0, "abstain": 0}
    assert summed.channels == {}
    assert summed.cast == 0


@pytest.mark.parametrize("part", [{"for": -1}, {"against": 5, "abstain": -5}, {"maybe": 1}, {"": 0}])
def test_counts_that_cannot_be_are_refused(part):
    with pytest.raises(CountError):
        add_up([("hands", part)], YES_NO)


counts = st.dictionaries(st.sampled_from(YES_NO), st.integers(0, 5_000))
parts = st.lists(st.tuples(st.sampled_from(("online", "hands", "recorder", "kiosk")), counts), max_size=12)
ballots = st.lists(st.tuples(st.sampled_from(("online", "hands", "recorder")), st.sampled_from(YES_NO)), max_size=200)


@given(ballots)
def test_no_ballot_is_lost_or_counted_twice(cast):
    summed = add_up([(channel, {choice: 1}) for channel, choice in cast], YES_NO)
    assert summed.cast == len(cast)
    assert summed.counts == dict.fromkeys(YES_NO, 0) | Counter(choice for _channel, choice in cast)
    assert {
        (channel, choice): number
        for channel, sums in summed.channels.items()
        for choice, number in sums.items()
        if number
    } == Counter(cast)


@given(parts, st.randoms(use_true_random=False))
def test_the_order_of_the_parts_does_not_matter(given_parts, dice):
    shuffled = list(given_parts)
    dice.shuffle(shuffled)
    assert add_up(shuffled, YES_NO) == add_up(given_parts, YES_NO)


@given(parts)
def test_the_channels_add_up_to_the_whole(given_parts):
    summed = add_up(given_parts, YES_NO)
    assert summed.counts == {choice: sum(sums[choice] for sums in summed.channels.values()) for choice in YES_NO}


# Drawn downwards from the roll, so that nearly all examples are meetings that can be.
@st.composite
def meetings(draw):
    entitled = draw(st.integers(0, 3_000))
    present = draw(st.integers(0, entitled))
    in_favour = draw(st.integers(0, present))
    against = draw(st.integers(0, present - in_favour))
    abstain = draw(st.integers(0, present - in_favour - against))
    return entitled, present, (in_favour, against, abstain)


shares = st.integers(1, 12).flatmap(
    lambda den: st.builds(Share, st.sampled_from((">", ">=")), st.integers(0, den), st.just(den))
)


def reaches(count: int, total: int, share: Share) -> bool:
    """The law's words in exact fractions, written anew and without looking at quorum.py."""
    if not count or not total:
        return False
    part, bar = Fraction(count, total), Fraction(share.num, share.den)
    return part > bar if share.op == ">" else part >= bar


@given(meetings(), shares, shares, st.sampled_from(("present", "electorate")))
def test_the_outcome_agrees_with_exact_fractions(meeting, quorum, threshold, of):
    entitled, present, votes = meeting
    found = verdict(entitled, present, votes, quorum=quorum, threshold=threshold, of=of)
    base = present if of == "present" else entitled
    if not reaches(present, entitled, quorum):
        expected = "inquorate"
    elif reaches(votes[0], base, threshold):
        expected = "carried"
    elif votes[0] == votes[1] > 0:
        expected = "tied"
    else:
        expected = "lost"
    assert found.outcome == expected
    assert found.base == base
    # The numbers that are shown explain the outcome that is shown.
    assert (expected == "inquorate") == (not present or present < found.required)
    assert (expected == "carried") == (expected != "inquorate" and votes[0] >= found.needed)


@given(meetings(), st.integers(1, 50))
def test_who_did_not_vote_weighs_as_much_as_a_vote_against(meeting, quorum_den):
    entitled, present, (in_favour, against, abstain) = meeting
    silent = present - in_favour - against - abstain
    quorum = Share(">=", 1, quorum_den)
    as_cast = verdict(entitled, present, (in_favour, against, abstain), quorum=quorum)
    all_against = verdict(entitled, present, (in_favour, against + abstain + silent, 0), quorum=quorum)
    assert (as_cast.outcome == "carried") == (all_against.outcome == "carried")


@given(meetings(), st.integers(1, 1_000))
def test_more_votes_than_present_never_pass_for_a_result(meeting, extra):
    entitled, present, (in_favour, against, _abstain) = meeting
    with pytest.raises(CountError):
        verdict(entitled, present, (in_favour, against, present - in_favour - against + extra))
