"""Paper and phone at the same moment, on real transactions: one vote each, whoever comes first."""

from __future__ import annotations

import pytest

from consultation import paper, sheets, voting
from consultation.models import Ballot, Mark, Motion, PaperIssue, Sheet
from tests.factories.consultation import make_big_hall, make_hall, open_vote
from tests.threads import all_at_once, kinds

pytestmark = pytest.mark.usefixtures("committed_db")


def cast(motion, entry):
    return lambda: voting.cast_ballot(motion=motion, entry=entry, choice="for", key=f"{entry.pk}")


def issue(motion, entry):
    return lambda: paper.issue_paper(motion=motion, entry=entry, by=None)


def test_paper_and_phone_race_for_one_vote_and_one_wins():
    hall = make_big_hall(40)
    motion = open_vote(hall, method="paper_and_online")
    acts = []
    for entry in hall.entries:
        acts += [issue(motion, entry), cast(motion, entry), issue(motion, entry)]
    answers = all_at_once(acts)

    said = kinds(answers)
    assert set(said) <= {"PaperIssue", "Ballot", "HoldsPaper", "AlreadyVoted"}
    assert said.get("PaperIssue", 0) + said.get("Ballot", 0) == 40
    by_phone = set(Ballot.objects.values_list("entry_id", flat=True))
    on_paper = set(PaperIssue.objects.values_list("entry_id", flat=True))
    assert not by_phone & on_paper
    assert len(by_phone | on_paper) == Mark.objects.filter(motion=motion).count() == 40
    assert set(Mark.objects.filter(paper=True).values_list("entry_id", flat=True)) == on_paper


def test_a_paper_handed_back_while_its_holder_votes_by_phone():
    hall = make_big_hall(20)
    motion = open_vote(hall, method="paper_and_online")
    for entry in hall.entries:
        issue(motion, entry)()
    acts = []
    for entry in hall.entries:
        acts += [
            lambda entry=entry: paper.return_unused(motion=motion, entry=entry, by=None),
            cast(motion, entry),
            lambda entry=entry: paper.spoil_paper(motion=motion, entry=entry, by=None),
        ]
    answers = all_at_once(acts)

    assert set(kinds(answers)) <= {"NoneType", "Ballot", "HoldsPaper", "PaperIssue", "WrongState"}
    out = set(PaperIssue.objects.filter(state="out").values_list("entry_id", flat=True))
    by_phone = set(Ballot.objects.values_list("entry_id", flat=True))
    marks = dict(Mark.objects.filter(motion=motion).values_list("entry_id", "paper"))
    assert not out & by_phone
    assert {entry for entry, on_paper in marks.items() if on_paper} == out
    assert {entry for entry, on_paper in marks.items() if not on_paper} == by_phone


def test_closing_while_papers_go_out_counts_exactly_those_that_did():
    hall = make_big_hall(40)
    motion = open_vote(hall, method="paper_and_online")
    acts = [issue(motion, entry) for entry in hall.entries]
    acts.insert(20, lambda: voting.close_motion(motion, by=None))
    acts.insert(22, lambda: voting.close_motion(motion, by=None))
    answers = all_at_once(acts, threads=8)

    said = kinds(answers)
    assert set(said) <= {"PaperIssue", "Motion", "MotionNotOpen", "WrongState"}
    assert said["Motion"] == said["WrongState"] == 1
    out = said.get("PaperIssue", 0)
    assert paper.papers_of(Motion.objects.get()).issued == Mark.objects.count() == out
    for person in hall.people[:2]:
        sheet = sheets.enter_reading(motion, method="paper", reader=person, numbers={"for": out}, by=None)
    assert (sheet.state, sheet.issued_count) == ("confirmed", out)
    assert voting.announce_result(motion, by=None).counts["for"] == out


def test_two_people_confirming_papers_at_once_confirm_them_once():
    hall = make_hall(9)
    motion = open_vote(hall, method="paper")
    for entry in hall.entries:
        issue(motion, entry)()
    motion = voting.close_motion(motion, by=None)
    typed = {"for": 6, "against": 2, "blank": 1}
    acts = [
        lambda person=person: sheets.enter_reading(motion, method="paper", reader=person, numbers=typed, by=None)
        for person in hall.people[:4]
    ]
    acts += [lambda: voting.announce_result(motion, by=None)] * 4
    answers = all_at_once(acts, threads=8)

    assert kinds(answers[:4]) == {"Sheet": 2, "WrongState": 2}
    sheet = Sheet.objects.get()
    assert (sheet.state, sheet.readings.count(), sheet.returned_count) == ("confirmed", 2, 9)
    assert kinds(answers[4:]).get("Decision", 0) <= 1
    assert set(kinds(answers[4:])) <= {"Decision", "WrongState"}
