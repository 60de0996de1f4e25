"""An amendment is voted first, and its words stand only once the chair has confirmed them."""

import pytest
from django.test import Client

from audit.models import AuditEntry
from consultation import amendments, tabling, voting
from consultation.errors import Invalid, MeetingError, WrongState
from consultation.models import Motion
from tests.factories.consultation import make_hall

pytestmark = pytest.mark.django_db
OLD, NEW = "晒谷坪设临时停车处", "晒谷坪设临时停车处，收谷子那几天不停车"


def amended(hall, *, method="online"):
    motion = tabling.table_motion(meeting=hall.meeting, text=OLD, method=method, by=None, changeable=True)
    return motion, amendments.table_amendment(motion, new_text=f" {NEW} ", by=None)


def vote(hall, motion, choice):
    motion = voting.open_motion(motion, by=None)
    for entry in hall.entries:
        voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=f"{motion.pk}-{entry.pk}")
    return voting.close_motion(motion, by=None)


def test_a_carried_amendment_gives_the_motion_its_words_by_the_chairs_word():
    hall = make_hall(6)
    motion, amendment = amended(hall)
    assert NEW in amendment.text
    assert (amendment.method, amendment.changeable) == ("online", True)
    with pytest.raises(WrongState, match="先表决修正案（第 2 项）"):
        voting.open_motion(motion, by=None)
    with pytest.raises(WrongState, match="有修正案"):
        tabling.withdraw_motion(motion, by=None)
    with pytest.raises(WrongState):
        amendments.settle_words(amendment, by=None)  # nobody has voted yet
    vote(hall, amendment, "for")
    with pytest.raises(WrongState, match="先确认"):
        voting.open_motion(motion, by=None)
    amendments.settle_words(amendment, by=hall.chair)
    kept = AuditEntry.objects.get(action="amend_motion")
    assert (kept.detail["old"], kept.detail["new"]) == (OLD, NEW)
    assert voting.open_motion(motion, by=None).definition["text"] == NEW
    with pytest.raises(WrongState):
        amendments.settle_words(amendment, by=None)


def test_a_lost_amendment_leaves_the_words_and_an_annulled_one_holds_nothing_up():
    hall = make_hall(6)
    motion, amendment = amended(hall)
    second = amendments.table_amendment(motion, new_text="晒谷坪不停车", by=None)
    vote(hall, amendment, "against")
    Motion.objects.filter(pk=second.pk).update(state="annulled")
    assert voting.open_motion(motion, by=None).definition["text"] == OLD


def test_after_a_correction_the_old_words_come_back():
    hall = make_hall(6)
    motion, amendment = amended(hall)
    amendment = vote(hall, amendment, "for")
    amendments.settle_words(amendment, by=None)
    amendment.decisions.update(outcome="lost")
    with pytest.raises(WrongState, match="先确认"):
        voting.open_motion(motion, by=None)
    assert amendments.settle_words(amendment, by=None).text == OLD
    assert voting.open_motion(motion, by=None).definition["text"] == OLD
    amendment.decisions.update(outcome="carried")
    with pytest.raises(WrongState, match="已经开始表决"):
        amendments.settle_words(amendment, by=None)


def test_words_that_were_changed_once_more_are_not_put_back():
    hall = make_hall(6)
    motion, amendment = amended(hall)
    amendment = vote(hall, amendment, "for")
    amendments.settle_words(amendment, by=None)
    Motion.objects.filter(pk=motion.pk).update(text="别的话")
    amendment.decisions.update(outcome="lost")
    with pytest.raises(WrongState, match="后来又改过"):
        amendments.settle_words(amendment, by=None)


def test_what_is_no_amendment():
    hall = make_hall(6)
    motion, amendment = amended(hall)
    for words in ("", OLD, "长" * 451):
        with pytest.raises(Invalid):
            amendments.table_amendment(motion, new_text=words, by=None)
    for other in (amendment, voting.open_motion(amendment, by=None)):
        with pytest.raises(MeetingError):
            amendments.table_amendment(other, new_text="别的话", by=None)


def test_an_amendment_of_an_election_held_elsewhere_is_voted_here():
    hall = make_hall(6)
    motion = tabling.table_motion(meeting=hall.meeting, text=OLD, method="belenios", secret=True, by=None)
    amendment = amendments.table_amendment(motion, new_text=NEW, by=None)
    assert (amendment.method, amendment.secret) == ("hands_and_online", False)


