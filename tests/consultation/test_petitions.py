"""Petitions: a share of the roll of one day demands a meeting; one signature each; named to few; the days run."""

from __future__ import annotations

import datetime

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import AuditEntry
from consultation import meetings, petition_sheets, petitions
from consultation.errors import Invalid, NotAllowed, SamePerson, WrongState
from consultation.models import Meeting, Petition, PetitionSheet, PetitionSignature, Photo, ProcedurePreset
from consultation.petition_reads import signed_count, ways_for
from residents.two_people import Forbidden, decide
from residents.two_people import SamePerson as TwoPeople
from tests.consultation.test_photos import picture
from tests.factories.consultation import call
from tests.factories.petitions import ASSEMBLY, DAY, make_petition, make_village_of, way
from tests.factories.residents import appoint, make_account, make_resident, make_village

pytestmark = pytest.mark.django_db

State = Petition.State
TODAY = timezone.localdate()


@pytest.fixture
def village():
    return make_village()


@pytest.fixture(autouse=True)
def private(monkeypatch, tmp_path):
    monkeypatch.setattr(Photo._meta.get_field("file"), "storage", FileSystemStorage(tmp_path / "private"))


def now(petition):
    return Petition.objects.select_related("village", "meeting").get(pk=petition.pk)


def signed_by(petition, people):
    for person in people:
        petitions.sign(petition, person=person, by=None)
    return now(petition)


def actions(village):
    return list(AuditEntry.objects.filter(village_id=village.pk).order_by("pk").values_list("action", flat=True))


# who may demand what


def test_the_law_gives_a_village_three_ways_and_a_community_four(village):
    way(village)
    told = {one.key: (one.share.num, one.share.den) for one in ways_for(village, on=DAY)}
    assert told == {
        "villagers_assembly_individual:residents": (1, 10),
        "villagers_assembly_individual:representatives": (1, 3),
        "villagers_representative_assembly:representatives": (1, 5),
    }
    community = make_village(kind="community")
    assert {one.key for one in ways_for(community, on=DAY)} == {
        "residents_assembly_individual:residents", "residents_assembly_individual:representatives",
        "residents_assembly_household:residents", "residents_representative_assembly:representatives",
    }  # fmt: skip


def test_number_needed_and_base_are_those_of_the_day_it_starts(village):
    people = make_village_of(village, 21)
    make_resident(village, born_on=TODAY)  # a child
    petition = make_petition(village, people[0])
    assert (petition.base_count, petition.needed, signed_count(petition)) == (21, 3, 1)
    ProcedurePreset.objects.update(petition_num=1, petition_den=2)
    newcomer = make_resident(village, from_on=TODAY + datetime.timedelta(days=1))
    with pytest.raises(NotAllowed):
        petitions.sign(petition, person=newcomer, by=None)
    assert now(petition).needed == 3


def test_a_resident_starts_what_representatives_sign(village):
    people = make_village_of(village, 12)
    for person in people[:10]:
        appoint(person, "representative")
    petition = make_petition(
        village, people[11], way=way(village, "villagers_representative_assembly", "representatives")
    )
    assert (petition.base_count, petition.needed, signed_count(petition)) == (10, 2, 0)
    with pytest.raises(NotAllowed):
        petitions.sign(petition, person=people[11], by=None)
    assert signed_by(petition, people[:2]).state == State.REACHED


def test_only_a_grown_up_of_the_roll_starts_and_not_many_at_once(village):
    people = make_village_of(village, 3)
    with pytest.raises(NotAllowed):
        make_petition(village, make_resident(village, born_on=TODAY))
    with pytest.raises(NotAllowed):
        make_petition(village, make_resident(make_village()))
    first = make_petition(village, people[0])
    assert make_petition(village, people[0]) == first
    make_petition(village, people[0], title="另一件")
    with pytest.raises(WrongState):
        make_petition(village, people[0], title="第三件")
    with pytest.raises(Invalid):
        make_petition(village, people[1], title=" ")


# signing


