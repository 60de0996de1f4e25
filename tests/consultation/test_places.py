"""A meeting in several places at once."""

from __future__ import annotations

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from audit.models import AuditEntry
from consultation import attendance, board, minutes, places, settling, sheets, voting
from consultation.errors import Invalid, TooManyHands, WrongState
from consultation.models import Attendance, Meeting, Motion
from consultation.views.desks import desks_of
from residents.models import Village, VillageGroup
from tests.factories.consultation import Hall, make_hall, open_vote, split
from tests.factories.residents import make_account, make_village
from tests.sessions import sign_in

pytestmark = pytest.mark.django_db


def make_group(village: Village, number: int) -> VillageGroup:
    return VillageGroup.objects.get_or_create(village=village, number=number)[0]


# Reading what a committee types -----------------------------------------------------------------------------------


@pytest.fixture
def groups() -> list[VillageGroup]:
    village = make_village()
    return [make_group(village, number) for number in (1, 2, 3)]


@pytest.mark.parametrize(
    "lines",
    ["小学操场：1、2组\n晒谷坪：3组", "小学操场:1,2\n\n 晒谷坪 ： 第3组 ", "小学操场：第1组、第2组\n晒谷坪：3"],
)
def test_a_place_a_line_with_its_groups(groups, lines):
    planned = places.read_places(lines, groups)
    assert [(one.place, [group.number for group in one.groups]) for one in planned] == [
        ("小学操场", [1, 2]),
        ("晒谷坪", [3]),
    ]


def test_without_groups_everybody_may_choose_and_a_time_in_the_name_is_no_group(groups):
    planned = places.read_places("小学操场（9:00）\n晒谷坪：大樟树下", groups)
    assert [(one.place, one.groups) for one in planned] == [("小学操场（9:00）", ()), ("晒谷坪：大樟树下", ())]
    assert places.read_places(" \n", groups) == []


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("小学操场：1、2、3组", "只写了一个会场"),
        ("小学操场：1\n小学操场：2、3", "写了两次"),
        ("小学操场：1、2\n晒谷坪：9", "第 2 行：没有9组"),
        ("小学操场：1、2\n晒谷坪：2、3", "第 2 行：2组已经分到“小学操场”"),
        ("小学操场：1\n晒谷坪：2", "3组还没有会场"),
        ("小学操场：1、2\n：3", "第 2 行的地点没有写"),
        ("\n".join(f"会场{number}" for number in range(21)), "最多分 20 个会场"),
        (f"{'长' * 121}\n晒谷坪", "第 1 行"),
    ],
)
def test_what_cannot_be_is_told_by_line(groups, lines, told):
    with pytest.raises(Invalid) as refused:
        places.read_places(lines, groups)
    assert told in str(refused.value.message)
    assert refused.value.field == "places"


@given(st.text(max_size=60))
def test_whatever_is_typed_no_group_has_two_places(typed):
    groups = [VillageGroup(number=number) for number in (1, 2, 3)]
    try:
        planned = places.read_places(typed, groups)
    except Invalid:
        return
    placed = [group.number for one in planned for group in one.groups]
    assert sorted(placed) in ([], [1, 2, 3])
    assert len(planned) != 1


def test_what_is_written_is_read_again(groups):
    hall = make_hall(3, live=False)
    other = [make_group(hall.village, number) for number in (8, 9)]
    planned = [places.Planned("小学操场", (other[0],)), places.Planned("晒谷坪", (other[1],))]
    places.make_places(hall.meeting, planned)
    assert places.read_places(places.as_lines(hall.meeting), other) == planned


# Who is where -----------------------------------------------------------------------------------------------------


def test_the_quorum_is_of_all_places_together_and_each_shows_its_own():
    hall = make_hall(6, present=0)
    school, ground = split(hall, "小学操场", "晒谷坪")
    attendance.check_in(hall.meeting, hall.entries[:3], method="recorder", by=None, session=school)
    assert not attendance.quorum_reached(hall.meeting)
    attendance.check_in(hall.meeting, hall.entries[3:4], method="recorder", by=None, session=ground)
    assert attendance.quorum_reached(hall.meeting)
    assert [one.present for one in places.presence_in(hall.meeting)] == [3, 1]
    assert board.read_pulse(hall.meeting.pk).as_tally()["places"] == {"1": 3, "2": 1}
    assert [(place.place, here) for place, here in board.read_board(hall.meeting).places] == [
        ("小学操场", 3),
        ("晒谷坪", 1),
    ]


def test_a_meeting_of_one_place_says_nothing_of_places():
    hall = make_hall(3)
    assert "places" not in board.read_pulse(hall.meeting.pk).as_tally()
    assert places.presence_in(hall.meeting) == []


