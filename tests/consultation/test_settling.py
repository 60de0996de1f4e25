"""What two officers decide about a vote: void, counted as it is, or a count by people corrected."""

from __future__ import annotations

import json

import pytest
from django.db import transaction
from django.utils import timezone

from audit.models import AuditEntry
from consultation import attendance, key_store, meetings, paper, recovery, secret_ballots, settling, sheets, voting
from consultation.bulletin_text import board_code, slip_key
from consultation.bulletins import bulletin_of
from consultation.errors import Invalid, WrongState
from consultation.models import Kiosk, Motion, Slip
from residents import two_people
from residents.models import Proposal, Resident
from residents.two_people import NotWaiting, propose
from tests.factories.acting import make_kiosk
from tests.factories.consultation import Hall, call, close_vote, make_hall, open_vote, split
from tests.factories.residents import appoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall():
    hall = make_hall(8)
    for place in (3, 4):
        appoint(hall.people[place], "supervisory_member")
    return hall


def settle(hall: Hall, motion: Motion, decision: str, reason: str = "停电") -> None:
    """One officer proposes, the other agrees."""
    proposal = settling.propose_settling(motion, decision=decision, reason=reason, by=hall.account(3))
    agree(hall, proposal)


def agree(hall: Hall, proposal: Proposal) -> None:
    with transaction.atomic():
        two_people.decide(proposal, by=hall.account(4), accept=True)


def cast_secret(motion: Motion, entry, choice: str = "for") -> None:
    secret = entry.pk.to_bytes(16, "big")
    secret_ballots.cast_secret(
        motion=motion, entry=entry, choice=choice, slip=slip_key(secret), board=board_code(secret)
    )


def fresh(motion: Motion) -> Motion:
    return Motion.objects.get(pk=motion.pk)


def interrupted(hall: Hall, **fields) -> Motion:
    """A vote with three ballots in the box that a restored backup found open."""
    motion = open_vote(hall, **fields)
    for entry in hall.entries[:3]:
        if motion.by_phone and motion.secret:
            cast_secret(motion, entry)
        elif motion.by_phone:
            voting.cast_ballot(motion=motion, entry=entry, choice="for", key=f"{entry.pk}")
    recovery.interrupt_running(backed_up_at=timezone.now())
    return fresh(motion)


def counted_by_hands(hall: Hall, **numbers: int) -> Motion:
    motion = voting.close_motion(open_vote(hall, method="hands"), by=None)
    for person in hall.people[:2]:
        sheets.enter_hands(motion, reader=person, counts=numbers, by=None)
    voting.announce_result(motion, by=None)
    return fresh(motion)


def correction(hall: Hall, motion: Motion, **numbers: int) -> Proposal:
    return settling.propose_correction(
        motion, motion.sheets.get(), numbers=numbers, reason=" 数错了 ", by=hall.account(3)
    )


# Void, or counted as it is


@pytest.mark.parametrize(
    ("state", "choices"),
    [
        ("announced", []), ("open", ["annul"]), ("paused", ["annul"]), ("closing", ["annul"]),
        ("disputed", ["annul", "count"]), ("interrupted", ["annul", "count"]), ("sealed", []), ("published", []),
        ("annulled", []),
    ],
)  # fmt: skip
def test_what_may_be_decided_follows_from_the_state(state, choices):
    assert settling.choices_for(Motion(state=state)) == choices


def test_a_proposal_needs_a_reason_and_a_state_it_fits(hall):
    motion = open_vote(hall)
    with pytest.raises(Invalid) as refused:
        settling.propose_settling(motion, decision="annul", reason="  ", by=hall.account(3))
    assert refused.value.field == "reason"
    with pytest.raises(WrongState):
        settling.propose_settling(motion, decision="count", reason="停电", by=hall.account(3))
    assert not settling.waiting_for(motion)


