"""Questions from the floor: asked by name, shown or rejected by the chair, answered in words or by mouth."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from audit.models import AuditEntry
from consultation import meetings, minutes, questions
from consultation.board import read_board
from consultation.errors import Invalid, NotCheckedIn, Stale, WrongState
from consultation.models import FloorQuestion, Meeting, Minutes
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


def asks(hall, person, text="钱从哪里来"):
    return questions.ask_question(hall.meeting, text, entry=hall.entries[person])


def floor_of(hall):
    hall.meeting.refresh_from_db()
    return read_board(hall.meeting).floor


def test_who_is_there_asks_and_the_same_twice_is_one(hall):
    assert asks(hall, 1) == asks(hall, 1)
    with pytest.raises(NotCheckedIn):
        asks(hall, 5)
    for wrong in ({"text": " "}, {"text": "问"}, {"text": "问", "guest": "张技术员", "entry": hall.entries[0]}):
        with pytest.raises(Invalid):
            questions.ask_question(hall.meeting, **wrong)
    for number in range(questions.MOST_UNDECIDED - 1):
        asks(hall, 1, f"第{number}问")
    with pytest.raises(Invalid, match="先等一等"):
        asks(hall, 1, "还有一问")
    asks(hall, 2, "还有一问")
    meetings.close_meeting(hall.meeting, by=None)
    with pytest.raises(WrongState):
        asks(hall, 2, "散会了再问")


def test_nobody_reads_it_before_the_chair_lets_it_show_and_one_is_on_the_screen(hall):
    first, second = asks(hall, 1), asks(hall, 2, "几时动工")
    assert (floor_of(hall).questions, floor_of(hall).question) == ([], None)
    assert questions.show(hall.meeting, first.number)
    assert not questions.show(hall.meeting, first.number)
    assert floor_of(hall).questions == [first]
    assert questions.put_on_screen(hall.meeting, second.number)
    assert not questions.put_on_screen(hall.meeting, second.number)
    assert (floor_of(hall).question, floor_of(hall).questions) == (second, [first])
    questions.put_on_screen(hall.meeting, first.number)
    assert (floor_of(hall).question, floor_of(hall).questions) == (first, [second])
    assert read_board(hall.meeting).floor_first
    open_vote(hall)
    assert not read_board(hall.meeting).floor_first
    assert questions.take_off_screen(hall.meeting, first.number)
    assert not questions.take_off_screen(hall.meeting, first.number)


def test_who_is_rejected_reads_why_and_the_log_holds_it(hall):
    question = asks(hall, 1)
    with pytest.raises(Invalid):
        questions.reject(hall.meeting, question.number, " ", by=hall.chair)
    questions.put_on_screen(hall.meeting, question.number)
    assert questions.reject(hall.meeting, question.number, "和这次会无关", by=hall.chair)
    assert not questions.reject(hall.meeting, question.number, "还是无关", by=hall.chair)
    assert (floor_of(hall).question, floor_of(hall).questions) == (None, [])
    entry = AuditEntry.objects.get(action="reject_question")
    assert (entry.detail["reason"], entry.actor_id) == ("和这次会无关", hall.chair.pk)
    own = client_of(hall.account(1)).get(hall.meeting.address("own_questions")).content.decode()
    assert "和这次会无关" in own
    assert "钱从哪里来" not in client_of(hall.account(2)).get(hall.meeting.get_absolute_url()).content.decode()
    with pytest.raises(WrongState):
        questions.answer(hall.meeting, question.number, "没有", revision=0)
    assert questions.show(hall.meeting, question.number)  # thought better of
    assert floor_of(hall).questions == [question]


def test_an_answer_in_words_may_be_put_better_until_the_minutes_are_checked(hall):
    question, other = asks(hall, 1), asks(hall, 2, "几时动工")
    assert questions.answered_by_mouth(hall.meeting, other.number)
    assert not questions.answered_by_mouth(hall.meeting, other.number)
    with pytest.raises(WrongState):
        questions.reject(hall.meeting, other.number, "晚了", by=None)
    questions.answer(hall.meeting, question.number, "村集体出一半", revision=0)
    with pytest.raises(Stale):
        questions.answer(hall.meeting, question.number, "全由村里出", revision=0)
    with pytest.raises(Invalid):
        questions.answer(hall.meeting, question.number, " ", revision=1)
    meetings.close_meeting(hall.meeting, by=None)
    minutes.draft_minutes(Meeting.objects.get(), by=None)
    questions.answer(hall.meeting, question.number, "村集体出一半，其余自筹", revision=1)
    Minutes.objects.update(state="checked")
    with pytest.raises(WrongState, match="已经核对"):
        questions.answer(hall.meeting, question.number, "别的", revision=2)
    assert [*FloorQuestion.objects.values_list("state", "answer")] == [
        ("answered", "村集体出一半，其余自筹"),
        ("oral", ""),
    ]


def test_the_end_of_the_meeting_clears_the_screen(hall):
    question = asks(hall, 1)
    questions.put_on_screen(hall.meeting, question.number)
    meetings.close_meeting(hall.meeting, by=None)
    assert not FloorQuestion.objects.filter(on_screen=True).exists()


@pytest.mark.parametrize(
    "fields", [{"entry": None}, {"state": "rejected"}, {"state": "answered"}, {"on_screen": True}, {"answer": "有"}]
)
def test_the_database_refuses_what_can_not_be(hall, fields):
    question = asks(hall, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        FloorQuestion.objects.filter(pk=question.pk).update(**fields)


def test_a_phone_asks_and_a_refusal_keeps_what_was_typed(hall):
    client, url = client_of(hall.account(1)), hall.meeting.address("ask_question")
    number = str(hall.entries[1].number)
    assert "全村看得到问题和您的名字" in client.get(hall.meeting.get_absolute_url()).content.decode()
    page = client.post(url, {"entry": number, "text": "钱从哪里来"}, follow=True).content.decode()
    assert "钱从哪里来" in page
    assert "等主持人看" in page
    long = client.post(url, {"entry": number, "text": "长" * 501})
    assert (long.status_code, "长" * 501 in long.content.decode()) == (422, True)
    foreign = client.post(url, {"entry": str(hall.entries[2].number), "text": "替别人问"}, follow=True)
    assert "名册上没有您" in foreign.content.decode()
    for _again in range(9):
        last = client.post(url, {"entry": number, "text": "钱从哪里来"})
    assert (last.status_code, last["Retry-After"]) == (429, "60")


def test_the_chair_leads_the_questions_from_the_console(hall):
    asks(hall, 1)
    client, at = client_of(hall.chair), hall.meeting.address
    client.post(at("enter_question"), {"who": "", "guest": "张技术员", "text": "管子几时到"})
    client.post(at("enter_question"), {"who": str(hall.entries[2].number), "guest": "", "text": "几时动工"})
    nobody = client.post(at("enter_question"), {"who": "", "guest": "", "text": "谁问的"})
    assert (nobody.status_code, "谁问的" in nobody.content.decode()) == (422, True)
    client.post(at("question_on_screen", 1))
    assert "钱从哪里来" in client.get(at("hall")).content.decode()
    client.post(at("question_off_screen", 1))
    client.post(at("show_question", 2))
    client.post(at("question_by_mouth", 2))
    assert client.post(at("reject_question", 3), {"reason": ""}).status_code == 422
    client.post(at("reject_question", 3), {"reason": "问过了"})
    client.post(at("answer_question", 1), {"answer": "村集体出一半", "revision": "0"})
    late = client.post(at("answer_question", 1), {"answer": "全由村里出", "revision": "0"})
    assert late.status_code == 409
    assert "别人刚刚存的是：村集体出一半" in late.content.decode()
    assert "全由村里出" in late.content.decode()
    assert [*FloorQuestion.objects.values_list("state", flat=True)] == ["answered", "oral", "rejected"]
    assert "几时动工" in client.get(at("questions")).content.decode()
    page = client_of(hall.account(3)).get(hall.meeting.get_absolute_url()).content.decode()
    assert "村集体出一半" in page
    assert "当场口头答了" in page
    assert "几时动工" not in page


def test_a_person_gets_a_copy_of_what_they_asked(hall):
    account = hall.account(1)
    asks(hall, 1)
    part = next(one for one in held_on(account) if one.code == "questions")
    assert ("问题", "钱从哪里来") in part.entries[0]
