"""The pages of petitions: the counter for everybody, words for the village, names for few; signing, paper, calling."""

from __future__ import annotations

import datetime

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consultation import petitions
from consultation.models import Meeting, Petition, Photo
from consultation.petition_reads import signed_count
from consultation.pictures import token_of
from residents.models import Appointment, Proposal
from residents.own_data import held_on
from tests.consultation.test_photos import picture
from tests.factories.consultation import call
from tests.factories.petitions import make_petition, make_village_of
from tests.factories.residents import SINCE, appoint, make_account, make_resident, make_user, make_village

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def private(monkeypatch, tmp_path):
    monkeypatch.setattr(Photo._meta.get_field("file"), "storage", FileSystemStorage(tmp_path / "private"))


@pytest.fixture
def village():
    return make_village(name="听泉坳村")


@pytest.fixture
def people(village):
    return make_village_of(village, 30)


@pytest.fixture
def petition(village, people):
    return make_petition(village, people[0])


@pytest.fixture
def committee(people):
    appoint(people[9], "committee_member")
    return client_of(make_account(people[9]))


@pytest.fixture
def supervisor(people):
    appoint(people[8], "supervisory_member")
    return client_of(make_account(people[8]))


def client_of(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def at(name, petition, *rest):
    return reverse(f"consultation:{name}", args=[petition.village.slug, petition.number, *rest])


def text(response):
    return response.content.decode()


def reached(petition, people):
    for person in people[1:3]:
        petitions.sign(petition, person=person, by=None)
    return Petition.objects.select_related("village").get(pk=petition.pk)


def test_everybody_reads_the_counter_the_village_what_for_and_few_the_names(village, people, petition, committee):
    outside = text(Client().get(petition.get_absolute_url()))
    assert "已有 1 人" in outside
    assert "需要 3 人" in outside
    assert "村民会议：1/10 以上的成年村民请求就要召开" in outside
    assert "天数：县里自定，法律没有写天数" in outside
    assert petition.title not in outside
    assert people[0].name not in outside
    listed = text(Client().get(reverse("consultation:petitions", args=[village.slug])))
    assert "已有 1 人，需要 3 人" in listed
    assert petition.title not in listed
    resident = client_of(make_account(people[5]))
    inside = text(resident.get(petition.get_absolute_url()))
    assert petition.reason in inside
    assert people[0].name not in inside
    assert resident.get(at("petition_signatures", petition)).status_code == 403
    assert people[0].name in text(committee.get(at("petition_signatures", petition)))


def test_one_press_signs_and_another_takes_it_back(people, petition):
    client = client_of(make_account(people[5]))
    assert client.post(at("sign_petition", petition)).status_code == 303
    assert signed_count(petition) == 2
    assert "签过名了" in text(client.get(petition.get_absolute_url()))
    client.post(at("unsign_petition", petition), {"person": people[5].ref})
    assert signed_count(petition) == 1
    client.post(at("sign_petition", petition), {"person": people[6].ref})  # somebody else's
    assert signed_count(petition) == 1


def test_a_resident_starts_one_and_what_is_refused_stays(village, people):
    client = client_of(make_account(people[5]))
    petition = make_petition(village, people[0])  # so that the presets are there
    url = reverse("consultation:new_petition", args=[village.slug])
    sent = {"way": "villagers_assembly_individual:residents", "title": "修桥", "reason": ""}
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert 'value="修桥"' in text(refused)
    made = client.post(url, sent | {"reason": "桥要塌了。"})
    assert made["Location"] == at("petition", Petition.objects.exclude(pk=petition.pk).get())


def test_a_signed_list_goes_through_two_people_and_its_photo_follows_the_names(people, petition, committee, supervisor):
    photo = SimpleUploadedFile("a.jpg", picture(), content_type="image/jpeg")
    wrong = committee.post(at("enter_petition_sheet", petition), {"names": "没有这人", "photos": [photo]})
    assert wrong.status_code == 422
    photo.seek(0)
    names = f"{people[3].name}\n{people[4].name}"
    assert committee.post(at("enter_petition_sheet", petition), {"names": names, "photos": [photo]}).status_code == 303
    sheet = petition.sheets.get()
    url = at("petition_sheet", petition, sheet.number)
    address = reverse("consultation:photo", args=[petition.village.slug, token_of(sheet.photos.get())])
    assert people[3].name in text(supervisor.get(url))
    assert client_of(make_account(people[5])).get(url).status_code == 403
    assert client_of(make_account(people[5])).get(address).status_code == 404
    assert supervisor.get(address).status_code == 200
    numbers = list(sheet.signatures.values_list("number", flat=True))
    committee.post(url, {"found": numbers})
    assert signed_count(petition) == 1
    supervisor.post(url, {"found": numbers})
    assert signed_count(petition) == 3
    assert supervisor.get(url).status_code == 302
    assert committee.get(address).status_code == 200


def test_a_supervisor_asks_for_a_signature_to_be_found_invalid(people, petition, supervisor, committee):
    url = at("void_signature", petition, 1)
    assert committee.get(url).status_code == 403
    assert supervisor.post(url, {"reason": ""}).status_code == 422
    assert supervisor.post(url, {"reason": "本人说没签"}).status_code == 302
    proposal = Proposal.objects.get(kind="void_signature")
    assert people[0].name not in text(supervisor.get(reverse("residents:proposals", args=[petition.village.slug])))
    assert proposal.payload["reason"] == "本人说没签"


def test_reached_it_waits_on_the_committees_and_the_townships_pages_red_when_late(village, people, petition, committee):
    petition = reached(petition, people)
    title = "1 号：请求召开村民会议"
    assert title in text(committee.get(reverse("home:me")))
    reviewer = make_user()
    Appointment.objects.create(region=village.region, user=reviewer, role="township_reviewer", from_on=SINCE)
    region = reverse("home:region", args=[village.region.code])
    assert title in text(client_of(reviewer).get(region))
    call_by = f"最迟 {petition.call_by.year}年"
    assert call_by in text(Client().get(petition.get_absolute_url()))
    Petition.objects.update(call_by=timezone.localdate() - datetime.timedelta(days=1))
    assert "过期没有召集" in text(Client().get(petition.get_absolute_url()))
    assert "签名够数的会议没有召集" in text(client_of(reviewer).get(region))


def test_the_committee_calls_the_meeting_it_demands_and_both_pages_lead_to_each_other(
    village, people, petition, committee
):
    petition = reached(petition, people)
    form = committee.get(reverse("consultation:call", args=[village.slug]), {"petition": petition.number})
    assert form.context["form"]["petitions"].value() == [petition.number]
    meeting = call(village, people, preset="villagers_assembly_individual", petitions=[petition])
    Meeting.objects.filter(pk=meeting.pk).update(state="noticed")
    assert meeting.get_absolute_url() in text(Client().get(petition.get_absolute_url()))
    assert petition.get_absolute_url() in text(Client().get(meeting.get_absolute_url()))
    assert "petitions" not in committee.get(reverse("consultation:call", args=[village.slug])).context["form"].fields


def test_own_copies_tell_what_one_started_and_signed(people, petition):
    petitions.sign(petition, person=people[5], by=None)
    told = {part.code: part for part in held_on(make_account(people[5]))}
    assert told["petition_signatures"].count == 1
    started = {part.code: part for part in held_on(make_account(people[0]))}
    assert started["petitions"].count == 1


def test_strangers_sign_nothing(petition):
    stranger = client_of(make_account(make_resident(make_village())))
    assert stranger.post(at("sign_petition", petition)).status_code == 404
    assert Client().post(at("sign_petition", petition)).status_code == 302
    assert signed_count(petition) == 1


def test_the_list_for_signing_by_hand_has_the_matter_and_no_names(village, people, petition):
    resident = client_of(make_account(people[5]))
    assert at("petition_list", petition) in text(resident.get(petition.get_absolute_url()))
    page = text(resident.get(at("petition_list", petition)))
    for words in (petition.title, petition.reason, "请求召开村民会议签名单", "要 3 人签名", "签名或者手印"):
        assert words in page
    assert people[0].name not in page
    assert page.count("<tr>") == 27
    assert Client().get(at("petition_list", petition)).status_code == 302
    petitions.withdraw(petition, by=make_account(people[0]))
    assert resident.get(at("petition_list", petition)).status_code == 302


def test_supervisors_find_it_on_their_page_and_the_township_once_it_is_late(village, people, petition, supervisor):
    reviewer = make_user()
    Appointment.objects.create(region=village.region, user=reviewer, role="township_reviewer", from_on=SINCE)
    line = reached(petition, people)

    def told(client):
        return f"{petition.number} 号：请求召开村民会议" in text(client.get(reverse("home:me")))

    assert (told(supervisor), told(client_of(reviewer))) == (True, False)
    Petition.objects.filter(pk=line.pk).update(call_by=timezone.localdate() - datetime.timedelta(days=1))
    assert (told(supervisor), told(client_of(reviewer))) == (True, True)
