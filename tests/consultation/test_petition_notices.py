"""What a petition has come to by SMS: to the committee and supervisors, once late to the township too; each once."""

from __future__ import annotations

import datetime

import pytest
from django.core.cache import cache
from django.utils import timezone

from consultation import petition_notices, petitions
from consultation.models import Petition, PetitionNotice
from residents.models import Appointment
from residents.own_phone import ask_for_reminders
from residents.phone_accounts import attach_phone, phone_shown
from tests.factories.petitions import make_petition, make_village_of
from tests.factories.residents import SINCE, appoint, make_account, make_user, make_village

pytestmark = pytest.mark.django_db

NUMBERS = {"committee_member": "15400000201", "supervisory_chair": "15400000202", "township": "15400000203"}


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    cache.clear()
    told = []
    monkeypatch.setattr(petition_notices, "send_petition_notice", lambda phone, words: told.append((phone, words)))
    return told


def with_phone(user, number):
    attach_phone(user, number)
    phone_shown(user)
    ask_for_reminders(user, wanted=True)


@pytest.fixture
def people():
    people = make_village_of(make_village(name="听泉坳村"), 30)
    for place, role in enumerate(("committee_member", "supervisory_chair"), start=8):
        appoint(people[place], role)
        with_phone(make_account(people[place]), NUMBERS[role])
    with_phone(make_account(people[7]), "15400000299")  # asked for messages, and holds no office
    reviewer = make_user()
    Appointment.objects.create(region=people[0].village.region, user=reviewer, role="township_reviewer", from_on=SINCE)
    with_phone(reviewer, NUMBERS["township"])
    return people


def go():
    petition_notices.queue_petition_notices()
    petition_notices.queue_petition_notices()
    return petition_notices.send_petition_notices()


def test_enough_have_signed_and_nobody_called_it(people, sent):
    petition = make_petition(people[0].village, people[0])
    assert go() == 0
    for person in people[1:3]:
        petitions.sign(petition, person=person, by=None)
    assert (go(), go()) == (2, 0)
    assert {phone for phone, _words in sent} == {NUMBERS["committee_member"], NUMBERS["supervisory_chair"]}
    line = Petition.objects.get()
    assert sent[0][1] == {
        "village": "听泉坳村", "number": "1", "body": "村民会议", "state": "签名够数", "day": line.call_by.isoformat(),
    }  # fmt: skip
    assert petition.title not in str(sent)
    Petition.objects.update(call_by=timezone.localdate() - datetime.timedelta(days=1))
    sent.clear()
    assert (go(), go()) == (3, 0)
    assert {phone for phone, _words in sent} == set(NUMBERS.values())
    assert {words["state"] for _phone, words in sent} == {"过期没有召集"}


def test_nothing_is_told_of_what_waits_no_more_or_without_a_template(people, sent, monkeypatch):
    petition = make_petition(people[0].village, people[0])
    for person in people[1:3]:
        petitions.sign(petition, person=person, by=None)
    monkeypatch.setattr(petition_notices, "tells_petitions", lambda: False)
    assert go() == PetitionNotice.objects.count() == 0
    monkeypatch.undo()
    petition_notices.queue_petition_notices()
    Petition.objects.update(state=Petition.State.COLLECTING, reached_at=None, call_by=None)
    assert (petition_notices.queue_petition_notices(), PetitionNotice.objects.count()) == (0, 0)