def test_who_signs_in_at_a_second_place_is_counted_once_where_they_were_first():
    hall = make_hall(4, present=0)
    school, ground = split(hall, "小学操场", "晒谷坪")
    attendance.check_in(hall.meeting, hall.entries[:2], method="recorder", by=None, session=school)
    assert attendance.check_in(hall.meeting, hall.entries[:3], method="qr", by=None, session=ground) == 1
    assert [one.present for one in places.presence_in(hall.meeting)] == [2, 1]


def test_who_moves_is_there_once_and_both_stays_are_kept():
    hall = make_hall(4, present=0)
    school, ground = split(hall, "小学操场", "晒谷坪")
    entry = hall.entries[0]
    attendance.check_in(hall.meeting, [entry], method="qr", by=None, session=school)
    places.move_to(hall.meeting, entry, ground, by=None)
    places.move_to(hall.meeting, entry, ground, by=None)  # pressed twice
    assert [one.present for one in places.presence_in(hall.meeting)] == [0, 1]
    assert Attendance.objects.filter(entry=entry).count() == 2
    assert AuditEntry.objects.filter(action="change_place").count() == 1


def test_nobody_moves_while_a_vote_runs_or_without_having_come():
    hall = make_hall(4, present=0)
    school, ground = split(hall, "小学操场", "晒谷坪")
    attendance.check_in(hall.meeting, hall.entries[:3], method="recorder", by=None, session=school)
    with pytest.raises(WrongState):
        places.move_to(hall.meeting, hall.entries[3], ground, by=None)
    open_vote(hall)
    with pytest.raises(WrongState):
        places.move_to(hall.meeting, hall.entries[0], ground, by=None)


def test_a_place_of_another_meeting_is_refused():
    hall, other = make_hall(3, present=1), make_hall(3)
    (foreign,) = split(other, "别处")
    with pytest.raises(Invalid):
        attendance.check_in(hall.meeting, hall.entries[1:], method="recorder", by=None, session=foreign)
    with pytest.raises(Invalid):
        places.move_to(hall.meeting, hall.entries[0], foreign, by=None)


def test_no_place_raises_more_hands_than_it_has():
    hall = make_hall(6, present=0)
    school, ground = split(hall, "小学操场", "晒谷坪")
    attendance.check_in(hall.meeting, hall.entries[:4], method="recorder", by=None, session=school)
    attendance.check_in(hall.meeting, hall.entries[4:], method="recorder", by=None, session=ground)
    motion = open_vote(hall, method=Motion.Method.HANDS_AND_ONLINE)
    voting.cast_ballot(motion=motion, entry=hall.entries[4], choice="for", key="k")
    motion = voting.close_motion(motion, by=None)
    with pytest.raises(TooManyHands):  # 5 could be raised in all, only 1 here
        sheets.enter_hands(motion, reader=hall.people[0], counts={"for": 2}, by=None, session=ground)
    for place, number in ((school, 4), (ground, 1)):
        for reader in hall.people[:2]:
            sheets.enter_hands(motion, reader=reader, counts={"for": number}, by=None, session=place)
    assert voting.announce_result(motion, by=None).counts["for"] == 6


@pytest.fixture
def two_places():
    """Four at the school, two on the ground, and their hands are being counted."""
    hall = make_hall(6, present=0)
    school, ground = split(hall, "小学操场", "晒谷坪")
    attendance.check_in(hall.meeting, hall.entries[:4], method="recorder", by=None, session=school)
    attendance.check_in(hall.meeting, hall.entries[4:], method="recorder", by=None, session=ground)
    motion = voting.close_motion(open_vote(hall, method=Motion.Method.HANDS_AND_ONLINE), by=None)

    def count(place, number):
        for reader in hall.people[:2]:
            sheets.enter_hands(motion, reader=reader, counts={"for": number}, by=None, session=place)

    return motion, school, ground, count


def test_no_hand_is_counted_at_its_place_and_with_all_together(two_places):
    _motion, school, _ground, count = two_places
    count(school, 2)
    with pytest.raises(WrongState, match="按会场分开数过"):
        count(None, 3)
    count(None, 0)  # so a sheet that was begun by mistake comes to its end


def test_after_a_count_of_all_together_no_place_counts_its_hands_again(two_places):
    motion, school, _ground, count = two_places
    count(None, 3)
    with pytest.raises(WrongState, match="合在一起数过"):
        count(school, 2)
    count(school, 0)
    assert voting.announce_result(motion, by=None).counts["for"] == 3


def test_the_result_waits_for_the_hands_of_every_place(two_places):
    motion, school, ground, count = two_places
    count(school, 4)
    (waiting,) = [place.name for place in desks_of(motion, {})["hands"].places if place.sheet is None]
    assert waiting == "晒谷坪"
    with pytest.raises(WrongState, match="还有会场的举手没有清点"):
        voting.announce_result(motion, by=None)
    count(ground, 2)
    assert voting.announce_result(motion, by=None).counts["for"] == 6


