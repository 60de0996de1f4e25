"""Two hands at once, on real transactions: every thread has a connection of its own."""

import threading

import pytest
from django.db import transaction

from consultation import attendance, paper, sheets, voting
from consultation.bulletin_text import board_code, slip_key
from consultation.models import Attendance, Ballot, Decision, Mark, Meeting, Motion, Sheet
from consultation.secret_ballots import cast_secret
from tests.factories.consultation import call, make_big_hall, make_hall, open_vote
from tests.factories.residents import make_resident, make_village
from tests.threads import all_at_once, kinds

pytestmark = pytest.mark.usefixtures("committed_db")

CHOICES = ("for", "against", "abstain")


def caster(motion, entry, choice, key):
    return lambda: voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=key)


def test_two_presses_of_one_button_are_one_ballot():
    """200 voters, each with two requests in flight under one key: both are told the same success."""
    hall = make_big_hall(200)
    motion = open_vote(hall)
    acts = []
    for number, entry in enumerate(hall.entries):
        acts += [caster(motion, entry, CHOICES[number % 3], f"key-{entry.pk}")] * 2
    answers = all_at_once(acts)

    assert kinds(answers) == {"Ballot": 400}
    assert [first.pk for first in answers[::2]] == [second.pk for second in answers[1::2]]
    assert Ballot.objects.filter(motion=motion).count() == 200
    assert Mark.objects.filter(motion=motion).values("entry").distinct().count() == 200
    decision = voting.close_motion(motion, by=None).latest_decision
    assert decision.counts == {"for": 67, "against": 67, "abstain": 66}


def test_two_phones_for_one_household_are_one_ballot():
    """200 voters, each from two phones with different wishes: one is accepted, the other is told so."""
    hall = make_big_hall(200)
    motion = open_vote(hall)
    acts = []
    for entry in hall.entries:
        acts += [caster(motion, entry, "for", f"a-{entry.pk}"), caster(motion, entry, "against", f"b-{entry.pk}")]
    answers = all_at_once(acts)

    assert kinds(answers) == {"AlreadyVoted": 200, "Ballot": 200}
    accepted = [answer for answer in answers if isinstance(answer, Ballot)]
    stored = dict(Ballot.objects.filter(motion=motion).values_list("entry_id", "choice"))
    assert {ballot.entry_id: ballot.choice for ballot in accepted} == stored
    assert len(stored) == Mark.objects.filter(motion=motion).count() == 200
    decision = voting.close_motion(motion, by=None).latest_decision
    wishes = [ballot.choice for ballot in accepted]
    assert decision.counts == {"for": wishes.count("for"), "against": wishes.count("against"), "abstain": 0}
    assert decision.cast == 200


def test_closing_with_500_ballots_in_flight_counts_what_was_acknowledged_and_nothing_else():
    """Trap 9 of the live path: closing races with ballots in flight. The closing starts after the first hundred."""
    hall = make_big_hall(500)
    motion = open_vote(hall)
    entries = hall.entries
    many = threading.Event()
    acknowledged = []

    def casting(entry, choice):
        def act():
            ballot = voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=f"key-{entry.pk}")
            acknowledged.append(ballot.entry_id)
            if len(acknowledged) >= 100:
                many.set()
            return ballot

        return act

    def closing():
        assert many.wait(30)
        return voting.close_motion(motion, by=None)

    racing = [casting(entry, CHOICES[number % 3]) for number, entry in enumerate(entries[:450])]
    closed, *answers = all_at_once([closing, *racing])
    # Whoever presses after the chair is refused, however the race above went.
    answers += all_at_once([casting(entry, "for") for entry in entries[450:]])

    assert isinstance(closed, Motion)
    ballots = [answer for answer in answers if isinstance(answer, Ballot)]
    assert set(kinds(answers)) == {"Ballot", "MotionNotOpen"}
    assert {ballot.entry_id for ballot in ballots} == set(acknowledged)
    assert len(acknowledged) == len(ballots) >= 100
    stored = dict(Ballot.objects.filter(motion=motion).values_list("entry_id", "choice"))
    assert stored == {ballot.entry_id: ballot.choice for ballot in ballots}
    assert set(Mark.objects.filter(motion=motion).values_list("entry_id", flat=True)) == set(stored)
    decision = Decision.objects.get(motion=motion)
    assert decision.counts == {choice: list(stored.values()).count(choice) for choice in CHOICES}
    # A retry of an acknowledged ballot is the same success even now; of a refused one the same refusal.
    first, last = ballots[0], entries[-1]
    again = voting.cast_ballot(motion=motion, entry=first.entry, choice=first.choice, key=first.key)
    assert again.pk == first.pk
    with pytest.raises(voting.MotionNotOpen):
        voting.cast_ballot(motion=motion, entry=last, choice="for", key=f"key-{last.pk}")
    assert Decision.objects.get(motion=motion).cast == len(stored) == Ballot.objects.filter(motion=motion).count()