def test_each_person_signs_once_by_the_database(village):
    people = make_village_of(village, 40)
    petition = make_petition(village, people[0])
    assert petitions.sign(petition, person=people[1], by=None)
    assert not petitions.sign(petition, person=people[1], by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        PetitionSignature.objects.create(
            village=village, petition=petition, number=99, resident=people[1], at=timezone.now()
        )
    assert signed_count(petition) == 2


def test_the_days_run_from_the_signature_that_is_enough(village):
    people = make_village_of(village, 30)
    petition = make_petition(village, people[0])
    petition = signed_by(petition, people[1:2])
    assert (petition.state, petition.call_by) == (State.COLLECTING, None)
    petition = signed_by(petition, people[2:4])  # one more than needed
    assert petition.state == State.REACHED
    assert petition.call_by == TODAY + datetime.timedelta(days=30)
    assert not petition.is_overdue(petition.call_by)
    assert petition.is_overdue(petition.call_by + datetime.timedelta(days=1))
    assert actions(village).count("reach_petition") == 1


def test_a_signature_is_taken_back_until_there_are_enough(village):
    people = make_village_of(village, 30)
    petition = make_petition(village, people[0])
    petitions.sign(petition, person=people[1], by=None)
    assert petitions.take_back(petition, person=people[1])
    assert not petitions.take_back(petition, person=people[1])
    signed_by(petition, people[1:3])
    with pytest.raises(WrongState):
        petitions.take_back(petition, person=people[1])


def test_who_started_it_withdraws_it_until_then_and_nobody_else(village):
    people = make_village_of(village, 30)
    account = make_account(people[0])
    petition, other = make_petition(village, people[0]), make_petition(village, people[1], title="另一件")
    with pytest.raises(NotAllowed):
        petitions.withdraw(other, by=account)
    signed_by(other, people[2:4])
    with pytest.raises(WrongState):
        petitions.withdraw(other, by=make_account(people[1]))
    assert petitions.withdraw(petition, by=account).state == State.WITHDRAWN
    assert petitions.withdraw(petition, by=account).state == State.WITHDRAWN
    with pytest.raises(WrongState):
        petitions.sign(petition, person=people[5], by=None)


def test_the_log_names_nobody_who_signs(village):
    people = make_village_of(village, 30)
    account = make_account(people[1])
    petition = make_petition(village, people[0], by=make_account(people[0]))
    petitions.sign(petition, person=people[1], by=account)
    petitions.take_back(petition, person=people[1])
    entries = AuditEntry.objects.filter(village_id=village.pk, action__endswith="_petition")
    assert {entry.action for entry in entries} == {"start_petition", "sign_petition", "unsign_petition"}
    assert not [entry for entry in entries if entry.actor_id is not None]
    assert not [entry for entry in entries if people[0].name in str(entry.detail) + entry.subject]


# on paper


def typed(petition, people, by, **options):
    photo = SimpleUploadedFile("a.jpg", picture(), content_type="image/jpeg")
    return petition_sheets.enter_sheet(petition, people=people, photos=[photo], by=by, **options)


@pytest.fixture
def clerks(village):
    people = make_village_of(village, 2)
    for person, role in zip(people, ("committee_member", "supervisory_member"), strict=True):
        appoint(person, role)
    return [make_account(person) for person in people]


def test_a_signed_list_counts_once_somebody_else_found_the_names_on_its_photo(village, clerks):
    people = make_village_of(village, 40)
    petition = make_petition(village, people[0])
    sheet = typed(petition, people[:5], clerks[0])
    numbers = list(sheet.signatures.values_list("number", flat=True))
    assert (len(numbers), signed_count(petition), sheet.photos.count()) == (4, 1, 1)  # who started had signed
    with pytest.raises(SamePerson):
        petition_sheets.decide_sheet(sheet, found=numbers, by=clerks[0])
    petition_sheets.decide_sheet(sheet, found=numbers[:3], by=clerks[1])
    assert signed_count(petition) == 4
    assert petitions.sign(petition, person=people[4], by=None)  # was not on the photo
    assert now(petition).state == State.REACHED
    with pytest.raises(WrongState):
        petition_sheets.decide_sheet(sheet, found=[], by=clerks[1])


def test_who_signs_online_does_not_wait_for_the_list_and_an_empty_list_goes_back(village, clerks):
    people = make_village_of(village, 40)
    petition = make_petition(village, people[0])
    sheet = typed(petition, people[1:3], clerks[0])
    assert petitions.sign(petition, person=people[1], by=None)
    assert list(sheet.signatures.values_list("resident", flat=True)) == [people[2].pk]
    assert petition_sheets.decide_sheet(sheet, found=[], by=clerks[1]).state == PetitionSheet.State.REFUSED
    assert signed_count(petition) == 2
    with pytest.raises(Invalid):
        typed(petition, people[:2], clerks[0])
    with pytest.raises(Invalid):
        typed(petition, [make_resident(make_village())], clerks[0])
    with pytest.raises(Invalid):
        petition_sheets.enter_sheet(petition, people=people[3:4], photos=[], by=clerks[0])


# found invalid


def test_two_supervisors_find_a_signature_invalid_and_too_few_stop_the_days(village):
    people = make_village_of(village, 30)
    supervisors = [make_account(person) for person in people[20:22]]
    for person in people[20:22]:
        appoint(person, "supervisory_member")
    appoint(people[22], "committee_member")
    petition = signed_by(make_petition(village, people[0]), people[1:3])
    forged = petition.signatures.get(resident=people[2])
    with pytest.raises(Invalid):
        petition_sheets.propose_void(forged, reason=" ", by=supervisors[0])
    proposal = petition_sheets.propose_void(forged, reason="本人说没有签过", by=supervisors[0])
    assert people[2].name not in str(proposal.payload) + proposal.summary
    with pytest.raises(TwoPeople):
        decide(proposal, by=supervisors[0], accept=True)
    with pytest.raises(Forbidden):
        decide(proposal, by=make_account(people[22]), accept=True)
    decide(proposal, by=supervisors[1], accept=True)
    petition = now(petition)
    assert (petition.state, petition.call_by, signed_count(petition)) == (State.COLLECTING, None, 2)
    assert petitions.sign(petition, person=people[2], by=None)
    assert now(petition).state == State.REACHED
    mine = petition.signatures.get(resident=people[0])
    own = petition_sheets.propose_void(mine, reason="试试", by=supervisors[0])
    appoint(people[0], "supervisory_member")
    with pytest.raises(TwoPeople):
        decide(own, by=make_account(people[0]), accept=True)


# the meeting


def test_it_ends_with_the_notice_of_the_meeting_it_demanded(village):
    people = make_village_of(village, 30)
    petition = signed_by(make_petition(village, people[0]), people[1:3])
    with pytest.raises(Invalid):
        call(village, people, preset="villagers_representative_assembly", petitions=[petition])
    meeting = call(village, people, preset="villagers_assembly_household", petitions=[petition])
    assert now(petition).is_waiting  # prepared is not called
    meetings.publish_notice(meeting, by=None)
    petition = now(petition)
    assert (petition.meeting, petition.is_called, petition.is_open) == (meeting, True, False)
    assert not Petition.objects.waiting().exists()
    assert not Petition.objects.open().exists()
    with pytest.raises(Invalid):
        call(village, people, preset=ASSEMBLY, petitions=[petition])
    Meeting.objects.filter(pk=meeting.pk).update(state="cancelled")
    assert now(petition).is_waiting
    call(village, people, preset=ASSEMBLY, petitions=[now(petition)])


def test_a_meeting_not_called_in_time_is_written_down_once(village):
    people = make_village_of(village, 30)
    petition = signed_by(make_petition(village, people[0]), people[1:3])
    late = timezone.now() + datetime.timedelta(days=31)
    assert petitions.note_not_called(at=late - datetime.timedelta(days=1)) == 0
    assert petitions.note_not_called(at=late) == 1
    assert petitions.note_not_called(at=late) == 0
    assert actions(village).count("miss_petition") == 1
    assert now(petition).is_waiting