def test_the_console_says_what_comes_first():
    hall = make_hall(6)
    chair = Client()
    chair.force_login(hall.chair)
    motion = tabling.table_motion(meeting=hall.meeting, text=OLD, method="online", by=None)
    assert chair.post(hall.meeting.address("table_amendment", motion.number), {"new_text": NEW}).status_code == 303
    console = chair.get(hall.meeting.address("console")).content.decode()
    assert "先表决修正案（第 2 项）" in console
    vote(hall, motion.amendments.get(), "for")
    console = chair.get(hall.meeting.address("console")).content.decode()
    assert "修正案通过了。第 1 项的原话要改成" in console
    assert chair.post(hall.meeting.address("settle_words", 2)).status_code == 303
    motion.refresh_from_db()
    assert motion.text == NEW
    assert f"第 1 项原来是：{OLD}" in chair.get(hall.meeting.address("console")).content.decode()


# the list of options

SEGMENTS = ["村口到学校", "学校到水井", "水井到后山"]


def between(hall, **fields):
    defaults = {"text": "先修哪一段", "method": "online", "kind": "choice", "options": SEGMENTS, "by": None}
    return tabling.table_motion(meeting=hall.meeting, **defaults | fields)


def texts(motion):
    return [option["text"] for option in Motion.objects.get(pk=motion.pk).options]


def test_a_carried_amendment_changes_the_list_of_options_before_it_is_voted():
    hall = make_hall(6)
    motion = between(hall)
    new = ["村口到学校", "学校到水井", "水井到茶山", "桥头"]
    amendment = amendments.table_amendment(motion, new_text=motion.text, options=[*new, " "], by=None)
    assert amendment.text == "修正案：第 1 项的方案，加上“水井到茶山”“桥头”，去掉“水井到后山”"
    assert amendment.form.keys == ()  # for or against
    with pytest.raises(WrongState, match="先表决修正案"):
        voting.open_motion(motion, by=None)
    with pytest.raises(WrongState, match="改方案的修正案没有办完"):
        amendments.table_amendment(motion, new_text=motion.text, options=SEGMENTS[:2], by=None)
    amendments.table_amendment(motion, new_text="今年先修哪一段", by=None)  # words are another matter
    vote(hall, amendment, "for")
    assert texts(motion) == SEGMENTS
    amendments.settle_words(amendment, by=hall.chair)
    assert (texts(motion), Motion.objects.get(pk=motion.pk).text) == (new, "先修哪一段")
    kept = AuditEntry.objects.get(action="amend_motion").detail
    assert [option["text"] for option in kept["old_options"]] == SEGMENTS
    vote(hall, motion.amendments.order_by("number").last(), "against")
    opened = voting.open_motion(Motion.objects.get(pk=motion.pk), by=None)
    assert [option["key"] for option in opened.definition["options"]] == ["A", "B", "C", "D"]
    with pytest.raises(WrongState):
        amendments.table_amendment(opened, new_text=opened.text, options=SEGMENTS, by=None)


def test_a_lost_amendment_leaves_the_list_and_a_corrected_one_gives_it_back():
    hall = make_hall(6)
    motion = between(hall, kind="multi_choice", most=2)
    for wrong in (["桥头"], [*SEGMENTS[:2]], ["桥头", "桥头", "水井"]):  # none, no more than may be picked, one twice
        with pytest.raises(Invalid):
            amendments.table_amendment(motion, new_text=motion.text, options=wrong, by=None)
    for same in (None, SEGMENTS):
        with pytest.raises(Invalid):
            amendments.table_amendment(motion, new_text=motion.text, options=same, by=None)
    lost = amendments.table_amendment(motion, new_text=motion.text, options=[*SEGMENTS, "桥头"], by=None)
    vote(hall, lost, "against")
    assert texts(motion) == SEGMENTS
    taken = amendments.table_amendment(motion, new_text="今年修哪几段", options=SEGMENTS[::-1], by=None)
    assert taken.text == "修正案：第 1 项改成“今年修哪几段”，换个次序"
    vote(hall, taken, "for")
    amendments.settle_words(taken, by=None)
    taken.decisions.update(outcome="lost")  # as after a correction
    amendments.settle_words(taken, by=None)
    assert (texts(motion), Motion.objects.get(pk=motion.pk).text) == (SEGMENTS, "先修哪一段")


def test_what_is_too_much_for_one_question_and_the_console():
    hall = make_hall(6)
    motion = between(hall)
    with pytest.raises(Invalid, match="分几次提修正案"):
        amendments.table_amendment(
            motion, new_text=motion.text, options=[f"{'长' * 190}{n}" for n in range(3)], by=None
        )
    chair = Client()
    chair.force_login(hall.chair, backend="residents.backends.AccountBackend")
    typed = {"new_text": motion.text, "options": "村口到学校\r\n桥头"}
    assert chair.post(hall.meeting.address("table_amendment", 1), typed).status_code == 303
    amendment = motion.amendments.get()
    vote(hall, amendment, "for")
    assert "第 1 项的方案要改成：A 村口到学校；B 桥头" in chair.get(hall.meeting.address("console")).content.decode()
    chair.post(hall.meeting.address("settle_words", amendment.number))
    assert texts(motion) == ["村口到学校", "桥头"]