def write_down(motion, entry):
    voting.cast_ballot(motion=motion, entry=entry, choice="for", key="a")


def put_in(motion, entry):
    own = bytes(16)
    cast_secret(motion=motion, entry=entry, choice="for", slip=slip_key(own), board=board_code(own))


def change(motion, entry):
    voting.cast_ballot(motion=motion, entry=entry, choice="for", key="b")


def change_secretly(motion, entry):
    own = bytes(16)
    cast_secret(motion=motion, entry=entry, choice="for", slip=slip_key(own), board=board_code(own), turn=2)


@pytest.mark.parametrize("ballot", [write_down, put_in, change, change_secretly])
def test_a_closing_waits_for_the_ballot_in_flight(ballot):
    """The ballot is written but not yet committed when the chair presses: it counts, and the closing comes after."""
    hall = make_hall()
    motion = open_vote(hall, secret=ballot in (put_in, change_secretly), changeable=True)
    if ballot is change:
        voting.cast_ballot(motion=motion, entry=hall.entries[0], choice="against", key="a")
    elif ballot is change_secretly:
        put_in(motion, hall.entries[0])
    cast, closing_begins = threading.Event(), threading.Event()
    order = []

    def slow_ballot():
        with transaction.atomic():
            ballot(motion, hall.entries[0])
            cast.set()
            assert closing_begins.wait(10)
            # Long enough for a closing that does not wait to get through.
            threading.Event().wait(0.3)
            order.append("ballot")

    def close():
        assert cast.wait(10)
        closing_begins.set()
        voting.close_motion(motion, by=None)
        order.append("closing")

    assert kinds(all_at_once([slow_ballot, close])) == {"NoneType": 2}
    assert order == ["ballot", "closing"]
    assert Decision.objects.get(motion=motion).counts == {"for": 1, "against": 0, "abstain": 0}


@pytest.mark.parametrize("act", [paper.issue_paper, paper.spoil_paper, paper.return_unused])
def test_a_closing_waits_for_the_paper_that_is_just_changing_hands(act):
    hall = make_hall()
    motion = open_vote(hall, method="paper")
    if act is not paper.issue_paper:
        paper.issue_paper(motion=motion, entry=hall.entries[0], by=None)
    moved, order = threading.Event(), []

    def at_the_table():
        with transaction.atomic():
            act(motion=motion, entry=hall.entries[0], by=None)
            moved.set()
            threading.Event().wait(0.3)
            order.append("paper")

    def close():
        assert moved.wait(10)
        voting.close_motion(motion, by=None)
        order.append("closing")

    assert kinds(all_at_once([at_the_table, close])) == {"NoneType": 2}
    assert order == ["paper", "closing"]


@pytest.mark.postgres
def test_a_ballot_does_not_wait_for_another_ballot():
    """Casters share the lock. (SQLite has one writer at a time, whatever the lock.)"""
    hall = make_hall()
    motion = open_vote(hall)
    first_holds, second_done = threading.Event(), threading.Event()

    def slow_ballot():
        with transaction.atomic():
            voting.cast_ballot(motion=motion, entry=hall.entries[0], choice="for", key="a")
            first_holds.set()
            return second_done.wait(10)

    def quick_ballot():
        assert first_holds.wait(10)
        voting.cast_ballot(motion=motion, entry=hall.entries[1], choice="for", key="b")
        second_done.set()
        return True

    assert all_at_once([slow_ballot, quick_ballot]) == [True, True]


def test_two_chairs_open_one_motion_once():
    hall = make_hall()
    motion = voting.table_motion(meeting=hall.meeting, text="路灯", method="online", by=None)
    answers = all_at_once([lambda: voting.open_motion(motion, by=None)] * 2)

    assert kinds(answers) == {"Motion": 1, "WrongState": 1}
    motion.refresh_from_db()
    assert (motion.state, motion.opening) == ("open", 1)
    assert Meeting.objects.get(pk=hall.meeting.pk).openings == 1


def test_of_two_motions_opened_at_once_one_runs():
    hall = make_hall()
    motions = [
        voting.table_motion(meeting=hall.meeting, text=text, method="online", by=None) for text in ("路灯", "水渠")
    ]
    answers = all_at_once([lambda motion=motion: voting.open_motion(motion, by=None) for motion in motions])

    assert kinds(answers) == {"Motion": 1, "WrongState": 1}
    assert Motion.objects.filter(meeting=hall.meeting).running().count() == 1
    assert Meeting.objects.get(pk=hall.meeting.pk).openings == 1


def test_two_closings_decide_once():
    hall = make_hall()
    motion = open_vote(hall)
    answers = all_at_once([lambda: voting.close_motion(motion, by=None)] * 4)

    assert kinds(answers) == {"Motion": 1, "WrongState": 3}
    assert Decision.objects.filter(motion=motion).count() == 1