def test_the_second_officer_reads_what_it_is_about_and_why(hall):
    motion = open_vote(hall, text="修水渠")
    reason = "停" * 300
    proposal = settling.propose_settling(motion, decision="annul", reason=f" {reason} ", by=hall.account(3))
    assert [text for _label, text in proposal.payload["words"]] == [
        hall.meeting.title, "修水渠", "作废这次表决", reason[:200],
    ]  # fmt: skip
    assert proposal.payload["reason"] == reason[:200]
    assert proposal.summary == "作废这次表决：修水渠"
    assert settling.waiting_for(motion) == [proposal]


@pytest.mark.parametrize("order", [(0, 3), (3, 0)], ids=["the chair first", "the committee first"])
def test_the_meetings_chair_and_one_of_the_committee_are_two_officers(hall, order):
    motion = open_vote(hall)
    first, second = (hall.account(place) for place in order)
    proposal = settling.propose_settling(motion, decision="annul", reason="念错了题目", by=first)
    two_people.decide(proposal, by=second, accept=True)
    assert fresh(motion).state == "annulled"


def test_who_chairs_no_more_or_another_meeting_is_not_one_of_the_two(hall):
    motion = open_vote(hall)
    proposal = settling.propose_settling(motion, decision="annul", reason="念错了题目", by=hall.chair)
    meetings.hand_over(hall.meeting, role="chair", to=hall.people[6], by=None)
    with pytest.raises(two_people.Forbidden):
        two_people.decide(proposal, by=hall.account(3), accept=True)
    meetings.publish_notice(call(hall.village, hall.people[5:]), by=None)  # chaired by the first of these
    with pytest.raises(two_people.Forbidden):
        two_people.decide(proposal, by=hall.account(5), accept=True)
    appoint(hall.people[7], "village_admin")
    with pytest.raises(two_people.Forbidden):
        two_people.decide(proposal, by=hall.account(7), accept=True)
    assert fresh(motion).state == "open"


def test_a_vote_that_moved_on_meanwhile_is_not_settled(hall):
    motion = open_vote(hall)
    proposal = settling.propose_settling(motion, decision="annul", reason="停电", by=hall.account(3))
    voting.pause_motion(motion, by=None)
    with pytest.raises(NotWaiting, match="请重新提出"):
        agree(hall, proposal)
    assert fresh(motion).state == "paused"


def test_a_vote_that_is_gone_is_not_settled(hall):
    motion = open_vote(hall)
    proposal = settling.propose_settling(motion, decision="annul", reason="停电", by=hall.account(3))
    motion.delete()
    with pytest.raises(NotWaiting, match="不在了"):
        agree(hall, proposal)


def test_what_was_void_says_why_and_when(hall):
    motion = open_vote(hall, secret=True)
    cast_secret(motion, hall.entries[0])
    settle(hall, motion, "annul", "念错了题目")
    motion = fresh(motion)
    assert (motion.state, motion.note) == ("annulled", "念错了题目")
    assert motion.closed_at is not None
    assert not motion.slips.exists()
    told = AuditEntry.objects.get(action="settle_motion").detail
    assert (told["decision"], told["reason"], told["motion"]) == ("annul", "念错了题目", motion.number)
    assert told["meeting"] == hall.meeting.number


@pytest.mark.django_db(transaction=True)
def test_the_key_of_a_void_vote_is_destroyed(hall):
    motion = open_vote(hall, secret=True)
    ref = motion.key_ref
    settle(hall, motion, "annul")
    assert fresh(motion).key_ref == ""
    with pytest.raises(key_store.KeyStoreError):
        key_store.get_key_store().read(ref)


@pytest.mark.django_db(transaction=True)
def test_a_vote_stays_void_where_cleaning_up_after_it_fails(hall, monkeypatch):
    def fails(village_id):
        raise RuntimeError("no disk")

    monkeypatch.setattr(settling, "tidy_up", fails)
    motion = open_vote(hall, secret=True)
    settle(hall, motion, "annul")
    assert fresh(motion).state == "annulled"


def test_a_vote_void_after_it_was_stopped_keeps_the_time_it_stopped(hall):
    motion = voting.close_motion(open_vote(hall, method="hands"), by=None)
    settle(hall, motion, "annul")
    assert fresh(motion).closed_at == motion.closed_at


