"""What holds even when a rule function is passed by: rows written directly to the database."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from consultation.models import (
    Attendance,
    Ballot,
    Decision,
    Mark,
    Meeting,
    Motion,
    Officer,
    ProcedurePreset,
    RosterEntry,
    Sheet,
    SheetReading,
)
from residents.models import Appointment, Claim
from tests.factories.consultation import HOUSEHOLDS, close_vote, make_hall, open_vote
from tests.factories.residents import make_account, make_region, make_resident, make_user

pytestmark = pytest.mark.django_db


def refused(name, write):
    """The database itself refuses, by that constraint (SQLite names columns of a unique constraint instead)."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        write()
    message = str(error.value)
    assert name in message or "UNIQUE constraint failed" in message


def test_one_mark_per_unit():
    hall = make_hall()
    motion = open_vote(hall)
    entry = hall.entries[0]
    Mark.objects.create(village=hall.village, motion=motion, entry=entry)
    refused("one_mark_per_unit", lambda: Mark.objects.create(village=hall.village, motion=motion, entry=entry))


def test_one_ballot_per_unit():
    hall = make_hall()
    motion = open_vote(hall)
    fields = {"village": hall.village, "motion": motion, "entry": hall.entries[0], "channel": "online"}
    Ballot.objects.create(**fields, choice="for", key="a")
    refused("one_ballot_per_unit", lambda: Ballot.objects.create(**fields, choice="against", key="b"))


def test_present_once():
    hall = make_hall(present=1)
    fields = {"village": hall.village, "meeting": hall.meeting, "entry": hall.entries[0], "method": "qr"}
    refused("present_once", lambda: Attendance.objects.create(**fields))
    # Those who left, and those whose check-in was voided, may come again.
    Attendance.objects.create(**fields, out_at=timezone.now())
    Attendance.objects.create(**fields, voided_at=timezone.now())
    refused(
        "present_once", lambda: Attendance.objects.filter(entry=hall.entries[0]).update(out_at=None, voided_at=None)
    )


@pytest.mark.parametrize("state", ["open", "paused", "closing"])
def test_one_running_motion_per_meeting(state):
    hall = make_hall()
    open_vote(hall)
    fields = {"village": hall.village, "meeting": hall.meeting, "text": "水渠"}
    refused("one_running_motion_per_meeting", lambda: Motion.objects.create(**fields, number=2, state=state))
    Motion.objects.create(**fields, number=2, state="announced")
    refused("one_running_motion_per_meeting", lambda: Motion.objects.filter(number=2).update(state=state))
    Motion.objects.filter(number=1).update(state="published")
    assert Motion.objects.filter(number=2).update(state=state) == 1


def test_hands_within_base():
    hall = make_hall()
    motion = open_vote(hall, method="hands")
    fields = {"village": hall.village, "motion": motion, "for_count": 3, "against_count": 2, "abstain_count": 1}
    refused("hands_within_base", lambda: Sheet.objects.create(**fields, base_count=5, state="confirmed"))
    Sheet.objects.create(**fields, base_count=6, state="confirmed")
    refused("hands_within_base", lambda: Sheet.objects.update(abstain_count=2))


def test_one_sheet_per_place_and_one_without_a_place():
    hall = make_hall()
    motion = open_vote(hall, method="hands")
    place = hall.meeting.sessions.create(village=hall.village, number=1, place="小学操场")
    fields = {"village": hall.village, "motion": motion}
    Sheet.objects.create(**fields)
    Sheet.objects.create(**fields, session=place)
    refused("one_sheet_in_all", lambda: Sheet.objects.create(**fields))
    refused("one_sheet_per_place", lambda: Sheet.objects.create(**fields, session=place))


