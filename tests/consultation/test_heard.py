"""What was said and asked goes into the draft of the minutes, whole or not at all."""

from __future__ import annotations

import pytest

from consultation import meetings, minutes, questions, speaking
from consultation.models import Meeting
from tests.factories.consultation import make_hall

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall():
    """Somebody speaks before the agenda, two at its first item, where one is summed up; two questions at the second."""
    hall = make_hall(5)
    guest = speaking.ask_to_speak(hall.meeting, guest="张技术员")
    first, second = (speaking.ask_to_speak(hall.meeting, entry=hall.entries[number]) for number in (1, 2))
    speaking.call(hall.meeting, guest.number, seen=0)
    meetings.go_to_item(hall.meeting, 1, by=None)
    speaking.call(hall.meeting, second.number, seen=guest.number)
    speaking.call(hall.meeting, first.number, seen=second.number)
    meetings.go_to_item(hall.meeting, 2, by=None)
    asked = [
        questions.ask_question(hall.meeting, text, entry=hall.entries[3]) for text in ("钱从哪里来", "几时动工", "谁管")
    ]
    speaking.write_summary(hall.meeting, guest.number, "管子要换", revision=0)
    speaking.write_summary(hall.meeting, second.number, "先修上游\n再修下游", revision=0)
    questions.answer(hall.meeting, asked[0].number, "村集体出一半", revision=0)
    questions.answered_by_mouth(hall.meeting, asked[1].number)
    return hall


def drafted(hall):
    meetings.close_meeting(hall.meeting, by=None)
    return minutes.draft_minutes(Meeting.objects.get(), by=None).proceedings


def test_by_item_and_in_order_with_names(hall):
    second, asker = hall.entries[2].name, hall.entries[3].name
    assert drafted(hall).split("讨论情况：\n")[1] == (
        "议程开始以前\n张技术员（来宾）：管子要换\n\n"
        f"1. 通报\n{second}：先修上游\n再修下游\n\n"
        f"2. 表决\n{asker}问：钱从哪里来\n答：村集体出一半\n{asker}问：几时动工\n（当场口头答复）"
    )


def test_what_does_not_fit_is_left_out_whole_and_the_draft_says_so(hall, monkeypatch):
    monkeypatch.setattr(minutes, "MOST_PROCEEDINGS", 100)
    text = drafted(hall)
    assert "一个字也没有删" in text
    assert "管子要换" not in text
    assert hall.meeting.speeches.get(guest="张技术员").summary == "管子要换"