@pytest.mark.parametrize("secret", [True, False])
def test_an_interrupted_vote_is_counted_with_what_is_in_the_box(hall, secret):
    motion = interrupted(hall, secret=secret)
    settle(hall, motion, "count")
    motion = fresh(motion)
    assert (motion.state, motion.latest_decision.counts) == ("published", {"for": 3, "against": 0, "abstain": 0})
    assert motion.closed_at is not None
    assert json.loads(bulletin_of(motion).body)["reason"] == motion.latest_decision.reason == "停电"


@pytest.mark.parametrize(("method", "secret"), [("hands", False), ("belenios", True)])
def test_an_interrupted_count_by_people_goes_on_at_the_count(hall, method, secret):
    """One on paper or elsewhere may be secret, and has no key to miss."""
    motion = interrupted(hall, method=method, secret=secret)
    settle(hall, motion, "count")
    assert fresh(motion).state == "closing"
    for person in hall.people[:2]:
        sheets.enter_reading(motion, method=method, reader=person, numbers={"for": 5}, by=None)
    assert voting.announce_result(motion, by=None).counts["for"] == 5


def test_a_box_that_does_not_agree_after_an_interruption_is_disputed(hall):
    motion = interrupted(hall, secret=True)
    Slip.objects.first().delete()
    settle(hall, motion, "count")
    assert fresh(motion).state == "disputed"
    settle(hall, fresh(motion), "count", "丢了一张")
    assert fresh(motion).latest_decision.counts["for"] == 2


def test_without_its_key_an_interrupted_vote_can_only_be_void(hall):
    motion = interrupted(hall, secret=True)
    key_store.get_key_store().destroy(motion.key_ref)
    with pytest.raises(NotWaiting, match="钥匙没有了"):
        settle(hall, motion, "count")
    assert fresh(motion).state == "interrupted"
    settle(hall, fresh(motion), "annul")
    assert fresh(motion).state == "annulled"


def test_an_interrupted_vote_waits_for_another_that_runs(hall):
    motion = interrupted(hall)
    open_vote(hall, text="另一项")
    with pytest.raises(NotWaiting, match="另一项正在表决"):
        settle(hall, motion, "count")
    assert fresh(motion).state == "interrupted"


def test_more_votes_than_people_cannot_be_counted(hall):
    motion = open_vote(hall)
    for entry in hall.entries[:3]:
        voting.cast_ballot(motion=motion, entry=entry, choice="for", key=f"{entry.pk}")
    Motion.objects.filter(pk=motion.pk).update(present_count=2)
    motion = voting.close_motion(motion, by=None)
    assert (motion.state, motion.note) == ("disputed", "票数比到会的人还多。")
    with pytest.raises(NotWaiting, match="只能作废重投"):
        settle(hall, motion, "count")
    assert fresh(motion).state == "disputed"


# What a restored backup found open


def test_a_restored_backup_stops_what_ran_and_says_what_is_left_of_it(hall):
    others = make_hall(6), make_hall(6)
    running = open_vote(hall, secret=True)
    cast_secret(running, hall.entries[0])
    paused = voting.pause_motion(open_vote(others[0]), by=None)
    lost = open_vote(others[1], secret=True)
    key_store.get_key_store().destroy(lost.key_ref)
    done = close_vote(make_hall(6))
    then = timezone.now()
    assert recovery.interrupt_running(backed_up_at=then) == [running, paused, lost]
    assert {fresh(motion).state for motion in (running, paused, lost)} == {"interrupted"}
    assert fresh(done).state == "published"
    told = [entry.detail for entry in AuditEntry.objects.filter(action="interrupt_motion").order_by("pk")]
    assert [(one["was"], one["marks"], one["key"]) for one in told] == [
        ("open", 1, True), ("paused", 0, None), ("open", 0, False),
    ]  # fmt: skip
    assert {one["backed_up_at"] for one in told} == {then.isoformat()}
    assert [one["meeting"] for one in told] == [hall.meeting.number, *(other.meeting.number for other in others)]
    assert recovery.interrupt_running(backed_up_at=then) == []


