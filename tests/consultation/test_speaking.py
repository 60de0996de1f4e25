"""Who asks to speak, who is called, for how long, and what the recorder takes down of it."""

from __future__ import annotations

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consultation import attendance, meetings, minutes, speaking, voting
from consultation.board import read_board, read_pulse
from consultation.errors import Invalid, NotCheckedIn, Stale, WrongState
from consultation.floor_reads import read_floor
from consultation.models import Meeting, Minutes, Speech
from consultation.places import Planned, make_places, move_to
from residents.own_data import held_on
from tests.factories.consultation import make_hall, open_vote

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall():
    return make_hall(6, present=5)


def client_of(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def asks(hall, *people):
    return [speaking.ask_to_speak(hall.meeting, entry=hall.entries[number]) for number in people]


def floor_of(hall):
    hall.meeting.refresh_from_db()
    return read_floor(hall.meeting, hall.meeting.floor)


def waiting(hall):
    return [one.entry.number if one.entry else one.guest for one in floor_of(hall).queue]


def numbers(hall, *people):
    return [hall.entries[number].number for number in people]


# standing in line


def test_who_is_there_stands_in_line_once_and_may_leave_it(hall):
    first, again, second = asks(hall, 0, 0, 1)
    assert first == again
    assert waiting(hall) == numbers(hall, 0, 1)
    assert speaking.withdraw(hall.meeting, first.entry)
    assert not speaking.withdraw(hall.meeting, first.entry)
    asks(hall, 0)  # at the end now
    assert waiting(hall) == numbers(hall, 1, 0)
    assert speaking.skip(hall.meeting, second.number)
    assert not speaking.skip(hall.meeting, second.number)
    assert waiting(hall) == numbers(hall, 0)


def test_who_is_not_there_does_not(hall):
    attendance.check_out(hall.meeting, hall.entries[4], by=None)
    for absent in (4, 5):
        with pytest.raises(NotCheckedIn):
            asks(hall, absent)
    with pytest.raises(Invalid):
        speaking.ask_to_speak(hall.meeting, entry=make_hall(1).entries[0])
    for nobody in ({}, {"guest": "  "}, {"guest": "张技术员", "entry": hall.entries[0]}):
        with pytest.raises(Invalid):
            speaking.ask_to_speak(hall.meeting, **nobody)
    meetings.close_meeting(hall.meeting, by=None)
    with pytest.raises(WrongState):
        asks(hall, 0)
    assert not Speech.objects.exists()


def test_a_guest_speaks_under_a_name(hall):
    asks(hall, 0)
    guest = speaking.ask_to_speak(hall.meeting, guest=" 张技术员 ")
    assert guest == speaking.ask_to_speak(hall.meeting, guest="张技术员")
    assert speaking.call(hall.meeting, guest.number, seen=0)
    assert floor_of(hall).speech.speaker == "张技术员"


def test_the_database_holds_one_speech_at_a_time_and_one_request_of_a_unit(hall):
    first, second = asks(hall, 0, 1)
    speaking.call(hall.meeting, seen=0)
    now = first.asked_at
    wrong = [
        {"state": "speaking", "started_at": now},  # a second one
        {"entry": None},  # nobody's
        {"started_at": now},  # waits and speaks
        {"state": "done", "ended_at": now},  # over without having begun
    ]
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Speech.objects.filter(pk=second.pk).update(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        Speech.objects.create(
            village=hall.village, meeting=hall.meeting, number=9, entry=second.entry, asked_at=second.asked_at
        )


# being called


def test_the_next_is_called_at_the_item_of_that_time_and_the_last_has_finished(hall):
    first, second = asks(hall, 0, 1)
    assert first.item is None
    meetings.go_to_item(hall.meeting, 1, by=None)
    assert speaking.call(hall.meeting, seen=0)
    meetings.go_to_item(hall.meeting, 2, by=None)
    assert speaking.call(hall.meeting, seen=first.number)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.item.number) == ("done", 1)
    assert (second.state, second.item.number) == ("speaking", 2)
    assert first.asked_at <= first.started_at <= first.ended_at <= second.started_at
    assert speaking.end_speech(hall.meeting, second.number)
    assert not speaking.end_speech(hall.meeting, second.number)
    assert not speaking.call(hall.meeting, seen=0)  # nobody waits


def test_two_who_press_at_once_call_one(hall):
    first, _second, third = asks(hall, 0, 1, 2)
    assert speaking.call(hall.meeting, seen=0)
    assert not speaking.call(hall.meeting, seen=0)
    assert not speaking.call(hall.meeting, third.number, seen=0)
    assert floor_of(hall).speech == first
    assert waiting(hall) == numbers(hall, 1, 2)
    assert not speaking.call(hall.meeting, first.number, seen=first.number)  # who speaks does not wait
    page = client_of(hall.chair).post(hall.meeting.address("call_next_speaker"), {"seen": "0"}, follow=True)
    assert "别人刚刚按过了" in page.content.decode()
    assert floor_of(hall).speech == first


def test_first_voices_come_first_where_the_meeting_says_so(hall):
    asks(hall, 0)
    speaking.call(hall.meeting, seen=0)
    speaking.end_speech(hall.meeting, 1)
    asks(hall, 0, 1, 2)
    assert waiting(hall) == numbers(hall, 0, 1, 2)
    assert [one.first_time for one in floor_of(hall).queue] == [False, True, True]
    speaking.set_rules(hall.meeting, minutes=3, new_voices_first=True)
    assert waiting(hall) == numbers(hall, 1, 2, 0)
    speaking.call(hall.meeting, seen=0)
    assert floor_of(hall).speech.entry == hall.entries[1]


def test_nobody_is_called_while_a_vote_runs_but_all_may_stand_in_line(hall):
    open_vote(hall)
    asks(hall, 0)
    with pytest.raises(WrongState, match="正在表决"):
        speaking.call(hall.meeting, seen=0)
    board = read_board(hall.meeting)
    assert (board.voting, board.floor_first, len(board.floor.queue)) == (True, False, 1)


def test_the_end_of_the_meeting_ends_the_line(hall):
    asks(hall, 0, 1)
    speaking.call(hall.meeting, seen=0)
    meetings.close_meeting(hall.meeting, by=None)
    assert list(Speech.objects.values_list("state", flat=True)) == ["done", "skipped"]


# the time


def test_the_time_is_the_procedures_until_the_meeting_has_its_own(hall):
    asks(hall, 0, 1)
    speaking.call(hall.meeting, seen=0)
    assert floor_of(hall).speech.seconds == 180
    assert speaking.give_more_time(hall.meeting, 1, seen=180)
    assert not speaking.give_more_time(hall.meeting, 1, seen=180)  # the second of two presses
    assert floor_of(hall).speech.seconds == 240
    speaking.set_rules(hall.meeting, minutes=0, new_voices_first=False)
    hall.meeting.refresh_from_db()
    assert speaking.minutes_each(hall.meeting) == 0
    assert floor_of(hall).speech.seconds == 240
    speaking.call(hall.meeting, seen=1)
    assert floor_of(hall).speech.seconds == 0
    assert not speaking.give_more_time(hall.meeting, 2, seen=0)
    with pytest.raises(Invalid):
        speaking.set_rules(hall.meeting, minutes=61, new_voices_first=False)
    hall.meeting.speech_minutes = None
    del hall.meeting.rules["speech_minutes"]  # of a notice from before there was a limit
    hall.meeting.preset.speech_minutes = 5
    assert speaking.minutes_each(hall.meeting) == 5


def test_the_board_tells_the_beginning_by_the_clock_of_its_version(hall):
    asks(hall, 0)
    speaking.call(hall.meeting, seen=0)
    board = read_board(hall.meeting)
    assert 0 <= board.pulse.version - board.floor.started < 5000
    Speech.objects.update(started_at=Speech.objects.get().started_at - datetime.timedelta(seconds=100))
    board = read_board(hall.meeting)
    assert 100_000 <= board.pulse.version - board.floor.started < 105_000


# the board


def test_each_change_is_a_new_board_and_without_any_nothing_is_asked(hall):
    before = read_pulse(hall.meeting.pk).structure
    with CaptureQueriesContext(connection) as unused:
        board = read_board(hall.meeting)
    assert board.floor is None
    asks(hall, 0, 1, 2)
    assert read_pulse(hall.meeting.pk).structure != before
    with CaptureQueriesContext(connection) as used:
        read_board(hall.meeting)
    assert len(used) == len(unused) + 3  # the line, the questions, the temperature
    with CaptureQueriesContext(connection) as pulse:
        read_pulse(hall.meeting.pk)
    assert len(pulse) == 1


# what was said


def test_words_are_kept_until_the_minutes_are_checked(hall):
    first, second = asks(hall, 0, 1)
    speaking.call(hall.meeting, seen=0)
    assert speaking.write_summary(hall.meeting, first.number, " 先修上游 ", revision=0).summary == "先修上游"
    with pytest.raises(Stale):
        speaking.write_summary(hall.meeting, first.number, "先修下游", revision=0)
    with pytest.raises(WrongState):
        speaking.write_summary(hall.meeting, second.number, "还没讲", revision=0)
    meetings.close_meeting(hall.meeting, by=None)
    minutes.draft_minutes(Meeting.objects.get(), by=None)
    speaking.write_summary(hall.meeting, first.number, "先修上游水渠", revision=1)
    Minutes.objects.update(state="checked")
    with pytest.raises(WrongState, match="已经核对"):
        speaking.write_summary(hall.meeting, first.number, "别的", revision=2)
    assert Speech.objects.get(pk=first.pk).summary == "先修上游水渠"


# the doors


def test_a_phone_asks_sees_its_place_and_leaves_the_line(hall):
    asks(hall, 0, 2)
    client, url = client_of(hall.account(1)), hall.meeting.get_absolute_url()
    number = str(hall.entries[1].number)
    assert 'data-state="none"' in client.get(url).content.decode()
    assert client.post(hall.meeting.address("speak"), {"entry": number})["Location"] == f"{url}#speak"
    page = client.get(url).content.decode()
    assert 'data-state="waiting"' in page
    assert "前面还有 2 位" in page
    client.post(hall.meeting.address("withdraw_speech"), {"entry": number})
    assert 'data-state="none"' in client.get(url).content.decode()
    other = client.post(hall.meeting.address("speak"), {"entry": str(hall.entries[3].number)}, follow=True)
    assert "名册上没有您" in other.content.decode()
    assert len(floor_of(hall).queue) == 2
    absent = client_of(hall.account(5))
    assert "签到以后，可以在这里要求发言" in absent.get(url).content.decode()


def test_the_chair_leads_the_line_from_the_console(hall):
    asks(hall, 0)
    client, console = client_of(hall.chair), hall.meeting.address("console")
    name = hall.entries[3].name
    assert name in client.get(console, {"speaker": name}).content.decode()
    assert name in client.get(hall.meeting.address("search_speakers"), {"speaker": name}).content.decode()
    client.post(hall.meeting.address("enter_speaker"), {"entry": hall.entries[3].number})
    client.post(hall.meeting.address("enter_speaker"), {"guest": "张技术员"})
    wrong = client.post(hall.meeting.address("enter_speaker"), {"guest": "张" * 61})
    assert (wrong.status_code, "张" * 61 in wrong.content.decode()) == (422, True)
    client.post(hall.meeting.address("call_speaker", 3), {"seen": "0"})
    client.post(hall.meeting.address("more_time", 3), {"seen": "180"})
    board = client.get(hall.meeting.address("board")).content.decode()
    assert 'data-limit="240"' in board
    assert "张技术员" in board
    client.post(hall.meeting.address("speech_summary", 3), {"summary": "管子要换", "revision": "0"})
    late = client.post(hall.meeting.address("speech_summary", 3), {"summary": "管子不用换", "revision": "0"})
    assert late.status_code == 409
    assert "管子不用换" in late.content.decode()
    assert "别人刚刚存的是：管子要换" in late.content.decode()
    long = client.post(hall.meeting.address("speech_summary", 3), {"summary": "长" * 2001, "revision": "1"})
    assert (long.status_code, "长" * 2001 in long.content.decode()) == (422, True)
    client.post(hall.meeting.address("speech_rules"), {"minutes": "5", "new_voices_first": "on"})
    client.post(hall.meeting.address("skip_speaker", 1))
    client.post(hall.meeting.address("end_speech", 3))
    assert waiting(hall) == numbers(hall, 3)
    assert (hall.meeting.speech_minutes, hall.meeting.new_voices_first) == (5, True)
    for part in ("speakers", "spoken"):
        assert client.get(hall.meeting.address(part)).status_code == 200


def test_a_person_gets_a_copy_of_what_they_said(hall):
    account = hall.account(1)
    asks(hall, 1)
    speaking.call(hall.meeting, seen=0)
    speaking.write_summary(hall.meeting, 1, "先修上游", revision=0)
    part = next(one for one in held_on(account) if one.code == "speeches")
    assert ("讲了什么", "先修上游") in part.entries[0]


def test_a_vote_that_opens_takes_the_screen(hall):
    asks(hall, 0)
    speaking.call(hall.meeting, seen=0)
    assert read_board(hall.meeting).floor_first
    motion = open_vote(hall)
    assert not read_board(hall.meeting).floor_first
    voting.close_motion(motion, by=None)
    assert read_board(hall.meeting).floor_first


# who goes


def test_who_leaves_stands_in_no_line_and_asks_anew(hall):
    asks(hall, 0, 1, 2)
    attendance.check_out(hall.meeting, hall.entries[0], by=None)
    attendance.undo_check_in(hall.meeting, hall.entries[1], by=None, reason="认错人")
    assert waiting(hall) == numbers(hall, 2)
    attendance.check_in(hall.meeting, hall.entries[:1], method="recorder", by=None)
    assert waiting(hall) == numbers(hall, 2)
    asks(hall, 0)
    assert waiting(hall) == numbers(hall, 2, 0)


def test_who_leaves_while_speaking_has_finished(hall):
    asks(hall, 0, 1)
    speaking.call(hall.meeting, seen=0)
    attendance.check_out(hall.meeting, hall.entries[0], by=None)
    assert (floor_of(hall).speech, waiting(hall)) == (None, numbers(hall, 1))
    assert hall.meeting.speeches.get(number=1).state == Speech.State.DONE


def test_who_goes_to_another_place_keeps_the_turn_and_is_shown_there(hall):
    make_places(hall.meeting, [Planned("小学操场"), Planned("晒谷坪")])
    first, second = hall.meeting.sessions.all()
    move_to(hall.meeting, hall.entries[1], first, by=None)
    before = hall.meeting.floor
    asks(hall, 0, 1)
    move_to(hall.meeting, hall.entries[1], second, by=None)
    assert [one.place for one in floor_of(hall).queue] == [None, "晒谷坪"]
    assert hall.meeting.floor == before + 3  # two who ask, one who moves: the board is made anew each time
