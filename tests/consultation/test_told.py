"""Every act of a vote is told to the open screens; what an officer did is in the log with its meeting and motion."""

from __future__ import annotations

import contextlib

import pytest
from django.db import transaction
from django.utils import timezone

from audit.models import AuditEntry
from consultation import live, paper, recovery, secret_ballots, settling, sheets, voting
from consultation.bulletin_text import board_code, slip_key
from consultation.models import Motion
from residents import two_people
from tests.factories.consultation import make_hall, open_vote
from tests.factories.residents import appoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch):
    """The meetings whose screens were told, in order."""
    heard = []
    monkeypatch.setattr(live, "announce", heard.append)
    return heard


@pytest.fixture
def act(told):
    """Whatever is done inside is told once to the screens of the motion's meeting, and leaves these lines in the log:
    their words and what they say beside who and where."""

    @contextlib.contextmanager
    def doing(motion, *words, **detail):
        told.clear()
        last = AuditEntry.objects.latest("pk").pk
        yield
        assert told == [motion.meeting_id]
        lines = list(AuditEntry.objects.filter(pk__gt=last).order_by("pk"))
        assert [line.action for line in lines] == list(words)
        for line in lines:
            assert line.village_id == motion.village_id
            assert (line.detail["meeting"], line.detail["motion"]) == (motion.meeting.number, motion.number)
        if lines:
            assert lines[0].detail | detail == lines[0].detail

    return doing


def cast(motion, entry, choice="for", key=None, **fields):
    return voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=key or f"{entry.pk}", **fields)


def cast_secret(motion, entry, choice="for", turn=1):
    own = entry.pk.to_bytes(16, "big")
    secret_ballots.cast_secret(
        motion=motion, entry=entry, choice=choice, slip=slip_key(own), board=board_code(own), turn=turn
    )


def test_from_the_list_to_the_result(act, told):
    hall = make_hall(6, present=5)
    told.clear()
    coming = voting.table_motion(meeting=hall.meeting, text="路灯", method="online", changeable=True, by=None)
    assert told == [hall.meeting.pk]
    assert AuditEntry.objects.latest("pk").action == "table_motion"
    with act(coming, "open_motion", present=5):
        motion = voting.open_motion(coming, by=hall.chair)
    assert AuditEntry.objects.latest("pk").detail["definition"] == motion.definition_hash
    assert AuditEntry.objects.latest("pk").actor_id == hall.chair.pk
    with act(motion):
        cast(motion, hall.entries[0])
    told.clear()
    cast(motion, hall.entries[0], "against", key="another")
    assert told == [hall.meeting.pk]
    changed = AuditEntry.objects.get(action="change_ballot")
    assert changed.detail == {"motion_id": motion.pk, "entry": hall.entries[0].pk}
    with act(motion, "pause_motion"):
        voting.pause_motion(motion, by=None)
    with act(motion, "resume_motion"):
        voting.resume_motion(motion, by=None)
    told.clear()
    voting.close_motion(motion, by=None)
    assert told == [hall.meeting.pk]
    closed, decided = AuditEntry.objects.order_by("pk").filter(action__in=["close_motion", "decide_motion"])
    assert (closed.detail["cast"], closed.detail["motion"], closed.detail["meeting"]) == (1, 1, hall.meeting.number)
    assert decided.detail == {
        "meeting": hall.meeting.number, "motion": 1, "version": 1, "outcome": "lost",
        "counts": {"for": 0, "against": 1, "abstain": 0},
    }  # fmt: skip


def test_a_motion_taken_off_the_list(act):
    hall = make_hall()
    motion = voting.table_motion(meeting=hall.meeting, text="路灯", by=None)
    with act(motion, "withdraw_motion"):
        voting.withdraw_motion(motion, by=None)