def test_nobody_alone_counts_what_a_backup_found_open(hall):
    """The chair's page of before still has the button that stops a vote."""
    motion = open_vote(hall)
    recovery.interrupt_running(backed_up_at=timezone.now())
    with pytest.raises(WrongState, match="要由两个人决定"):
        voting.close_motion(motion, by=hall.chair)
    open_vote(hall)
    with pytest.raises(WrongState):  # and beside another one it can not be counted at all
        voting.close_motion(motion, by=hall.chair)
    assert fresh(motion).state == "interrupted"


def test_no_tablet_is_trusted_after_a_restored_backup(hall):
    open_vote(hall)
    tablet, _token = make_kiosk(hall)
    assert recovery.end_tablets() == 1
    tablet.refresh_from_db()
    assert tablet.ended_at is not None
    assert tablet.entry is None
    assert recovery.end_tablets() == 0
    assert Kiosk.objects.count() == 1


# Corrections


def test_a_correction_is_a_new_version_with_its_reason(hall):
    motion = counted_by_hands(hall, **{"for": 5, "against": 1})
    proposal = correction(hall, motion, for_count=3, against_count=3, abstain_count=0)
    assert proposal.summary == f"更正计票：{motion.text}"
    assert proposal.payload["words"] == [
        ["会议", hall.meeting.title], ["表决事项", motion.text], ["计票单", "举手"], ["赞成", "5 → 3"],
        ["反对", "1 → 3"], ["原因", "数错了"],
    ]  # fmt: skip
    assert settling.waiting_for(motion) == [proposal]
    agree(hall, proposal)
    sheet = motion.sheets.get()
    assert (sheet.entered_by, sheet.confirmed_by) == (hall.people[3].name, hall.people[4].name)
    first, second = motion.decisions.order_by("version")
    assert (first.version, first.counts["for"], first.outcome) == (1, 5, "carried")
    assert (second.version, second.counts["for"], second.outcome, second.reason) == (2, 3, "tied", "数错了")
    assert fresh(motion).latest_decision == second


def test_a_correction_needs_a_result_a_reason_and_a_change(hall):
    running = voting.close_motion(open_vote(hall, method="hands"), by=None)
    sheet = sheets.enter_hands(running, reader=hall.people[0], counts={"for": 5}, by=None)
    with pytest.raises(WrongState):
        settling.propose_correction(running, sheet, numbers={"for_count": 4}, reason="错", by=hall.account(3))
    sheets.enter_hands(running, reader=hall.people[1], counts={"for": 5}, by=None)
    voting.announce_result(running, by=None)
    motion, sheet = fresh(running), running.sheets.get()
    with pytest.raises(Invalid) as refused:
        settling.propose_correction(motion, sheet, numbers={"for_count": 4}, reason=" ", by=hall.account(3))
    assert refused.value.field == "reason"
    for same in ({"for_count": 5, "against_count": 0}, {}, {"base_count": 3}):
        with pytest.raises(Invalid, match="和原来一样"):
            settling.propose_correction(motion, sheet, numbers=same, reason="错", by=hall.account(3))


def test_a_long_reason_is_kept_as_far_as_there_is_room(hall):
    motion = counted_by_hands(hall, **{"for": 5})
    proposal = settling.propose_correction(
        motion, motion.sheets.get(), numbers={"for_count": 4}, reason="错" * 300, by=hall.account(3)
    )
    assert proposal.payload["reason"] == proposal.payload["words"][-1][1] == "错" * 200


def test_of_two_corrections_only_one_is_made(hall):
    motion = counted_by_hands(hall, **{"for": 5})
    first = correction(hall, motion, for_count=4)
    with pytest.raises(WrongState, match="等另一位同意"):
        correction(hall, motion, for_count=6)
    # Said by two officers in the same moment.
    second = propose(
        kind=first.kind, summary=first.summary, payload=first.payload, by=hall.account(3), village=motion.village
    )
    agree(hall, first)
    with pytest.raises(NotWaiting, match="请重新提出"):
        agree(hall, second)
    assert motion.decisions.count() == 2