def test_a_place_where_all_have_voted_by_phone_counts_no_hands():
    hall = make_hall(6, present=0)
    school, ground = split(hall, "小学操场", "晒谷坪")
    attendance.check_in(hall.meeting, hall.entries[:5], method="recorder", by=None, session=school)
    attendance.check_in(hall.meeting, hall.entries[5:], method="recorder", by=None, session=ground)
    motion = open_vote(hall, method=Motion.Method.HANDS_AND_ONLINE)
    voting.cast_ballot(motion=motion, entry=hall.entries[5], choice="for", key="k")
    motion = voting.close_motion(motion, by=None)
    for reader in hall.people[:2]:
        sheets.enter_hands(motion, reader=reader, counts={"for": 5}, by=None, session=school)
    assert voting.announce_result(motion, by=None).counts["for"] == 6


def test_a_correction_counts_no_more_hands_than_the_place_has_and_none_a_second_time(two_places):
    motion, school, ground, count = two_places
    for place, number in ((school, 1), (ground, 1), (None, 0)):
        count(place, number)
    voting.announce_result(motion, by=None)
    motion.refresh_from_db()
    officer = make_account(motion.meeting.roster.entries.first().resident)
    for place, number, refusal in ((ground, 3, Invalid), (None, 1, WrongState)):
        with pytest.raises(refusal):
            settling.propose_correction(
                motion, motion.sheets.get(session=place), numbers={"for_count": number}, reason="重数", by=officer
            )


def test_whose_place_nobody_wrote_down_may_be_in_any_but_not_who_is_far_away():
    hall = make_hall(5, present=0)
    Meeting.objects.filter(pk=hall.meeting.pk).update(remote_allowed=True)
    school, _ground = split(hall, "小学操场", "晒谷坪")
    attendance.check_in(hall.meeting, hall.entries[:1], method="recorder", by=None, session=school)
    attendance.check_in(hall.meeting, hall.entries[1:3], method="recorder", by=None)
    attendance.check_in(hall.meeting, hall.entries[3:], method="remote", by=None)
    assert places.hands_in(open_vote(hall), school) == 3


def test_the_minutes_say_how_many_were_where():
    hall = make_hall(4, present=0)
    school, ground = split(hall, "小学操场", "晒谷坪")
    attendance.check_in(hall.meeting, hall.entries[:3], method="recorder", by=None, session=school)
    places.move_to(hall.meeting, hall.entries[0], ground, by=None)
    assert minutes.facts_of(hall.meeting)["places"] == [
        {"place": "小学操场", "present": 2},
        {"place": "晒谷坪", "present": 1},
    ]


def test_the_roster_is_laid_out_by_place():
    hall = make_hall(3, live=False)
    mine = hall.entries[0].group_number
    group = hall.village.groups.get(number=mine)
    places.make_places(hall.meeting, [places.Planned("小学操场", (group,)), places.Planned("晒谷坪")])
    lists = places.by_place(hall.meeting, hall.entries)
    assert [place for place, _entries in lists] == ["小学操场", *([""] if len(lists) > 1 else [])]
    assert sorted(entry.number for _place, entries in lists for entry in entries) == [1, 2, 3]


# Doors ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(client: Client) -> Hall:
    hall = make_hall(5, present=0)
    split(hall, "小学操场", "晒谷坪")
    recorder = hall.meeting.officers.get(role="recorder").resident
    sign_in(client, hall.account(hall.people.index(recorder)), "password", "mfa")
    return hall


def test_the_table_says_where_it_stands_before_it_signs_anybody_in(client, desk):
    check_in = desk.meeting.address("check_in")
    told = client.post(check_in, {"entry": "1"}, follow=True).content.decode()
    assert "请先选您在哪个会场" in told
    assert not desk.meeting.attendances.exists()
    client.post(desk.meeting.address("stand_at"), {"place": "2"})
    client.post(check_in, {"entry": "1"})
    assert desk.meeting.attendances.get().session.place == "晒谷坪"


def test_at_the_other_table_one_sees_where_somebody_is_and_moves_them(client, desk):
    client.post(desk.meeting.address("stand_at"), {"place": "1"})
    client.post(desk.meeting.address("check_in"), {"entry": "1"})
    client.post(desk.meeting.address("stand_at"), {"place": "2"})
    page = client.get(desk.meeting.address("console")).content.decode()
    assert "已签到 · 小学操场" in page
    assert "改到晒谷坪" in page
    client.post(desk.meeting.address("change_place", 1))
    assert [one.present for one in places.presence_in(desk.meeting)] == [0, 1]


@pytest.mark.parametrize("sent", ["", "0", "9", "x", "99999999999"])
def test_a_place_that_is_none_is_refused(client, desk, sent):
    told = client.post(desk.meeting.address("stand_at"), {"place": sent}, follow=True).content.decode()
    assert "请选您在哪个会场" in told
