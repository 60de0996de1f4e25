"""A lost factor and another phone are restored by two officers; a number that changed hands gives nobody anything."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from residents.models import Appointment, Proposal
from residents.phone_accounts import account_of
from residents.restoring import account_of_person
from tests.factories.residents import (
    appoint,
    make_account,
    make_phone_account,
    make_region,
    make_resident,
    make_user,
    make_village,
)

pytestmark = pytest.mark.django_db
OLD, NEW = "15400000001", "15400000002"


@pytest.fixture
def village():
    return make_village()


@pytest.fixture
def person(village):
    return make_resident(village, name="阳桂莲")


@pytest.fixture
def user(person):
    user = make_account(person, user=make_phone_account(OLD))
    user.set_password("her own old password")
    user.save()
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    return user


@pytest.fixture
def first(village):
    return officer_of(village, "甲管理")


@pytest.fixture
def second(village):
    return officer_of(village, "乙管理")


def officer_of(village, name):
    one = make_resident(village, name=name)
    appoint(one, "village_admin")
    return signed_in(make_account(one))


def signed_in(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def propose(officer, person, **sent):
    address = reverse("residents:access", args=[person.village.slug, person.ref])
    return officer.post(address, {"phone": NEW, "reason": "带身份证来办的"} | sent)


def decide(officer, village, answer="confirm"):
    number = Proposal.objects.order_by("-number").first().number
    return officer.post(reverse("residents:decide_proposal", args=[village.slug, number]), {"answer": answer})


def test_another_phone_takes_two_and_ends_the_factor_and_every_session(village, person, user, first, second):
    theirs = signed_in(user)
    assert propose(first, person).status_code == 302
    user.refresh_from_db()
    assert (account_of(OLD), theirs.get("/me/").status_code) == (user, 200)
    proposal = Proposal.objects.get()
    assert NEW not in str(vars(proposal))
    assert "154****0002" in second.get(reverse("residents:proposals", args=[village.slug])).content.decode()
    assert decide(first, village).status_code == 409
    assert decide(second, village).status_code == 302
    assert (account_of(OLD), account_of(NEW)) == (None, user)
    user.refresh_from_db()
    assert not user.has_usable_password()
    assert user.phone_verified_at is None
    assert not Authenticator.objects.filter(user=user).exists()
    assert theirs.get("/me/").status_code == 302
    proposal.refresh_from_db()
    assert bytes(proposal.sealed) == b""
    assert AuditEntry.objects.filter(action="decide_proposal").count() == 1
    assert account_of_person(village, person) == user


def test_a_lost_factor_alone_leaves_the_number(village, person, user, first, second):
    assert propose(first, person, phone="").status_code == 302
    assert Proposal.objects.get().kind == "restore_access"
    decide(second, village)
    user.refresh_from_db()
    assert account_of(OLD) == user
    assert user.phone_verified_at is not None
    assert not Authenticator.objects.filter(user=user).exists()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"reason": ""}, "怎么核对的是本人"),
        ({"phone": "0730-5550000"}, "11 位手机号"),
        ({"phone": "1540000000"}, "11 位手机号"),
    ],
)
def test_what_is_filled_in_wrongly_stays_and_is_told(person, user, first, sent, words):
    answer = propose(first, person, **sent)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not Proposal.objects.exists()


def test_a_number_of_somebody_elses_account_is_not_taken(village, person, user, first, second):
    make_phone_account(NEW)
    assert propose(first, person).status_code == 422
    assert propose(first, person, phone="15400000003").status_code == 302
    make_phone_account("15400000003")
    assert decide(second, village).status_code == 409
    user.refresh_from_db()
    assert account_of(OLD) == user


def test_who_has_no_account_needs_no_restoring_and_nobody_restores_oneself(village, person, first):
    assert propose(first, person).status_code == 422
    assert propose(first, village.residents.get(name="甲管理")).status_code == 422
    assert not Proposal.objects.exists()


def test_an_account_without_a_number_is_given_one(village, person, first, second):
    user = make_account(person)
    assert propose(first, person, phone="").status_code == 422
    propose(first, person)
    decide(second, village)
    assert account_of(NEW) == user


def test_nobody_confirms_for_oneself(village, first, second):
    own = village.residents.get(name="乙管理") if village.residents.filter(name="乙管理").exists() else None
    account_of_person(village, own).claims.get()
    assert propose(first, own).status_code == 302
    assert decide(second, village).status_code == 409


def test_a_person_whose_account_is_another_by_now_is_asked_anew(village, person, user, first, second):
    propose(first, person)
    user.claims.update(state="ended")
    make_account(person)
    assert decide(second, village).status_code == 409


def test_the_township_confirms_where_there_is_one_administrator(person, user):
    village = person.village
    only = officer_of(village, "甲管理")
    reviewer = make_user()
    Appointment.objects.create(region=village.region, user=reviewer, role="township_reviewer", from_on="2020-01-01")
    propose(only, person)
    assert decide(signed_in(reviewer), village).status_code == 302
    assert account_of(NEW) == user


def test_only_who_gives_roles_restores(village, person, user):
    supervisor = make_resident(village)
    appoint(supervisor, "supervisory_chair")
    address = reverse("residents:access", args=[village.slug, person.ref])
    assert signed_in(make_account(supervisor)).get(address).status_code == 403
    assert signed_in(user).get(address).status_code == 403
    assert officer_of(make_village(region=make_region()), "外村管理").get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_the_page_tells_who_acts_for_a_line_and_shows_no_number_in_full(person, user, first):
    make_account(person, relation="helper", user=make_user(display_name="女儿"))
    page = first.get(reverse("residents:access", args=[person.village.slug, person.ref])).content.decode()
    assert "154****0001" in page
    assert OLD not in page
    assert "女儿" in page


def test_both_officers_show_the_second_factor_again(village, person, user, first, second, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    assert propose(first, person).status_code == 403
    assert not Proposal.objects.exists()
    settings.SECOND_FACTOR_REQUIRED = False
    propose(first, person)
    settings.SECOND_FACTOR_REQUIRED = True
    assert decide(second, village).status_code == 403
    assert account_of(OLD) == user