def test_a_sheet_that_is_gone_is_not_corrected(hall):
    motion = counted_by_hands(hall, **{"for": 5})
    proposal = correction(hall, motion, for_count=4)
    motion.sheets.all().delete()
    with pytest.raises(NotWaiting):
        agree(hall, proposal)


def test_a_correction_that_cannot_be_is_refused_and_changes_nothing(hall):
    motion = counted_by_hands(hall, **{"for": 5})
    with pytest.raises(Invalid, match="加起来对不上"):
        correction(hall, motion, for_count=9)
    assert not settling.waiting_for(motion)
    # What was true when it was said may not be any more when the second officer agrees.
    proposal = correction(hall, motion, for_count=4)
    motion.sheets.update(base_count=5)
    proposal.payload["numbers"]["for_count"] = 6
    proposal.save()
    with pytest.raises(NotWaiting, match="加起来对不上"):
        agree(hall, proposal)
    assert motion.sheets.get().for_count == 5
    assert motion.decisions.count() == 1


def test_of_two_corrections_that_count_the_same_hands_twice_the_first_is_made():
    hall = make_hall(6, present=0)
    for place in (3, 4):
        appoint(hall.people[place], "supervisory_member")
    (school,) = split(hall, "小学操场")
    attendance.check_in(hall.meeting, hall.entries, method="recorder", by=None, session=school)
    motion = voting.close_motion(open_vote(hall, method="hands"), by=None)
    for place in (None, school):
        for person in hall.people[:2]:
            sheets.enter_hands(motion, reader=person, counts={}, by=None, session=place)
    voting.announce_result(motion, by=None)
    motion = fresh(motion)
    whole, there = [
        settling.propose_correction(motion, sheet, numbers={"for_count": 4}, reason="漏记了", by=hall.account(3))
        for sheet in motion.sheets.order_by("pk")
    ]
    agree(hall, there)
    with pytest.raises(NotWaiting, match="按会场分开数过"):
        agree(hall, whole)
    assert motion.latest_decision.counts["for"] == 4


def test_the_result_of_an_election_held_elsewhere_is_corrected(hall):
    motion = voting.close_motion(open_vote(hall, method="belenios", secret=True), by=None)
    for person in hall.people[:2]:
        sheets.enter_reading(motion, method="belenios", reader=person, numbers={"for": 3, "blank": 1}, by=None)
    voting.announce_result(motion, by=None)
    motion = fresh(motion)
    agree(hall, correction(hall, motion, for_count=4, invalid_count=1))
    sheet = motion.sheets.get()
    assert (sheet.for_count, sheet.blank_count, sheet.invalid_count, sheet.returned_count) == (4, 1, 1, 6)
    assert [one.counts["for"] for one in motion.decisions.order_by("version")] == [3, 4]


def test_corrected_papers_still_add_up_and_keep_the_numbers_of_who_voted_by_phone(hall):
    motion = open_vote(hall, method="paper_and_online")
    for entry in hall.entries[:4]:
        paper.issue_paper(motion=motion, entry=entry, by=None)
    for entry in hall.entries[4:]:
        voting.cast_ballot(motion=motion, entry=entry, choice="against", key=f"{entry.pk}")
    motion = voting.close_motion(motion, by=None)
    for person in hall.people[:2]:
        sheets.enter_reading(motion, method="paper", reader=person, numbers={"for": 3, "not_returned": 1}, by=None)
    voting.announce_result(motion, by=None)
    motion = fresh(motion)
    with pytest.raises(Invalid):
        correction(hall, motion, for_count=4)
    agree(hall, correction(hall, motion, for_count=4, not_returned_count=0))
    sheet = motion.sheets.get()
    assert (sheet.returned_count, sheet.issued_count, sheet.confirmed_by) == (4, 4, hall.people[4].name)
    codes = [json.loads(one.body)["codes"] for one in motion.bulletins.order_by("version")]
    assert codes[0] == codes[1]
    assert len(codes[0]) == 4


def test_an_officer_who_is_on_no_roll_is_named_by_the_account(hall):
    assert settling._name(None, hall.account(3)) == hall.account(3).get_full_name()
    assert settling._name(None, None) == ""
    assert settling._name(Resident(name="长" * 70), None) == "长" * 60
