"""What a count writes down, and in whose language."""

from __future__ import annotations

import pytest
from django.utils import translation

from consultation import sealing, voting
from consultation.models import Meeting, Motion
from tests.factories.consultation import YARD, make_hall, open_vote

pytestmark = pytest.mark.django_db


def carried(hall, **fields) -> Motion:
    motion = open_vote(hall, **fields)
    for entry in hall.entries:
        voting.cast_ballot(motion=motion, entry=entry, choice="for", key=f"{entry.pk}")
    return motion


def test_a_count_without_more_said_has_no_reason_and_turns_the_hall_to_the_result():
    hall = make_hall(6)
    motion = voting.close_motion(carried(hall), by=None)
    decision = motion.latest_decision
    assert (decision.reason, motion.referred_to, motion.note) == ("", "", "")
    assert Meeting.objects.get(pk=hall.meeting.pk).phase == Meeting.Phase.ANNOUNCED
    again = sealing.decide_anew(motion, codes=[], by=None, version=2)
    assert again.reason == ""
    long = sealing.decide_anew(motion, codes=[], by=None, version=3, reason="数" * 300)
    assert long.reason == "数" * 200


def test_of_an_opinion_between_options_nothing_goes_on_to_a_second_round():
    hall = make_hall(6, preset=YARD)
    motion = open_vote(hall, kind="choice", options=["租", "卖", "留"], reserved_for="villagers_assembly")
    for entry, choice in zip(hall.entries, "AAABBC", strict=True):
        voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=f"{entry.pk}")
    decision = voting.close_motion(motion, by=None).latest_decision
    assert (decision.outcome, decision.going_on, decision.counts["A"]) == ("referred", "", 3)


def test_the_record_is_in_the_villages_language_whoever_closes_the_vote():
    hall = make_hall(6, preset=YARD)
    motion = carried(hall, reserved_for="villagers_assembly")
    with translation.override("en"):
        motion = voting.close_motion(motion, by=None)
    decision = motion.latest_decision
    assert decision.outcome == "referred"
    assert motion.referred_to == "提请村民会议（或者它授权的村民代表会议）"
    assert decision.arithmetic.startswith("应到 6 户")
    assert "由“村民会议（或者它授权的村民代表会议）”" in decision.arithmetic
