"""Counts of papers and of results from elsewhere: typed blind, twice, and only what adds up."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from consultation import paper, sheets, voting
from consultation.board import read_pulse
from consultation.errors import Invalid, SamePerson, TooManyHands, WrongState
from consultation.models import Motion, Sheet, SheetReading
from tests.factories.consultation import make_hall, open_vote

pytestmark = pytest.mark.django_db


def numbers(in_favour=0, against=0, abstain=0, **more):
    return {"for": in_favour, "against": against, "abstain": abstain} | more


def counting(hall, *, papers=4, spoiled=0, phones=0, method="paper_and_online"):
    """A motion being counted: the first on the roster hold papers, the last voted by phone."""
    motion = open_vote(hall, method=method)
    for entry in hall.entries[:papers]:
        paper.issue_paper(motion=motion, entry=entry, by=None)
    for entry in hall.entries[:spoiled]:
        paper.spoil_paper(motion=motion, entry=entry, by=None)
    for entry in hall.entries[len(hall.entries) - phones :]:
        voting.cast_ballot(motion=motion, entry=entry, choice="against", key="a")
    return voting.close_motion(motion, by=None)


def read(motion, person, typed, *, method="paper", **more):
    return sheets.enter_reading(motion, method=method, reader=person, numbers=typed, by=None, **more)


@pytest.fixture
def hall():
    return make_hall(8)


def test_two_equal_counts_make_the_sheet_and_the_result(hall):
    motion = counting(hall, papers=5, spoiled=1, phones=2)
    typed = numbers(2, 0, 1, blank=1, invalid=0, not_returned=1)
    assert read(motion, hall.people[0], typed).state == "entered"
    sheet = read(motion, hall.people[1], typed)
    assert (sheet.state, sheet.counts, sheet.returned_count) == ("confirmed", numbers(2, 0, 1), 4)
    assert (sheet.issued_count, sheet.spoiled_count, sheet.not_returned_count, sheet.base_count) == (6, 1, 1, 6)
    assert (sheet.entered_by, sheet.confirmed_by) == (hall.people[0].name, hall.people[1].name)
    assert sheet.confirmed_at is not None
    decision = voting.announce_result(motion, by=None)
    assert (decision.counts, decision.outcome) == (numbers(2, 2, 1), "tied")


@pytest.mark.parametrize("method", ["paper", "belenios"])
def test_a_secret_motion_without_phones_needs_no_key(hall, method):
    motion = open_vote(hall, method=method, secret=True)
    if method == "paper":
        for entry in hall.entries:
            paper.issue_paper(motion=motion, entry=entry, by=None)
    motion = voting.close_motion(motion, by=None)
    for person in hall.people[:2]:
        read(motion, person, numbers(5, 3), method=method)
    assert (motion.key_ref, voting.announce_result(motion, by=None).counts) == ("", numbers(5, 3))


def test_turnout_counts_everybody_once(hall):
    motion = counting(hall, papers=5, phones=2)
    assert read_pulse(hall.meeting.pk).cast == 7
    for person in hall.people[:2]:
        read(motion, person, numbers(3, 1, 1))
    assert read_pulse(hall.meeting.pk).cast == 7
    voting.announce_result(motion, by=None)
    motion = voting.close_motion(open_vote(hall, method="belenios"), by=None)
    for person in hall.people[:2]:
        read(motion, person, numbers(3, 1, blank=1), method="belenios")
    assert read_pulse(hall.meeting.pk).cast == 5


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (numbers(3, 1, 1), "多了 1 张"),
        (numbers(3, 1, 0, not_returned=4), "多了 4 张"),
        (numbers(2, 1, 0), "少了 1 张"),
        (numbers(), "少了 4 张"),
    ],
)
def test_papers_that_do_not_add_up_are_named(hall, typed, words):
    motion = counting(hall, papers=4, spoiled=2)
    with pytest.raises(Invalid) as refused:
        read(motion, hall.people[0], typed)
    said = str(refused.value.message)
    assert words in said
    assert "发出 6 张，换下作废 2 张，应该有 4 张" in said
    assert not SheetReading.objects.exists()


def test_more_papers_than_people_are_refused_even_where_the_list_of_issues_agrees(hall):
    motion = counting(hall, papers=4, phones=2)
    Motion.objects.filter(pk=motion.pk).update(present_count=5)
    with pytest.raises(Invalid, match=r"箱里有 4 张票.*只有 3 人"):
        read(motion, hall.people[0], numbers(4))
    Motion.objects.filter(pk=motion.pk).update(present_count=6)
    assert read(motion, hall.people[0], numbers(4)).state == "entered"


def test_no_paper_at_all_is_a_count_too(hall):
    motion = counting(hall, papers=0, phones=6)
    with pytest.raises(WrongState, match="纸票"):
        voting.announce_result(motion, by=None)
    for person in hall.people[:2]:
        read(motion, person, numbers())
    assert voting.announce_result(motion, by=None).counts == numbers(0, 6)


def test_a_mismatch_asks_for_a_third(hall):
    motion = counting(hall)
    read(motion, hall.people[0], numbers(4))
    assert read(motion, hall.people[1], numbers(3, blank=1)).state == "mismatch"
    with pytest.raises(SamePerson):
        read(motion, hall.people[1], numbers(4))
    assert read(motion, hall.people[2], numbers(4)).state == "confirmed"


def test_when_three_differ_each_may_count_again_but_not_agree_with_themselves(hall):
    motion = counting(hall)
    for person, typed in zip(hall.people, (numbers(4), numbers(3, 1), numbers(2, 2)), strict=False):
        read(motion, person, typed)
    # Their first count is gone with the second: nobody agrees with what they no longer say.
    assert read(motion, hall.people[0], numbers(1, 3)).state == "mismatch"
    assert read(motion, hall.people[1], numbers(4)).state == "mismatch"
    sheet = read(motion, hall.people[2], numbers(1, 3))
    assert (sheet.state, sheet.entered_by, sheet.confirmed_by) == (
        "confirmed", hall.people[0].name, hall.people[2].name,
    )  # fmt: skip
    assert sheet.readings.count() == 6


def test_sheets_are_entered_only_while_they_are_counted(hall):
    motion = open_vote(hall, method="paper")
    with pytest.raises(WrongState):
        read(motion, hall.people[0], numbers())
    motion = voting.close_motion(motion, by=None)
    for person in hall.people[:2]:
        read(motion, person, numbers())
    voting.announce_result(motion, by=None)
    with pytest.raises(WrongState):
        read(motion, hall.people[2], numbers())


def test_each_motion_has_only_the_sheets_of_its_method(hall):
    motion = counting(hall)
    for method in ("hands", "belenios"):
        with pytest.raises(WrongState):
            read(motion, hall.people[0], numbers(), method=method)
    assert not Sheet.objects.exists()


@pytest.mark.parametrize("typed", [numbers(-1, 5), numbers(4, blank=-1, invalid=1), numbers(4, other=3)])
def test_numbers_that_are_none_are_refused(hall, typed):
    with pytest.raises(Invalid):
        read(counting(hall), hall.people[0], typed)


def test_hands_have_neither_blank_nor_invalid(hall):
    motion = voting.close_motion(open_vote(hall, method="hands"), by=None)
    with pytest.raises(Invalid):
        read(motion, hall.people[0], numbers(4, blank=1), method="hands")
    with pytest.raises(TooManyHands):
        read(motion, hall.people[0], numbers(9), method="hands")


def test_each_place_counts_the_papers_it_handed_out():
    from consultation import attendance

    hall = make_hall(8, present=0)
    places = [
        hall.meeting.sessions.create(village=hall.village, number=number, place=name)
        for number, name in enumerate(("晒谷坪", "小学"), start=1)
    ]
    for place, entries in zip(places, (hall.entries[:5], hall.entries[5:]), strict=True):
        attendance.check_in(hall.meeting, entries, method="recorder", by=None, session=place)
    motion = open_vote(hall, method="paper")
    for entry in hall.entries:
        paper.issue_paper(motion=motion, entry=entry, by=None)
    motion = voting.close_motion(motion, by=None)
    with pytest.raises(Invalid, match="多了 8 张"):  # no paper went out at no place
        read(motion, hall.people[0], numbers(8))
    for person in hall.people[:2]:
        read(motion, person, numbers(4, 1), session=places[0])
    with pytest.raises(WrongState, match="会场"):
        voting.announce_result(motion, by=None)
    for person in hall.people[:2]:
        read(motion, person, numbers(0, 3), session=places[1])
    assert voting.announce_result(motion, by=None).counts == numbers(4, 4)


def test_a_place_of_another_meeting_is_none_here(hall):
    other = make_hall(3)
    place = other.meeting.sessions.create(village=other.village, number=1, place="别处")
    with pytest.raises(Invalid) as refused:
        read(counting(hall), hall.people[0], numbers(4), session=place)
    assert refused.value.field == "place"


# What the database itself holds, whoever writes


PAPER = {"for_count": 3, "against_count": 1, "blank_count": 1, "invalid_count": 1, "returned_count": 6}
PAPER |= {"issued_count": 9, "spoiled_count": 2, "not_returned_count": 1}
UNBALANCED = [
    *[{name: number + 1} for name, number in PAPER.items()],
    {"abstain_count": 1},
    {"returned_count": 7, "issued_count": 10},
    {"returned_count": 5, "for_count": 3},
]


def refused(by, write):
    with pytest.raises(IntegrityError, match=by), transaction.atomic():
        write()


def test_the_database_takes_no_confirmed_papers_that_do_not_balance(hall):
    motion = open_vote(hall, method="paper")
    fields = {"village": hall.village, "motion": motion, "method": "paper", "state": "confirmed"}
    for wrong in UNBALANCED:
        refused("papers_balance", lambda wrong=wrong: Sheet.objects.create(**fields | PAPER | wrong))
    Sheet.objects.create(**fields | PAPER)
    for wrong in UNBALANCED:
        refused("papers_balance", lambda wrong=wrong: Sheet.objects.filter(motion=motion).update(**wrong))


def test_the_database_takes_no_more_hands_than_people(hall):
    motion = open_vote(hall, method="hands")
    fields = {"village": hall.village, "motion": motion, "state": "confirmed", "for_count": 4, "base_count": 5}
    for wrong in ({"for_count": 6}, {"abstain_count": 2}, {"base_count": 3}, {"blank_count": 1}, {"invalid_count": 1}):
        refused("hands_within_base", lambda wrong=wrong: Sheet.objects.create(**fields | wrong))
    Sheet.objects.create(**fields)


def test_the_database_takes_no_result_from_elsewhere_beyond_those_who_vote(hall):
    motion = open_vote(hall, method="belenios")
    fields = {"village": hall.village, "motion": motion, "method": "belenios", "state": "confirmed"}
    fields |= {"for_count": 4, "blank_count": 1, "returned_count": 5, "base_count": 5}
    for wrong in ({"for_count": 5}, {"returned_count": 6}, {"base_count": 4}, {"not_returned_count": 1}):
        refused("elsewhere_within_base", lambda wrong=wrong: Sheet.objects.create(**fields | wrong))
    Sheet.objects.create(**fields)


def test_the_database_takes_no_number_below_nothing(hall):
    motion = open_vote(hall, method="paper")
    fields = {"village": hall.village, "motion": motion, "method": "paper"}
    for name in ("for_count", "blank_count", "not_returned_count", "issued_count", "returned_count"):
        refused(name, lambda name=name: Sheet.objects.create(**fields | {name: -1}))


def test_the_database_takes_one_sheet_for_each_place_and_one_paper_for_each_unit(hall):
    motion = open_vote(hall, method="paper")
    fields = {"village": hall.village, "motion": motion, "method": "paper"}
    Sheet.objects.create(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        Sheet.objects.create(**fields)
    issued = {"village": hall.village, "motion": motion, "entry": hall.entries[0]}
    motion.papers.create(**issued, state="spoiled")
    motion.papers.create(**issued)
    with pytest.raises(IntegrityError), transaction.atomic():
        motion.papers.create(**issued)
