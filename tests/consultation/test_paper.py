"""Papers at the table: one for each unit that has not voted, and no vote by phone beside it."""

from __future__ import annotations

import pytest

from audit.models import AuditEntry
from consultation import attendance, paper, sheets, voting
from consultation.balance import Papers
from consultation.errors import AlreadyVoted, CameLate, HoldsPaper, MotionNotOpen, NotCheckedIn, NotEntitled, WrongState
from consultation.models import Mark, PaperIssue
from tests.factories.consultation import make_hall, open_vote

pytestmark = pytest.mark.django_db


def cast(motion, entry, choice="for"):
    return voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=f"{entry.pk}")


def issue(motion, entry):
    return paper.issue_paper(motion=motion, entry=entry, by=None)


@pytest.fixture
def hall():
    return make_hall(8, present=6)


@pytest.fixture
def motion(hall):
    return open_vote(hall, method="paper_and_online")


def test_who_got_a_paper_does_not_vote_by_phone(hall, motion):
    issue(motion, hall.entries[0])
    with pytest.raises(HoldsPaper) as refused:
        cast(motion, hall.entries[0])
    assert "纸票" in str(refused.value.message)
    assert motion.marks.get(entry=hall.entries[0]).paper
    assert not motion.ballots.exists()


def test_who_voted_by_phone_gets_no_paper(hall, motion):
    cast(motion, hall.entries[0])
    with pytest.raises(AlreadyVoted) as refused:
        issue(motion, hall.entries[0])
    assert not isinstance(refused.value, HoldsPaper)
    assert "已经投过票" in str(refused.value.message)
    assert not PaperIssue.objects.exists()


def test_nobody_gets_two_papers(hall, motion):
    issue(motion, hall.entries[0])
    with pytest.raises(HoldsPaper):
        issue(motion, hall.entries[0])
    assert paper.papers_of(motion) == Papers(issued=1)


def test_a_spoiled_paper_is_exchanged_and_counted(hall, motion):
    issue(motion, hall.entries[0])
    paper.spoil_paper(motion=motion, entry=hall.entries[0], by=None)
    paper.spoil_paper(motion=motion, entry=hall.entries[0], by=None)
    assert paper.papers_of(motion) == Papers(issued=3, spoiled=2)
    assert paper.holders(motion) == [hall.entries[0]]
    assert Mark.objects.filter(motion=motion).count() == 1


def test_an_unused_paper_handed_back_frees_the_vote(hall, motion):
    issue(motion, hall.entries[0])
    paper.return_unused(motion=motion, entry=hall.entries[0], by=None)
    assert paper.papers_of(motion) == Papers()
    assert cast(motion, hall.entries[0]).choice == "for"
    with pytest.raises(AlreadyVoted):
        issue(motion, hall.entries[0])


def test_it_may_also_fetch_another_paper(hall, motion):
    for _turn in range(2):
        issue(motion, hall.entries[0])
        paper.return_unused(motion=motion, entry=hall.entries[0], by=None)
    issue(motion, hall.entries[0])
    assert paper.papers_of(motion) == Papers(issued=1)


@pytest.mark.parametrize("act", [paper.spoil_paper, paper.return_unused])
def test_who_has_no_paper_can_neither_change_nor_return_one(hall, motion, act):
    with pytest.raises(WrongState):
        act(motion=motion, entry=hall.entries[0], by=None)
    cast(motion, hall.entries[0])
    with pytest.raises(WrongState):
        act(motion=motion, entry=hall.entries[0], by=None)
    assert motion.ballots.count() == Mark.objects.filter(paper=False).count() == 1


def test_who_was_not_there_at_the_opening_gets_no_paper(hall, motion):
    with pytest.raises(NotCheckedIn):
        issue(motion, hall.entries[6])
    attendance.check_in(hall.meeting, [hall.entries[6]], method="recorder", by=None)
    with pytest.raises(CameLate):
        issue(motion, hall.entries[6])
    assert not Mark.objects.exists()


def test_nobody_of_another_meetings_roster_gets_a_paper(hall, motion):
    with pytest.raises(NotEntitled, match="名册"):
        issue(motion, make_hall(3).entries[0])
    assert not Mark.objects.exists()


def test_no_papers_where_the_motion_has_none(hall):
    motion = open_vote(hall, method="online")
    with pytest.raises(WrongState):
        issue(motion, hall.entries[0])


def test_papers_move_only_while_the_motion_is_open(hall, motion):
    issue(motion, hall.entries[0])
    paused = voting.pause_motion(motion, by=None)
    for act in (paper.issue_paper, paper.spoil_paper, paper.return_unused):
        with pytest.raises(MotionNotOpen, match="暂停"):
            act(motion=paused, entry=hall.entries[0], by=None)
    closed = voting.close_motion(paused, by=None)
    for act in (paper.issue_paper, paper.spoil_paper, paper.return_unused):
        with pytest.raises(MotionNotOpen):
            act(motion=closed, entry=hall.entries[0], by=None)
    assert paper.papers_of(motion) == Papers(issued=1)


def test_nobody_votes_by_phone_in_a_motion_on_paper_only(hall):
    motion = open_vote(hall, method="paper")
    with pytest.raises(voting.NotEntitled, match="纸票"):
        cast(motion, hall.entries[0])


def test_a_paper_keeps_no_time(hall, motion):
    issue(motion, hall.entries[0])
    kinds = {field.get_internal_type() for field in PaperIssue._meta.get_fields()}
    kinds |= {field.get_internal_type() for field in Mark._meta.get_fields()}
    assert not kinds & {"DateTimeField", "DateField", "TimeField"}


def test_the_log_says_how_many_papers_went_out_and_not_to_whom(hall, motion):
    from audit.models import AuditEntry

    before = AuditEntry.objects.latest("pk").pk
    for entry in hall.entries[:3]:
        issue(motion, entry)
    paper.spoil_paper(motion=motion, entry=hall.entries[0], by=hall.recorder)
    assert not AuditEntry.objects.filter(pk__gt=before).exists()
    closed = voting.close_motion(motion, by=None)
    numbers = {"for": 2, "against": 0, "not_returned": 1}
    sheets.enter_reading(closed, method="paper", reader=hall.people[0], numbers=numbers, by=None)
    told = AuditEntry.objects.latest("pk")
    assert (told.action, told.detail["issued"], told.detail["spoiled"]) == ("enter_paper", 4, 1)
    assert not {"for", "numbers", "counts"} & set(told.detail)


def test_closing_puts_down_how_many_papers_went_out(hall, motion):
    for entry in hall.entries[:3]:
        issue(motion, entry)
    paper.spoil_paper(motion=motion, entry=hall.entries[0], by=None)
    paper.return_unused(motion=motion, entry=hall.entries[1], by=None)
    cast(motion, hall.entries[3])
    voting.close_motion(motion, by=None)
    told = AuditEntry.objects.get(action="close_motion").detail
    assert told == {"meeting": 1, "motion": 1, "cast": 3, "papers_issued": 3, "papers_spoiled": 1}
    without = open_vote(make_hall(4))
    voting.close_motion(without, by=None)
    assert "papers_issued" not in AuditEntry.objects.filter(action="close_motion").latest("pk").detail
