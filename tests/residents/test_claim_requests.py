"""What matches nothing by itself: one officer finds the line, a second one joins or parts it, a no is answered."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from consultation import meetings
from residents.claims import claim_by_phone
from residents.models import Claim, ClaimRequest, Proposal
from residents.offices import is_verified_resident, person_of
from residents.roll_changes import end_resident
from tests.factories.consultation import call
from tests.factories.residents import (
    appoint,
    make_account,
    make_phone_account,
    make_resident,
    make_user,
    make_village,
    phone_fields,
)

pytestmark = pytest.mark.django_db
PHONE = "15400000001"


@pytest.fixture
def village():
    return make_village()


@pytest.fixture
def user():
    return make_phone_account(PHONE)


@pytest.fixture
def person(village):
    return make_resident(village, name="阳桂莲")


@pytest.fixture
def client(user):
    return signed_in(user)


@pytest.fixture
def first(village):
    return officer_of(village, "甲管理")


@pytest.fixture
def second(village):
    return officer_of(village, "乙监督", "supervisory_chair")


def officer_of(village, name, role="village_admin"):
    one = make_resident(village, name=name)
    appoint(one, role)
    return signed_in(make_account(one))


def signed_in(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def ask(client, village, name="阳桂莲", **more):
    return client.post(reverse("me:ask_claim"), {"village": village.slug, "name": name, **more})


def at(name, village, *more):
    return reverse(f"residents:{name}", args=[village.slug, *more])


def propose(officer, village, person, relation="self"):
    request = ClaimRequest.objects.get()
    return officer.post(at("claim", village, request.ref), {"resident": person.ref, "relation": relation})


def decide(officer, village, answer="confirm", **more):
    number = Proposal.objects.order_by("-number").first().number
    return officer.post(at("decide_proposal", village, number), {"answer": answer, **more})


def test_two_officers_join_an_account_and_a_line(village, user, client, person, first, second):
    assert ask(client, village, birth_year="1980", group="一组", note="换了号码").status_code == 302
    assert "正等两名工作人员核对" in client.get(reverse("me:who"), {"village": village.slug}).content.decode()
    assert "阳桂莲" in client.get("/me/").content.decode()
    assert "阳桂莲" in first.get(at("claims", village)).content.decode()
    assert propose(first, village, person)["Location"] == at("claims", village)
    assert not is_verified_resident(user, village)
    page = second.get(at("proposals", village)).content.decode()
    assert "换了号码" in page
    assert "阳桂莲（1组，1980年生）" in page
    assert decide(first, village).status_code == 409
    assert decide(second, village).status_code == 302
    assert person_of(user, village) == person
    claim = Claim.objects.get(user=user)
    assert (claim.basis, claim.relation, ClaimRequest.objects.get().state) == ("officers", "self", "confirmed")
    assert "您好，阳桂莲" in client.get(reverse("me:who"), {"village": village.slug}).content.decode()


def test_a_second_account_of_the_first_officer_is_no_second_officer(village, user, client, person, first):
    ask(client, village)
    propose(first, village, person)
    twin = signed_in(make_account(village.residents.get(name="甲管理"), user=make_user()))
    assert decide(twin, village).status_code == 409
    assert not is_verified_resident(user, village)


def test_nobody_looks_at_the_own_request(village, person, first, second):
    """An officer by appointment of the account itself, who is nobody on the roll."""
    from residents.models import Appointment

    own = make_user()
    Appointment.objects.create(village=village, user=own, role="village_admin", from_on="2020-01-01")
    mine = signed_in(own)
    ask(mine, village)
    assert propose(mine, village, person).status_code == 422
    propose(first, village, person)
    assert decide(mine, village).status_code == 409
    assert not is_verified_resident(own, village)


def test_a_daughter_is_joined_as_a_helper(village, user, client, person, first, second):
    ask(client, village)
    propose(first, village, person, relation="helper")
    decide(second, village)
    assert person_of(user, village) is None
    assert is_verified_resident(user, village)


def test_what_waits_for_a_second_is_not_proposed_twice(village, client, person, first, second):
    ask(client, village)
    propose(first, village, person)
    assert propose(second, village, person).status_code == 422
    assert Proposal.objects.count() == 1
    decide(second, village, "return", reason="户号不对")
    assert propose(second, village, person).status_code == 302


def test_who_left_meanwhile_is_joined_to_nobody(village, user, client, person, first, second):
    ask(client, village)
    propose(first, village, person)
    end_resident(person, on=timezone.localdate(), because="deceased", by=None)
    assert decide(second, village).status_code == 409
    assert not is_verified_resident(user, village)


def test_what_was_taken_back_is_not_joined(village, user, client, person, first, second):
    ask(client, village)
    propose(first, village, person)
    client.post(reverse("me:withdraw_claim"), {"village": village.slug, "ref": ClaimRequest.objects.get().ref})
    assert ClaimRequest.objects.get().state == "withdrawn"
    assert decide(second, village).status_code == 409
    assert not is_verified_resident(user, village)


def test_nobody_else_takes_it_back(village, client):
    ask(client, village)
    other = signed_in(make_user())
    other.post(reverse("me:withdraw_claim"), {"village": village.slug, "ref": ClaimRequest.objects.get().ref})
    assert ClaimRequest.objects.get().state == "waiting"


def test_a_no_has_its_reason_and_may_be_asked_again(village, client, first):
    ask(client, village)
    refuse = at("refuse_claim", village, ClaimRequest.objects.get().ref)
    answer = first.post(refuse, {"answer": " "})
    assert (answer.status_code, "请写明原因" in answer.content.decode()) == (422, True)
    assert first.post(refuse, {"answer": "名册上没有您，请带户口本来"}).status_code == 302
    assert first.post(refuse, {"answer": "再来一次"}).status_code == 422
    assert "请带户口本来" in client.get(reverse("me:who"), {"village": village.slug}).content.decode()
    assert "请带户口本来" in client.get("/me/").content.decode()
    assert ask(client, village).status_code == 302
    assert ClaimRequest.objects.filter(state="waiting").count() == 1


def test_asking_twice_is_asking_once_and_too_much_is_refused(village, client):
    ask(client, village)
    ask(client, village)
    assert ClaimRequest.objects.count() == 1
    ask(client, village, "甲")
    ask(client, village, "乙")
    assert ask(client, village, "丙").status_code == 422
    for request in ClaimRequest.objects.all():
        client.post(reverse("me:withdraw_claim"), {"village": village.slug, "ref": request.ref})
    for name in ("丁", "戊"):
        assert ask(client, village, name).status_code == 302
    client.post(reverse("me:withdraw_claim"), {"village": village.slug, "ref": ClaimRequest.objects.first().ref})
    assert ask(client, village, "己").status_code == 429


def test_a_line_of_another_village_is_not_to_be_had(village, client, first):
    ask(client, village)
    make_resident(village, name="阳桂莲花")
    same = make_resident(village, name="阳桂莲")
    page = first.get(at("claim", village, ClaimRequest.objects.get().ref))
    assert page.context["people"][0] == same
    answer = propose(first, village, make_resident(make_village(), name="阳桂莲"))
    assert (answer.status_code, Proposal.objects.exists()) == (422, False)


def test_only_those_who_may_look_do(village, client, person, first):
    ask(client, village)
    ref = ClaimRequest.objects.get().ref
    stranger = officer_of(make_village(), "外村管理")
    neighbour = signed_in(make_account(make_resident(village)))
    for address in (at("claims", village), at("claim", village, ref)):
        assert first.get(address).status_code == 200
        assert stranger.get(address).status_code == 404
        assert neighbour.get(address).status_code == 403
        assert Client().get(address).status_code == 302
    assert first.get(at("claim", village, "ffffffffffff")).status_code == 404
    assert first.get(at("refuse_claim", village, ref)).status_code == 405


def test_a_meetings_recorder_confirms_who_somebody_is_and_sees_nothing_else(village, user, client, person, first):
    recorder = make_resident(village)
    meetings.publish_notice(call(village, [make_resident(village), recorder]), by=None)
    desk = signed_in(make_account(recorder))
    make_account(person)
    first.post(at("access", village, person.ref), {"phone": "15400000009", "reason": "手机丢了"})
    ask(client, village)
    propose(first, village, person)
    shown = [one.kind for one, *_more in desk.get(at("proposals", village)).context["waiting"]]
    assert shown == ["claim"]
    assert desk.post(at("decide_proposal", village, 1), {"answer": "confirm"}).status_code == 404
    assert decide(desk, village).status_code == 302
    assert person_of(user, village) == person


def test_two_officers_part_a_wrong_claim_and_the_number_does_not_join_it_again(village, user, first, second):
    person = make_resident(village, name="贺光武", **phone_fields(PHONE))
    claim = claim_by_phone(user, village, name="贺光武")
    end = at("end_claim", village, person.ref)
    assert first.post(end, {"claim": claim.pk}).status_code == 422
    assert first.post(end, {"claim": claim.pk, "reason": "号码登记错了"}).status_code == 302
    assert first.post(end, {"claim": claim.pk, "reason": "号码登记错了"}).status_code == 422
    assert is_verified_resident(user, village)
    assert decide(first, village).status_code == 409
    assert decide(second, village).status_code == 302
    assert not is_verified_resident(user, village)
    assert AuditEntry.objects.filter(action="end_claim").count() == 1
    assert claim_by_phone(user, village, name="贺光武") is None


def test_parting_names_a_claim_of_this_line(village, first, person):
    other = make_account(make_resident(village)).claims.get()
    end = at("end_claim", village, person.ref)
    for wrong in (str(other.pk), "", "x", "9" * 30):
        assert first.post(end, {"claim": wrong, "reason": "错"}).status_code == 404
