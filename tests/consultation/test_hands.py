"""Counts of hands: typed twice, blind, by two people; and added to what came by phone."""

import pytest

from consultation import attendance, sealing, sheets, voting
from consultation.errors import Invalid, SamePerson, TooManyHands, WrongState
from consultation.models import Sheet, SheetReading
from tests.factories.consultation import make_hall, open_vote

pytestmark = pytest.mark.django_db


def hands(in_favour=0, against=0, abstain=0):
    return {"for": in_favour, "against": against, "abstain": abstain}


def counting(hall, *, by_phone=(), method="hands_and_online"):
    """A motion whose phones have stopped; `by_phone` are the choices of the first on the roster."""
    motion = open_vote(hall, method=method)
    for entry, choice in zip(hall.entries, by_phone, strict=False):
        voting.cast_ballot(motion=motion, entry=entry, choice=choice, key="a")
    return voting.close_motion(motion, by=None)


def read(motion, person, counts):
    return sheets.enter_hands(motion, reader=person, counts=counts, by=None)


def test_a_count_stands_once_two_people_typed_the_same():
    hall = make_hall()
    motion = counting(hall)
    assert read(motion, hall.people[0], hands(4, 1)).state == "entered"
    sheet = read(motion, hall.people[1], hands(4, 1))
    assert (sheet.state, sheet.counts, sheet.base_count) == ("confirmed", hands(4, 1), 6)
    assert sheet.confirmed_at is not None


def test_the_first_typing_is_not_on_the_sheet_for_the_second_to_see():
    hall = make_hall()
    motion = counting(hall)
    sheet = read(motion, hall.people[0], hands(4, 1))
    sheet.refresh_from_db()
    assert (sheet.counts, sheet.base_count) == (hands(), 0)
    assert sealing.count_up(motion).cast == 0


def test_one_person_does_not_confirm_themselves():
    hall = make_hall()
    motion = counting(hall)
    read(motion, hall.people[0], hands(4, 1))
    for counts in (hands(4, 1), hands(5, 1)):
        with pytest.raises(SamePerson) as refusal:
            read(motion, hall.people[0], counts)
        assert refusal.value.code == "same_person"
    assert SheetReading.objects.count() == 1


def test_two_that_differ_ask_for_a_third_and_any_two_that_agree_stand():
    hall = make_hall()
    motion = counting(hall)
    read(motion, hall.people[0], hands(4, 1))
    assert read(motion, hall.people[1], hands(3, 2)).state == "mismatch"
    with pytest.raises(SamePerson):
        read(motion, hall.people[0], hands(3, 2))
    assert read(motion, hall.people[2], hands(2, 2)).state == "mismatch"
    sheet = read(motion, hall.people[3], hands(4, 1))
    assert (sheet.state, sheet.counts) == ("confirmed", hands(4, 1))
    assert list(sheet.readings.values_list("number", "for_count")) == [(1, 4), (2, 3), (3, 2), (4, 4)]


def test_sums_that_agree_are_no_agreement():
    hall = make_hall()
    motion = counting(hall)
    read(motion, hall.people[0], hands(4, 1, 0))
    assert read(motion, hall.people[1], hands(4, 0, 1)).state == "mismatch"


def test_a_confirmed_count_is_not_typed_again():
    hall = make_hall()
    motion = counting(hall)
    for person in hall.people[:2]:
        read(motion, person, hands(4, 1))
    with pytest.raises(WrongState):
        read(motion, hall.people[2], hands(5, 1))
    assert Sheet.objects.get().counts == hands(4, 1)


def test_who_voted_by_phone_raises_no_hand():
    hall = make_hall(6, present=5)
    motion = counting(hall, by_phone=["for", "against"])
    assert sheets.room_of(motion).left_for("hands") == 3
    with pytest.raises(TooManyHands) as refusal:
        read(motion, hall.people[0], hands(2, 1, 1))
    assert refusal.value.code == "invalid"
    assert not SheetReading.objects.exists()
    for person in hall.people[:2]:
        sheet = read(motion, person, hands(2, 1, 0))
    assert (sheet.state, sheet.base_count) == ("confirmed", 3)


def test_who_comes_after_the_opening_raises_no_hand_either():
    hall = make_hall(6, present=4)
    motion = open_vote(hall, method="hands")
    attendance.check_in(hall.meeting, hall.entries[4:], method="recorder", by=None)
    motion = voting.close_motion(motion, by=None)
    with pytest.raises(TooManyHands):
        read(motion, hall.people[0], hands(5))
    assert read(motion, hall.people[0], hands(4)).state == "entered"