def test_secret_papers(act):
    hall = make_hall(6)
    motion = open_vote(hall, secret=True, changeable=True)
    with act(motion):
        cast_secret(motion, hall.entries[0])
    with act(motion):
        cast_secret(motion, hall.entries[0], "against", turn=2)


def test_papers_and_their_count(act):
    hall = make_hall(6)
    motion = open_vote(hall, method="paper")
    with act(motion):
        paper.issue_paper(motion=motion, entry=hall.entries[0], by=None)
    with act(motion):
        paper.issue_paper(motion=motion, entry=hall.entries[1], by=None)
    with act(motion):
        paper.return_unused(motion=motion, entry=hall.entries[1], by=None)
    with act(motion, "close_motion", cast=1):
        motion = voting.close_motion(motion, by=None)
    with act(motion, "enter_paper", reading=1, state="entered", issued=1, spoiled=0):
        sheets.enter_reading(motion, method="paper", reader=hall.people[0], numbers={"for": 1}, by=None)
    with act(motion, "enter_paper", reading=2, state="confirmed"):
        sheets.enter_reading(motion, method="paper", reader=hall.people[1], numbers={"for": 1}, by=None)
    with act(motion, "decide_motion"):
        voting.announce_result(motion, by=None)


def test_a_count_of_hands_at_one_place(act):
    hall = make_hall(6)
    place = hall.meeting.sessions.create(village=hall.village, number=3, place="小学操场")
    motion = voting.close_motion(open_vote(hall, method="hands"), by=None)
    with act(motion, "enter_hands", place=3):
        sheets.enter_hands(motion, reader=hall.people[0], counts={"for": 1}, session=place, by=None)
    assert "issued" not in AuditEntry.objects.latest("pk").detail


def test_what_two_officers_decide(act):
    hall = make_hall(6)
    for place in (3, 4):
        appoint(hall.people[place], "supervisory_member")
    motion = open_vote(hall)
    cast(motion, hall.entries[0])
    with act(motion, "interrupt_motion", was="open", marks=1, key=None):
        recovery.interrupt_running(backed_up_at=timezone.now())
    motion = Motion.objects.get()
    proposal = settling.propose_settling(motion, decision="annul", reason="停电", by=hall.account(3))
    settled = AuditEntry.objects.filter(action="settle_motion")
    two_people.decide(proposal, by=hall.account(4), accept=True)
    assert settled.get().actor_id == hall.account(4).pk


def test_a_settled_or_corrected_result_is_shown(told):
    hall = make_hall(6)
    for place in (3, 4):
        appoint(hall.people[place], "supervisory_member")
    running = open_vote(hall, method="hands")
    proposal = settling.propose_settling(running, decision="annul", reason="停电", by=hall.account(3))
    told.clear()
    two_people.decide(proposal, by=hall.account(4), accept=True)
    assert told == [hall.meeting.pk]
    motion = voting.close_motion(open_vote(hall, method="hands"), by=None)
    for person in hall.people[:2]:
        sheets.enter_hands(motion, reader=person, counts={"for": 2}, by=None)
    voting.announce_result(motion, by=None)
    motion.refresh_from_db()
    correction = settling.propose_correction(
        motion, motion.sheets.get(), numbers={"for_count": 3}, reason="数错", by=hall.account(3)
    )
    told.clear()
    with transaction.atomic():
        two_people.decide(correction, by=hall.account(4), accept=True)
    assert told == [hall.meeting.pk]


def test_a_box_that_does_not_agree_is_in_the_log():
    hall = make_hall(6)
    motion = open_vote(hall, secret=True)
    cast_secret(motion, hall.entries[0])
    motion.slips.all().delete()
    motion = voting.close_motion(motion, by=None)
    told = AuditEntry.objects.get(action="dispute_motion").detail
    assert (told["meeting"], told["motion"], told["why"]) == (hall.meeting.number, motion.number, motion.note)
    assert "有 1 人" in motion.note
    assert "能打开的票有 0 张，打不开的有 0 张" in motion.note
