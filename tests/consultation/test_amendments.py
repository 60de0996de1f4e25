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