def test_whose_vote_the_recorder_wrote_down_raises_no_hand():
    hall = make_hall()
    motion = open_vote(hall, method="hands")
    voting.cast_ballot(
        motion=motion, entry=hall.entries[0], choice="for", key="a", channel="recorder", by=hall.recorder
    )
    motion = voting.close_motion(motion, by=None)
    with pytest.raises(TooManyHands):
        read(motion, hall.people[0], hands(6))


def test_no_hand_is_counted_below_zero():
    hall = make_hall()
    motion = counting(hall)
    with pytest.raises(Invalid):
        read(motion, hall.people[0], hands(5, -1))
    assert not SheetReading.objects.exists()


def test_nothing_is_announced_before_two_people_agree():
    hall = make_hall()
    motion = counting(hall, by_phone=["for"] * 4)
    with pytest.raises(WrongState):
        voting.announce_result(motion, by=None)
    read(motion, hall.people[0], hands(1))
    with pytest.raises(WrongState):
        voting.announce_result(motion, by=None)
    read(motion, hall.people[1], hands(2))
    with pytest.raises(WrongState):
        voting.announce_result(motion, by=None)
    motion.refresh_from_db()
    assert (motion.state, motion.decisions.count()) == ("closing", 0)
    read(motion, hall.people[2], hands(2))
    assert voting.announce_result(motion, by=None).counts == hands(6)


def test_no_hands_at_all_is_a_count_too():
    hall = make_hall()
    motion = counting(hall, by_phone=["for"] * 4)
    for person in hall.people[:2]:
        read(motion, person, hands())
    decision = voting.announce_result(motion, by=None)
    assert (decision.outcome, decision.counts) == ("carried", hands(4))


def test_phones_hands_and_the_recorder_are_added_up_and_the_sum_is_explained():
    hall = make_hall(12, present=9)
    motion = open_vote(hall, method="hands_and_online")
    for entry, choice in zip(hall.entries, ["for", "for", "against"], strict=False):
        voting.cast_ballot(motion=motion, entry=entry, choice=choice, key="a")
    voting.cast_ballot(
        motion=motion, entry=hall.entries[3], choice="abstain", key="a", channel="recorder", by=hall.recorder
    )
    motion = voting.close_motion(motion, by=None)
    for person in hall.people[:2]:
        read(motion, person, hands(3, 1, 1))
    decision = voting.announce_result(motion, by=None)

    assert decision.channels == {
        "online": hands(2, 1, 0),
        "recorder": hands(0, 0, 1),
        "hands": hands(3, 1, 1),
    }
    assert decision.counts == hands(5, 2, 2)
    assert (decision.outcome, decision.present, decision.needed, decision.cast) == ("carried", 9, 5, 9)
    assert decision.arithmetic == (
        "应到 12 户代表，实到 9，达到三分之二以上（至少 8），有效；"
        "赞成 5，超过到会人员的半数（至少 5）；反对 2，弃权 2，通过。"
    )


def test_a_count_at_several_places_is_added_up_and_never_passes_those_present():
    hall = make_hall()
    places = [
        hall.meeting.sessions.create(village=hall.village, number=number, place=place)
        for number, place in enumerate(("小学操场", "晒谷坪"), start=1)
    ]
    motion = counting(hall)
    for place, counts in zip(places, (hands(3), hands(1, 2)), strict=True):
        for person in hall.people[:2]:
            sheets.enter_hands(motion, reader=person, counts=counts, session=place, by=None)
    with pytest.raises(TooManyHands):
        read(motion, hall.people[0], hands(1))
    assert voting.announce_result(motion, by=None).counts == hands(4, 2)


def test_an_unconfirmed_place_holds_the_result_back():
    hall = make_hall()
    place = hall.meeting.sessions.create(village=hall.village, number=1, place="小学操场")
    motion = counting(hall)
    for person in hall.people[:2]:
        read(motion, person, hands(3))
    sheets.enter_hands(motion, reader=hall.people[0], counts=hands(0), session=place, by=None)
    with pytest.raises(WrongState):
        voting.announce_result(motion, by=None)


def test_confirmed_counts_keep_their_order_when_one_is_written_again():
    """Pages number them by it, and a correction comes back with that number."""
    hall = make_hall(6, present=5)
    motion = counting(hall)
    for number, name in ((8, "老祠堂"), (9, "新屋场")):
        place = hall.meeting.sessions.create(village=hall.village, number=number, place=name)
        for person in hall.people[:2]:
            sheets.enter_hands(motion, reader=person, counts=hands(2), by=None, session=place)
    shown = list(motion.sheets.confirmed())
    shown[0].save()
    assert list(motion.sheets.confirmed()) == shown
