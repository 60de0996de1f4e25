"""Taking the temperature: no vote, counts only, and nobody's name is left beside an answer."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from audit.models import AuditEntry
from consultation import meetings, temperature
from consultation.board import read_board, read_pulse
from consultation.errors import Invalid, NotCheckedIn, WrongState
from consultation.models import Bulletin, Decision, Leaning, Motion, Temperature, TemperatureAnswer
from tests.factories.consultation import make_hall, open_vote

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall():
    return make_hall(12, present=11)


def client_of(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def take(hall, text="先修上游，行不行"):
    return temperature.take_temperature(hall.meeting, text, by=hall.chair)


def says(hall, asked, answers):
    for entry, answer in zip(hall.entries, answers, strict=False):
        temperature.say(hall.meeting, asked.number, entry, answer)


def sums(asked):
    asked.refresh_from_db()
    return asked.answered_count, [number for _value, _label, number in asked.sums]


def test_each_who_is_there_says_one_thing_and_may_change_it(hall):
    asked = take(hall)
    says(hall, asked, ["agree"] * 7 + ["more"] * 3)
    temperature.say(hall.meeting, asked.number, hall.entries[0], "disagree")
    assert TemperatureAnswer.objects.count() == 10
    with pytest.raises(NotCheckedIn):
        temperature.say(hall.meeting, asked.number, hall.entries[11], "agree")
    for wrong in ("", "for"):
        with pytest.raises(Invalid):
            temperature.say(hall.meeting, asked.number, hall.entries[1], wrong)
    assert temperature.end_temperature(hall.meeting, asked.number, by=hall.chair)
    assert sums(asked) == (10, [6, 3, 1])


def test_nobodys_answer_outlives_the_question(hall):
    asked = take(hall)
    says(hall, asked, ["agree"] * 10)
    temperature.end_temperature(hall.meeting, asked.number, by=hall.chair)
    assert not TemperatureAnswer.objects.exists()
    with pytest.raises(WrongState):
        temperature.say(hall.meeting, asked.number, hall.entries[0], "agree")
    assert not temperature.end_temperature(hall.meeting, asked.number, by=hall.chair)
    told = AuditEntry.objects.filter(action__endswith="_temperature").order_by("pk")
    assert [(one.action, one.detail.get("answered")) for one in told] == [
        ("take_temperature", None), ("end_temperature", 10),
    ]  # fmt: skip
    assert not any(leaning in str(one.detail) for one in told for leaning in Leaning.values)


def test_of_fewer_than_ten_only_the_number_is_kept(hall):
    asked = take(hall)
    says(hall, asked, ["agree"] * 8 + ["disagree"])
    temperature.end_temperature(hall.meeting, asked.number, by=hall.chair)
    assert sums(asked) == (9, [])
    page = client_of(hall.account(1)).get(hall.meeting.address("board")).content.decode()
    assert "9 人按了。不到 10 人" in page
    assert "leaning-sum" not in page


def test_while_it_runs_only_the_number_comes_down_and_the_board_stays(hall):
    assert read_pulse(hall.meeting.pk).answered is None
    asked = take(hall)
    before = read_pulse(hall.meeting.pk)
    says(hall, asked, ["agree"] * 11)
    after = read_pulse(hall.meeting.pk)
    assert (before.answered, after.answered, after.as_tally()["answered"]) == (0, 11, 11)
    assert before.structure == after.structure
    board = read_board(hall.meeting).floor
    assert (board.temperature.sums, board.temperature_first) == ([], True)
    temperature.end_temperature(hall.meeting, asked.number, by=hall.chair)
    assert read_pulse(hall.meeting.pk).answered is None
    assert "answered" not in read_pulse(hall.meeting.pk).as_tally()


def test_it_is_no_vote_and_none_runs_beside_it(hall):
    motion = open_vote(hall)
    with pytest.raises(WrongState, match="正在表决"):
        take(hall)
    Motion.objects.filter(pk=motion.pk).delete()
    asked = take(hall)
    with pytest.raises(WrongState, match="先结束"):
        take(hall)
    with pytest.raises(Invalid):
        take(hall, " ")
    says(hall, asked, ["agree"] * 10)
    open_vote(hall, text="水渠先修上游")  # ends what is still asked
    assert sums(asked) == (10, [10, 0, 0])
    assert not asked.on_screen
    assert not TemperatureAnswer.objects.exists()
    assert not read_board(hall.meeting).floor.temperature
    assert not Decision.objects.exists()
    assert not Bulletin.objects.exists()


def test_its_sums_leave_the_screen_when_the_chair_or_the_agenda_goes_on(hall):
    for leave in (
        lambda asked: temperature.take_down(hall.meeting, asked.number),
        lambda asked: meetings.go_to_item(hall.meeting, 1, by=None),
        lambda asked: meetings.close_meeting(hall.meeting, by=None),
    ):
        asked = take(hall)
        temperature.end_temperature(hall.meeting, asked.number, by=hall.chair)
        assert read_board(hall.meeting).floor_first
        leave(asked)
        assert not read_board(hall.meeting).floor_first
    assert not temperature.take_down(hall.meeting, asked.number)


def test_the_end_of_the_meeting_ends_it(hall):
    asked = take(hall)
    says(hall, asked, ["more"] * 3)
    meetings.close_meeting(hall.meeting, by=None)
    assert sums(asked) == (3, [])
    assert not TemperatureAnswer.objects.exists()


def test_the_database_holds_one_at_a_time_and_no_sums_before_its_end(hall):
    asked = take(hall)
    with pytest.raises(IntegrityError), transaction.atomic():
        Temperature.objects.filter(pk=asked.pk).update(agree_count=1, more_count=0, disagree_count=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        Temperature.objects.create(
            village=hall.village, meeting=hall.meeting, number=9, text="又问", started_at=asked.started_at
        )


def test_the_doors(hall):
    chair, phone, at = client_of(hall.chair), client_of(hall.account(1)), hall.meeting.address
    number = str(hall.entries[1].number)
    assert chair.post(at("take_temperature"), {"text": ""}).status_code == 422
    chair.post(at("take_temperature"), {"text": "先修上游，行不行"})
    again = chair.post(at("take_temperature"), {"text": "又问一次"})
    assert (again.status_code, "又问一次" in again.content.decode()) == (409, True)
    page = phone.get(hall.meeting.get_absolute_url()).content.decode()
    assert "不是表决，不算数" in page
    assert page.count('aria-pressed="true"') == 0
    said = phone.post(
        at("say_temperature", 1), {"entry": number, "answer": "more"}, headers={"accept": "application/json"}
    )
    assert said.json() == {"accepted": True, "answer": "more"}
    page = phone.post(at("say_temperature", 1), {"entry": number, "answer": "agree"}, follow=True).content.decode()
    assert "您按了“赞同”" in page
    assert page.count('aria-pressed="true"') == 1
    foreign = {"entry": str(hall.entries[2].number), "answer": "agree"}
    assert phone.post(at("say_temperature", 1), foreign, headers={"accept": "application/json"}).status_code == 403
    chair.post(at("end_temperature", 1))
    assert "1 人按了。不到 10 人" in chair.get(at("console")).content.decode()
    chair.post(at("take_down_temperature", 1))
    assert not Temperature.objects.get().on_screen
