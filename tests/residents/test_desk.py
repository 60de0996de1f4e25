"""Helper mode: who stands at the desk comes in by an officer's link, once, and it is written down."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from consultation import meetings
from residents import desk
from residents.claims import ClaimError
from residents.models import Claim, User
from residents.offices import person_of
from residents.roll_changes import end_resident
from tests.factories.consultation import call
from tests.factories.residents import (
    appoint,
    make_account,
    make_household,
    make_phone_account,
    make_resident,
    make_village,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def village():
    return make_village()


@pytest.fixture
def officer(village):
    person = make_resident(village, name="甲管理")
    appoint(person, "village_admin")
    return make_account(person)


@pytest.fixture
def old(village):
    return make_resident(village, name="阳桂莲", born_on="1941-05-05")


@pytest.fixture
def at_desk(officer):
    return signed_in(officer)


def signed_in(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def bring(client, person, **sent):
    address = reverse("residents:desk_person", args=[person.village.slug, person.ref])
    return client.post(address, {"consent": "on"} | sent)


def link_of(answer):
    return answer.context["link"].removeprefix("http://testserver")


def test_the_person_is_found_by_sound_and_comes_in_by_the_link(village, at_desk, officer, old):
    make_resident(village, name="别人")
    found = at_desk.get(reverse("residents:desk", args=[village.slug]), {"q": "ygl"})
    assert found.context["found"] == [old]
    shown = bring(at_desk, old)
    assert "svg" in shown.content.decode()
    device = Client()
    answer = device.post(link_of(shown))
    assert answer["Location"] == reverse("me:who")
    user = User.objects.get(pk=device.session["_auth_user_id"])
    assert person_of(user, village) == old
    assert (user.has_usable_password(), bool(user.consented_at)) == (False, True)
    first, second = AuditEntry.objects.filter(action__in=["bring_in", "came_in_at_desk"]).order_by("pk")
    assert (first.actor_id, second.detail["by"]) == (officer.pk, officer.pk)
    assert "同意" in first.detail["consent"]


def test_without_consent_there_is_no_link(at_desk, old):
    answer = bring(at_desk, old, consent="")
    assert (answer.status_code, answer.context["link"]) == (422, "")
    assert not Claim.objects.filter(resident=old).exists()


def test_looking_at_the_link_does_not_spend_it_and_using_it_does(at_desk, old):
    link = link_of(bring(at_desk, old))
    for _ in range(3):
        device = Client()
        assert device.get(link).status_code == 200
        assert "_auth_user_id" not in device.session
    assert Client().post(link).status_code == 302
    again = Client()
    assert again.post(link).status_code == 404
    assert again.get(link).status_code == 404
    assert "_auth_user_id" not in again.session


def test_the_link_lives_ten_minutes(at_desk, old, monkeypatch):
    link = link_of(bring(at_desk, old))
    import time

    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + desk.LINK_SECONDS + 1)
    assert Client().get(link).status_code == 404


def test_a_new_link_ends_the_one_before(at_desk, old):
    first, second = link_of(bring(at_desk, old)), link_of(bring(at_desk, old))
    assert Client().get(first).status_code == 404
    assert Client().post(second).status_code == 302
    assert Claim.objects.filter(resident=old).count() == 1


def test_the_same_account_is_opened_next_time(village, at_desk, old):
    devices = [Client(), Client()]
    for device in devices:
        device.post(link_of(bring(at_desk, old)))
    assert len({device.session["_auth_user_id"] for device in devices}) == 1


def test_a_lost_cache_only_means_another_link(at_desk, old):
    link = link_of(bring(at_desk, old))
    cache.clear()
    assert Client().post(link).status_code == 404
    assert Client().post(link_of(bring(at_desk, old))).status_code == 302


def test_the_desk_opens_no_account_that_has_a_phone_or_a_password(at_desk, village, old):
    make_account(old, user=make_phone_account("15400000001"))
    answer = bring(at_desk, old)
    assert (answer.status_code, "恢复登录" in answer.content.decode()) == (409, True)
    other = make_resident(village)
    make_account(other).set_password("long enough and own")
    assert bring(at_desk, other).status_code == 409


def test_the_desk_gives_nobody_an_office(at_desk, village, old):
    appoint(old, "supervisory_chair")
    answer = bring(at_desk, old)
    assert (answer.status_code, "担任职务" in answer.content.decode()) == (403, True)
    assert not User.objects.filter(username__startswith="d-").exists()


def test_nor_one_of_a_meeting_nor_one_that_came_later(at_desk, village, old):
    bring(at_desk, old)
    meetings.publish_notice(call(village, [old, make_resident(village)]), by=None)
    assert bring(at_desk, old).status_code == 403


def test_nobody_brings_oneself_in(officer, village):
    with pytest.raises(ClaimError, match="自己"):
        desk.bring_in(village, person_of(officer, village), by=officer, consent="")


@pytest.mark.parametrize("who", ["child", "gone", "elsewhere", "unknown"])
def test_who_is_not_there_is_not_found(at_desk, village, old, who):
    person = {
        "child": lambda: make_resident(village, born_on=timezone.localdate()),
        "gone": lambda: end_resident(old, on=timezone.localdate(), because="moved_out", by=None),
        "elsewhere": lambda: make_resident(make_village()),
        "unknown": lambda: old,
    }[who]()
    ref = "ffffffffffff" if who == "unknown" else person.ref
    address = reverse("residents:desk_person", args=[village.slug, ref])
    assert at_desk.get(address).status_code == 404
    assert at_desk.post(address, {"consent": "on"}).status_code == 404


def test_who_sits_at_the_desk(village, old):
    recorder, supervisor = make_resident(village), make_resident(village)
    meeting = call(village, [make_resident(village), recorder])
    appoint(supervisor, "supervisory_chair")
    page = reverse("residents:desk", args=[village.slug])
    account = make_account(recorder)
    assert signed_in(account).get(page).status_code == 403
    meetings.publish_notice(meeting, by=None)
    assert signed_in(account).get(page).status_code == 200
    assert signed_in(make_account(supervisor)).get(page).status_code == 403
    assert signed_in(make_account(old)).get(page).status_code == 403
    assert signed_in(make_account(make_resident(make_village()))).get(page).status_code == 404
    assert Client().get(page)["Location"].startswith(reverse("account_login"))


def test_a_household_member_brought_in_is_only_oneself(village, at_desk):
    home = make_household(village)
    one, other = make_resident(village, household=home), make_resident(village, household=home)
    device = Client()
    device.post(link_of(bring(at_desk, one)))
    assert not Claim.objects.filter(resident=other).exists()


def test_an_officer_shows_the_second_factor_first(at_desk, village, old, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    for address in (reverse("residents:desk", args=[village.slug]), reverse("residents:claims", args=[village.slug])):
        assert at_desk.get(address)["Location"].startswith(reverse("me:second_factor"))
    assert bring(at_desk, old).status_code == 403
    assert not Claim.objects.filter(resident=old).exists()
