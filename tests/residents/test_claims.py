"""Who an account is on the roll: name and own number, never a number alone, and what ends it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from residents import claims
from residents.models import Claim, ClaimRequest
from residents.offices import is_verified_resident, person_of
from residents.phone_accounts import release_phone
from residents.rights import Letter, letters_of
from residents.roll_changes import end_resident
from tests.factories.residents import (
    appoint,
    make_account,
    make_household,
    make_phone_account,
    make_resident,
    make_user,
    make_village,
    phone_fields,
)

pytestmark = pytest.mark.django_db
PHONE, OTHER = "15400000001", "15400000002"


@pytest.fixture
def village():
    return make_village()


@pytest.fixture
def user():
    return make_phone_account(PHONE)


@pytest.fixture
def client(user):
    return signed_in(user)


def signed_in(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def say(client, village, name, **more):
    return client.post(reverse("me:who"), {"village": village.slug, "name": name, **more})


def words_of(answer):
    """The page without what is random in it."""
    import re

    return re.sub(r'csrfmiddlewaretoken" value="[^"]+', "", answer.content.decode())


def test_name_and_own_number_show_who_somebody_is(village, user, client):
    person = make_resident(village, name="阳桂莲", **phone_fields(PHONE))
    answer = say(client, village, " 阳 桂莲 ")
    assert answer["Location"] == f"{reverse('me:who')}?village={village.slug}"
    assert person_of(user, village) == person
    assert "阳桂莲" in client.get(answer["Location"]).content.decode()
    user.refresh_from_db()
    assert user.display_name == "阳桂莲"
    assert AuditEntry.objects.filter(action="confirm_claim", village_id=village.pk).count() == 1


def test_saying_it_twice_changes_nothing(village, user, client):
    make_resident(village, name="阳桂莲", **phone_fields(PHONE))
    say(client, village, "阳桂莲")
    say(client, village, "阳桂莲")
    assert Claim.objects.filter(user=user).count() == 1
    assert AuditEntry.objects.filter(action="confirm_claim").count() == 1


def test_a_stranger_cannot_tell_a_name_on_the_roll_from_one_that_is_not(village, client):
    make_resident(village, name="阳桂莲", **phone_fields(OTHER))
    there, nowhere = say(client, village, "阳桂莲"), say(client, village, "吴不在")
    assert there.status_code == nowhere.status_code == 422
    assert words_of(there).replace("阳桂莲", "某某") == words_of(nowhere).replace("吴不在", "某某")
    assert not Claim.objects.exists()


def test_a_number_without_its_name_is_nobody(village, user, client):
    make_resident(village, name="阳桂莲", **phone_fields(PHONE))
    assert say(client, village, "别的人").status_code == 422
    assert not is_verified_resident(user, village)


def test_an_account_without_a_shown_number_is_found_by_no_name(village):
    make_resident(village, name="阳桂莲", **phone_fields(PHONE))
    user = make_user(phone_hash=phone_fields(PHONE)["phone_hash"])
    assert say(signed_in(user), village, "阳桂莲").status_code == 422
    assert not Claim.objects.exists()


def test_another_village_is_another_roll(village, client):
    make_resident(village, name="阳桂莲", **phone_fields(PHONE))
    assert say(client, make_village(), "阳桂莲").status_code == 422
    assert client.get(reverse("me:who"), {"village": "nowhere"}).status_code == 404
    practice = make_village(is_practice=True)
    assert client.get(reverse("me:who"), {"village": practice.slug}).status_code == 404


def test_a_village_that_joined_another_leads_there(village, user, client):
    person = make_resident(village, name="阳桂莲", **phone_fields(PHONE))
    old = make_village(merged_into=village)
    say(client, old, "阳桂莲")
    assert person_of(user, village) == person


def test_father_and_son_of_one_name_and_number_are_told_apart_by_the_year(village, user, client):
    home = make_household(village)
    make_resident(village, household=home, name="贺建国", born_on="1950-02-01", **phone_fields(PHONE))
    son = make_resident(village, household=home, name="贺建国", born_on="1981-02-01", **phone_fields(PHONE))
    answer = say(client, village, "贺建国")
    assert (answer.status_code, "出生年份" in answer.content.decode()) == (422, True)
    assert say(client, village, "贺建国", birth_year="一九八一").status_code == 422
    assert say(client, village, "贺建国", birth_year="１９８１").status_code == 302
    assert person_of(user, village) == son


@pytest.mark.parametrize("because", ["deceased", "moved_out"])
def test_who_has_left_the_roll_is_found_by_nobody(village, user, client, because):
    person = make_resident(village, name="阳桂莲", **phone_fields(PHONE))
    say(client, village, "阳桂莲")
    end_resident(person, on=timezone.localdate(), because=because, by=None)
    assert not is_verified_resident(user, village)
    assert say(client, village, "阳桂莲").status_code == 422


def test_five_names_a_day_and_then_the_right_one_does_not_help_either(village, client):
    make_resident(village, name="阳桂莲", **phone_fields(PHONE))
    for number in range(5):
        assert say(client, village, f"猜{number}").status_code == 422
    answer = say(client, village, "阳桂莲")
    assert answer.status_code == 429
    assert answer["Retry-After"]
    assert not Claim.objects.exists()


def test_one_is_one_person_in_a_village(village, user, client):
    make_resident(village, name="阳桂莲", **phone_fields(PHONE))
    make_resident(village, name="贺光武", **phone_fields(PHONE))
    say(client, village, "阳桂莲")
    answer = say(client, village, "贺光武")
    assert (answer.status_code, "另一个人" in answer.content.decode()) == (422, True)
    assert Claim.objects.filter(user=user).count() == 1


def test_ten_accounts_act_for_a_line_and_no_more(village, user, client):
    person = make_resident(village, name="阳桂莲", **phone_fields(PHONE))
    for _number in range(10):
        make_account(person, relation="helper")
    assert say(client, village, "阳桂莲").status_code == 422
    assert not is_verified_resident(user, village)


def test_family_of_one_number_is_offered_and_nobody_else(village, user, client):
    home = make_household(village)
    make_resident(village, household=home, name="阳桂莲", **phone_fields(PHONE))
    husband = make_resident(village, household=home, name="贺光武", **phone_fields(PHONE))
    make_resident(village, household=home, name="贺建国", **phone_fields(OTHER))
    neighbour = make_resident(village, name="邻居", **phone_fields(PHONE))
    answer = say(client, village, "阳桂莲", next="/v/x/meetings/1/")
    assert answer["Location"].startswith(reverse("me:family"))
    page = client.get(answer["Location"])
    assert [ref for ref, _label in page.context["form"].fields["also"].choices] == [husband.ref]
    assert client.post(answer["Location"], {"also": [neighbour.ref]}).status_code == 422
    done = client.post(answer["Location"], {"also": [husband.ref]})
    assert done["Location"] == "/v/x/meetings/1/"
    claim = Claim.objects.get(user=user, resident=husband)
    assert (claim.relation, claim.basis, claim.state) == ("helper", "phone", "confirmed")
    assert client.get(answer["Location"])["Location"] == "/v/x/meetings/1/"


def test_the_way_on_never_leaves_the_site(village, client):
    make_resident(village, name="阳桂莲", **phone_fields(PHONE))
    assert say(client, village, "阳桂莲", next="https://elsewhere.example/")["Location"].startswith(reverse("me:who"))


def test_an_office_is_not_had_by_a_shared_number(village, user, client):
    home = make_household(village)
    chair = make_resident(village, household=home, name="贺光武", **phone_fields(PHONE))
    wife = make_resident(village, household=home, name="阳桂莲", **phone_fields(PHONE))
    appoint(chair, "village_admin")
    assert say(client, village, "贺光武").status_code == 422
    assert Letter.ADMIN not in letters_of(user, village)
    assert not Claim.objects.exists()
    wife.phone_hash = ""
    wife.save()
    assert say(client, village, "贺光武").status_code == 302
    assert Letter.ADMIN in letters_of(user, village)


def test_helping_an_officer_gives_none_of_the_office(village):
    chair = make_resident(village)
    appoint(chair, "village_admin")
    helper = make_user()
    claims.confirm(helper, chair, basis=Claim.Basis.CODE, relation=Claim.Relation.HELPER, office=False)
    assert letters_of(helper, village) == {Letter.VISITOR, Letter.ACCOUNT, Letter.RESIDENT}


def test_who_got_a_recycled_number_and_knows_the_name_is_still_nobody(village, user):
    home = make_household(village)
    person = make_resident(village, household=home, name="阳桂莲", **phone_fields(PHONE))
    wife = make_resident(village, household=home, name="贺小妹", **phone_fields(PHONE))
    claims.claim_by_phone(user, village, name="阳桂莲")
    claims.confirm(user, wife, basis=Claim.Basis.CODE, relation=Claim.Relation.HELPER)
    stranger = release_phone(user)
    from residents.phone_accounts import phone_shown

    phone_shown(stranger)
    assert not Claim.objects.confirmed().filter(user=user).exists()
    assert claims.claim_by_phone(stranger, village, name=person.name) is None
    assert claims.claim_by_phone(stranger, village, name=wife.name) is None


def test_an_old_number_of_somebody_who_has_a_new_one_opens_nothing(village, user):
    from residents.phone_accounts import attach_phone, phone_shown

    person = make_resident(village, name="阳桂莲", **phone_fields(PHONE))
    claims.claim_by_phone(user, village, name=person.name)
    attach_phone(user, OTHER)
    phone_shown(user)
    stranger = make_phone_account(PHONE)
    assert claims.claim_by_phone(stranger, village, name=person.name) is None
    assert person_of(user, village) == person


def test_who_left_the_portal_may_come_back_by_the_same_number(village, user):
    from residents.phone_accounts import attach_phone

    person = make_resident(village, name="阳桂莲", **phone_fields(PHONE))
    claims.end(claims.claim_by_phone(user, village, name=person.name), by=user, because="own_wish")
    attach_phone(user, "")
    user.deleted_at = timezone.now()
    user.save()
    assert claims.claim_by_phone(make_phone_account(PHONE), village, name=person.name).resident == person


def test_one_ends_ones_own_claim_after_reading_what_it_means(village, user, client):
    person = make_resident(village, name="阳桂莲", **phone_fields(PHONE))
    say(client, village, "阳桂莲")
    address = reverse("me:end_claim", args=[village.slug, person.ref])
    assert "投过的票不变" in client.get(address).content.decode()
    assert is_verified_resident(user, village)
    assert signed_in(make_user()).post(address).status_code == 404
    assert client.post(address).status_code == 302
    assert not is_verified_resident(user, village)
    assert client.post(address).status_code == 404
    assert say(client, village, "阳桂莲").status_code == 302
    assert is_verified_resident(user, village)


def test_what_is_asked_for_keeps_what_was_typed(village, client):
    say(client, village, "阳桂莲")
    answer = client.post(
        reverse("me:ask_claim"), {"village": village.slug, "name": "阳桂莲", "birth_year": "58", "note": "新号码"}
    )
    assert answer.status_code == 422
    assert "新号码" in answer.content.decode()
    assert not ClaimRequest.objects.exists()


@pytest.mark.parametrize("name", ["", "阳\x07桂莲", "长" * 61, "阳\u202e桂莲"])
def test_names_nobody_has_are_told_at_the_field(village, client, name):
    answer = say(client, village, name)
    assert answer.status_code == 422
    assert 'id="id_name_error"' in answer.content.decode()


def test_all_of_it_wants_an_account(village):
    for name in ("who", "family", "ask_claim"):
        answer = Client().get(reverse(f"me:{name}"), {"village": village.slug})
        assert answer["Location"].startswith(reverse("account_login"))


def test_a_village_is_found_by_its_sound(client):
    found = make_village(name="听泉坳村")
    page = client.get(reverse("me:who"), {"q": "tqa", "next": "/me/"})
    assert f"village={found.slug}&amp;next=%2Fme%2F" in page.content.decode()


def test_who_belongs_to_one_village_is_led_there_and_may_look_for_another(village, user, client):
    make_resident(village, name="阳桂莲", **phone_fields(PHONE))
    say(client, village, "阳桂莲")
    assert client.get(reverse("me:who"))["Location"] == f"{reverse('me:who')}?village={village.slug}"
    assert village.name in client.get(reverse("me:who"), {"q": ""}).content.decode()