def test_who_is_counted_as_present_is_who_may_cast_while_people_still_stream_in():
    """Three openings amid arrivals and departures: present_count is exactly those whose ballot is then accepted."""
    hall = make_big_hall(90)
    entries = hall.entries
    # Sixty are there from the start (two thirds of ninety), thirty come and go during the openings.
    with transaction.atomic():
        for entry in entries[60:]:
            attendance.check_out(hall.meeting, entry, by=None)
    for turn in range(3):
        motion = voting.table_motion(meeting=hall.meeting, text=f"第{turn}项", method="online", by=None)
        arriving = entries[60 + turn * 10 : 70 + turn * 10]
        leaving = entries[50 + turn * 10 : 60 + turn * 10] if turn else []
        acts = [
            lambda entry=entry: attendance.check_in(hall.meeting, [entry], method="recorder", by=None)
            for entry in arriving
        ] + [lambda entry=entry: attendance.check_out(hall.meeting, entry, by=None) for entry in leaving]
        acts.insert(len(acts) // 2, lambda motion=motion: voting.open_motion(motion, by=None))
        answers = all_at_once(acts, threads=8)
        assert not [answer for answer in answers if isinstance(answer, Exception)]

        motion.refresh_from_db()
        casts = all_at_once([caster(motion, entry, "for", f"key-{entry.pk}") for entry in entries], threads=1)
        assert kinds(casts).get("Ballot") == motion.present_count
        absent = kinds(casts).get("NotCheckedIn", 0) + kinds(casts).get("CameLate", 0)
        assert absent == 90 - motion.present_count
        decision = voting.close_motion(motion, by=None).latest_decision
        assert decision.present == decision.cast == motion.present_count


def test_two_recorders_check_one_person_in_once():
    hall = make_hall(present=0)
    acts = [lambda: attendance.check_in(hall.meeting, hall.entries, method="recorder", by=None)] * 4
    answers = all_at_once(acts)

    assert sorted(answers) == [0, 0, 0, 6]
    assert Attendance.objects.filter(meeting=hall.meeting).count() == 6
    assert attendance.present_count(hall.meeting) == 6


def counted_by_hands():
    hall = make_hall(9)
    motion = open_vote(hall, method="hands")
    return hall, voting.close_motion(motion, by=None)


def reading(motion, person, **counts):
    return lambda: sheets.enter_hands(motion, reader=person, counts=counts, by=None)


def test_two_people_confirming_one_sheet_confirm_it_once():
    hall, motion = counted_by_hands()
    sheets.enter_hands(motion, reader=hall.people[0], counts={"for": 5, "against": 2, "abstain": 1}, by=None)
    answers = all_at_once(
        [reading(motion, person, **{"for": 5, "against": 2, "abstain": 1}) for person in hall.people[1:4]]
    )

    assert kinds(answers) == {"Sheet": 1, "WrongState": 2}
    sheet = Sheet.objects.get(motion=motion)
    assert (sheet.state, sheet.counts) == ("confirmed", {"for": 5, "against": 2, "abstain": 1})
    assert sheet.readings.count() == 2
    assert voting.announce_result(motion, by=None).counts == {"for": 5, "against": 2, "abstain": 1}


def test_two_first_readings_are_a_first_and_a_second():
    hall, motion = counted_by_hands()
    answers = all_at_once([reading(motion, person, **{"for": 6}) for person in hall.people[:2]])

    assert kinds(answers) == {"Sheet": 2}
    assert sorted(answer.state for answer in answers) == ["confirmed", "entered"]
    assert Sheet.objects.get(motion=motion).state == "confirmed"


def test_one_person_with_two_browsers_does_not_confirm_their_own_count():
    hall, motion = counted_by_hands()
    answers = all_at_once([reading(motion, hall.people[0], **{"for": 6})] * 4)

    assert kinds(answers) == {"SamePerson": 3, "Sheet": 1}
    assert Sheet.objects.get(motion=motion).state == "entered"


def test_a_result_announced_twice_at_once_is_decided_once():
    hall, motion = counted_by_hands()
    for person in hall.people[:2]:
        sheets.enter_hands(motion, reader=person, counts={"for": 6}, by=None)
    answers = all_at_once([lambda: voting.announce_result(motion, by=None)] * 4)

    assert kinds(answers) == {"Decision": 1, "WrongState": 3}
    assert Decision.objects.filter(motion=motion).count() == 1


def test_meetings_called_at_once_get_numbers_of_their_own():
    village = make_village()
    people = [make_resident(village) for _ in range(3)]
    call(village, people)  # seeds the presets once, before the race
    answers = all_at_once([lambda: call(village, people)] * 8)

    assert sorted(meeting.number for meeting in answers) == list(range(2, 10))