@pytest.mark.parametrize("column", ["for_count", "against_count", "abstain_count"])
def test_no_count_below_zero(column):
    hall = make_hall()
    motion = open_vote(hall, method="hands")
    sheet = Sheet.objects.create(village=hall.village, motion=motion)
    counts = {"for_count": 1, "against_count": 1, "abstain_count": 1} | {column: -1}
    refused(column, lambda: Sheet.objects.filter(pk=sheet.pk).update(**{column: -1}))
    fields = {"village": hall.village, "sheet": sheet, "number": 1, "reader": hall.people[0]}
    refused(column, lambda: SheetReading.objects.create(**fields, **counts))


def test_one_reading_per_number():
    hall = make_hall()
    sheet = Sheet.objects.create(village=hall.village, motion=open_vote(hall, method="hands"))
    fields = {"village": hall.village, "sheet": sheet, "number": 1, "for_count": 1, "against_count": 0}
    SheetReading.objects.create(**fields, abstain_count=0, reader=hall.people[0])
    refused(
        "one_reading_per_number",
        lambda: SheetReading.objects.create(**fields, abstain_count=0, reader=hall.people[1]),
    )


def test_one_decision_per_version():
    motion = close_vote(make_hall())
    fields = {"village": motion.village, "motion": motion, "outcome": "lost", "entitled": 6, "present": 6}
    refused("one_decision_per_version", lambda: Decision.objects.create(**fields, required=4, needed=4, version=1))


def test_one_chair_at_a_time_and_one_office_per_person():
    hall = make_hall()
    fields = {"village": hall.village, "meeting": hall.meeting, "since_at": timezone.now()}
    refused("one_chair_at_a_time", lambda: Officer.objects.create(**fields, resident=hall.people[4], role="chair"))
    refused("one_office_per_person", lambda: Officer.objects.create(**fields, resident=hall.people[0], role="teller"))


def test_one_meeting_per_number_and_it_ends_after_it_starts():
    hall, other = make_hall(live=False), make_hall(live=False)
    assert (hall.meeting.number, other.meeting.number) == (1, 1)
    refused("one_meeting_per_number", lambda: Meeting.objects.update(village=hall.village))
    refused(
        "meeting_ends_after_start",
        lambda: Meeting.objects.filter(pk=hall.meeting.pk).update(ends_at=hall.meeting.starts_at),
    )


def test_a_roster_holds_each_number_voter_and_household_once():
    hall = make_hall()
    first, second = hall.entries[:2]

    def change(**fields):
        return lambda: RosterEntry.objects.filter(pk=second.pk).update(**fields)

    refused("one_entry_per_number", change(number=first.number))
    refused("one_entry_per_voter", change(resident=first.resident))
    refused("one_entry_per_household", change(household=first.household))


@pytest.mark.parametrize("fraction", [{"quorum_den": 0}, {"threshold_den": 0}, {"quorum_num": 4}, {"threshold_num": 3}])
def test_no_share_of_more_than_all(fraction):
    make_hall(live=False)
    refused("preset_fractions_at_most_one", lambda: ProcedurePreset.objects.filter(key=HOUSEHOLDS).update(**fraction))


def test_an_account_is_one_person_in_a_village():
    hall = make_hall(live=False)
    user = make_account(hall.people[0])
    refused("one_self_per_user_and_village", lambda: make_account(hall.people[1], user=user))
    helper = make_account(hall.people[1], user=user, relation="helper")
    assert Claim.objects.filter(user=helper).count() == 2


def test_an_office_is_held_in_one_place_by_one_person():
    person = make_resident(make_hall(live=False).village)
    today = timezone.localdate()
    somewhere = {"village": person.village, "region": make_region()}
    someone = {"resident": person, "user": make_user()}

    def appoint(**fields):
        return lambda: Appointment.objects.create(role="judge", from_on=today, **fields)

    refused("office_in_one_place", appoint(**somewhere, resident=person))
    refused("office_in_one_place", appoint(resident=person))
    refused("office_of_one_person", appoint(**someone, village=person.village))
    refused("office_of_one_person", appoint(village=person.village))
