"""Codes on paper: printed for a household, looked at without harm, used once."""

from __future__ import annotations

import datetime
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from residents import entry_codes
from residents.claims import ClaimError
from residents.models import Claim, EntryCode, User
from residents.offices import person_of
from residents.roll_changes import end_resident
from tests.factories.residents import (
    appoint,
    make_account,
    make_household,
    make_phone_account,
    make_resident,
    make_user,
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
def home(village):
    home = make_household(village)
    make_resident(village, household=home, name="贺光武", is_head=True)
    make_resident(village, household=home, name="阳桂莲")
    make_resident(village, household=home, name="贺小宝", born_on=timezone.localdate())
    return home


@pytest.fixture
def code(village, home, officer):
    return print_one(village, home, officer)


def print_one(village, home, officer):
    return entry_codes.print_codes(village, [home], by=officer, print_name=entry_codes.new_print())[0].code


def signed_in(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def at(code):
    return reverse("code:use", args=[code])


def member(home, name):
    return home.members.get(name=name)


def use(client, code, home, name, also=(), **more):
    refs = {"myself": member(home, name).ref, "also": [member(home, one).ref for one in also]}
    return client.post(at(code), {**refs, "consent": "on", **more})


def whose(client):
    return User.objects.get(pk=client.session["_auth_user_id"])


# What stands on the paper


def test_only_a_keyed_hash_of_the_digits_is_kept(code):
    kept = EntryCode.objects.get()
    assert re.fullmatch(r"[0-9]{12}", code)
    assert code not in " ".join(str(value) for value in vars(kept).values())
    assert AuditEntry.objects.filter(action="print_codes").count() == 1
    assert code not in str(list(AuditEntry.objects.values()))


def test_a_new_print_withdraws_the_paper_before_it(village, home, officer, code):
    newer = print_one(village, home, officer)
    assert newer != code
    assert Client().get(at(code)).status_code == 404
    assert Client().get(at(newer)).status_code == 200


def test_sending_a_print_again_gives_the_same_papers(village, home, officer):
    name = entry_codes.new_print()
    first, again = (entry_codes.print_codes(village, [home], by=officer, print_name=name)[0] for _ in range(2))
    assert first == again
    assert EntryCode.objects.count() == 1
    use(Client(), first.code, home, "贺光武")
    with pytest.raises(ClaimError, match="重新开始"):
        entry_codes.print_codes(village, [home], by=officer, print_name=name)


def test_the_administrator_prints_a_sheet_to_cut(village, home, officer):
    client = signed_in(officer)
    page = reverse("residents:print_codes", args=[village.slug])
    form = client.get(page).context["form"]
    sent = {"print_name": form.initial["print_name"], "households": f"{home.number}"}
    sheet = client.post(page, sent)
    assert sheet["Cache-Control"] == "no-store"
    digits = re.search(r'class="slip-code">([0-9 ]+)<', sheet.content.decode()).group(1).replace(" ", "")
    assert "贺光武户" in sheet.content.decode()
    assert "http://testserver/code/" in sheet.content.decode()
    assert Client().get(at(digits)).status_code == 200
    assert client.post(page, sent).content.decode().count(digits[:4]) >= 1


def test_households_are_chosen_by_group_number_and_whether_anybody_has_come_in(village, home, officer):
    far = make_household(village, group=2)
    make_resident(village, household=far)
    children = make_household(village, group=2)
    make_resident(village, household=children, born_on=timezone.localdate())
    client, page = signed_in(officer), reverse("residents:print_codes", args=[village.slug])

    def printed(**asked):
        answer = client.post(page, {"print_name": entry_codes.new_print(), **asked})
        return {one.household for one, *_ in answer.context["slips"]} if answer.status_code == 200 else set()

    assert printed(group="2") == {far}
    own = person_of(officer, village).household
    assert printed() == {own, home, far}
    assert printed(without_account="on") == {home, far}
    assert printed(households=f"{home.number}、{far.number}-{far.number + 1}") == {home, far}
    assert printed(households="999") == set()
    assert client.post(page, {"print_name": "short"}).status_code == 422


def test_a_villages_own_numbers_are_no_spans_of_ours(village, officer):
    homes = {own: make_household(village) for own in ("3-012", "5", "", " ")}
    for own, home in homes.items():
        home.own_number = own.strip()
        home.save()
        make_resident(village, household=home)
    every = entry_codes.households_to_print(village)
    assert set(entry_codes.households_named(every, "3-012")) == {homes["3-012"]}
    assert set(entry_codes.households_named(every, "5、 3-012")) == {homes["3-012"], homes["5"]}
    ours = homes[""].number
    assert set(entry_codes.households_named(every, f"{ours}－{ours + 1}")) == {homes[""], homes[" "]}
    assert not entry_codes.households_named(every, "没有")
    page = reverse("residents:print_codes", args=[village.slug])
    form = signed_in(officer).get(page, {"household": homes["3-012"].number}).context["form"]
    assert (form.initial["households"], form.initial["without_account"]) == ("3-012", False)


def test_a_leader_prints_for_the_own_group_and_nobody_else_prints(village, home, officer):
    leader = make_resident(village, household=make_household(village, group=2))
    appointment = appoint(leader, "group_leader")
    appointment.group = leader.household.group
    appointment.save()
    page = reverse("residents:print_codes", args=[village.slug])
    answer = signed_in(make_account(leader)).post(page, {"print_name": entry_codes.new_print(), "group": "1"})
    assert answer.status_code == 422
    answer = signed_in(make_account(leader)).post(page, {"print_name": entry_codes.new_print()})
    assert {one.household.group.number for one, *_ in answer.context["slips"]} == {2}
    supervisor = make_resident(village)
    appoint(supervisor, "supervisory_chair")
    assert signed_in(make_account(supervisor)).get(page).status_code == 403
    assert signed_in(make_account(make_resident(village))).get(page).status_code == 403
    assert signed_in(make_user()).get(page).status_code == 404
    stranger = make_resident(make_village())
    appoint(stranger, "village_admin")
    assert signed_in(make_account(stranger)).get(page).status_code == 404
    assert Client().get(page).status_code == 302


# Using it


def test_looking_spends_nothing_however_often(code, home):
    for _ in range(12):
        assert Client().get(at(code)).status_code == 200
        assert Client().head(at(code)).status_code == 200
    assert use(Client(), code, home, "贺光武").status_code == 302


def test_without_a_phone_the_paper_opens_an_account_of_its_own(village, home, code):
    client = Client()
    assert "阳桂莲" not in client.get(at(code)).content.decode()
    page = client.get(at(code), {"alone": "1"})
    assert "阳桂莲" in page.content.decode()
    assert "贺小宝" not in page.content.decode()
    assert use(client, code, home, "阳桂莲", also=["贺光武"]).status_code == 302
    user = whose(client)
    assert person_of(user, village) == member(home, "阳桂莲")
    assert set(Claim.objects.filter(user=user).values_list("resident__name", "relation", "basis")) == {
        ("阳桂莲", "self", "code"), ("贺光武", "helper", "code"),
    }  # fmt: skip
    assert (user.phone_hash, user.has_usable_password(), bool(user.consented_at)) == ("", False, True)
    assert EntryCode.objects.get().used_by == user


def test_without_consent_nothing_happens(code, home):
    client = Client()
    answer = client.post(at(code), {"myself": member(home, "阳桂莲").ref})
    assert answer.status_code == 422
    assert "同意的话在前面打勾" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert not EntryCode.objects.get().used_at


def test_a_used_paper_is_no_paper(code, home):
    use(Client(), code, home, "阳桂莲")
    second = Client()
    assert use(second, code, home, "贺光武").status_code == 404
    assert "_auth_user_id" not in second.session
    typed = second.post(reverse("code:enter"), {"code": code})
    assert (typed.status_code, "已经用过" in typed.content.decode()) == (422, True)


def test_pressing_twice_is_harmless(village, code, home):
    client = Client()
    first, second = use(client, code, home, "阳桂莲"), use(client, code, home, "阳桂莲")
    assert first["Location"] == second["Location"]
    assert Claim.objects.count() == 2  # the officer's own, and this one


def test_two_at_once_are_one(village, home, code):
    found = entry_codes.find_code(code, user=None, address="1")
    entry_codes.use_code(None, found, myself=member(home, "贺光武"))
    with pytest.raises(ClaimError, match="刚刚"):
        entry_codes.use_code(None, found, myself=member(home, "阳桂莲"))


def test_a_paper_of_yesterday_is_none(code):
    EntryCode.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    assert Client().get(at(code)).status_code == 404


def test_nobody_of_another_household_is_had_by_it(village, home, code):
    other = make_resident(village)
    client = Client()
    for sent in ({"myself": other.ref}, {"myself": member(home, "贺光武").ref, "also": [other.ref]}):
        assert client.post(at(code), {**sent, "consent": "on"}).status_code == 422
    found = entry_codes.find_code(code, user=None, address="1")
    with pytest.raises(ClaimError, match="这一户"):
        entry_codes.use_code(make_user(), found, myself=other)
    assert not EntryCode.objects.get().used_at


def test_a_child_and_who_has_died_are_not_offered(village, home, code):
    end_resident(member(home, "阳桂莲"), on=timezone.localdate(), because="deceased", by=None)
    client = Client()
    page = client.get(at(code), {"alone": "1"}).content.decode()
    assert "贺光武" in page
    assert "阳桂莲" not in page
    assert use(client, code, home, "阳桂莲").status_code == 422
    assert use(client, code, home, "贺小宝").status_code == 422


def test_an_account_by_phone_uses_the_paper_for_itself(village, home, code):
    user = make_phone_account("15400000009")
    client = signed_in(user)
    assert "consent" not in client.get(at(code)).context["form"].fields
    assert use(client, code, home, "阳桂莲").status_code == 302
    assert person_of(user, village) == member(home, "阳桂莲")


def test_who_is_somebody_else_here_only_helps(village, home, code):
    daughter = make_resident(village, name="贺小妹")
    client = signed_in(make_account(daughter))
    form = client.get(at(code)).context["form"]
    assert "myself" not in form.fields
    assert client.post(at(code), {"consent": "on"}).status_code == 422
    assert client.post(at(code), {"also": [member(home, "阳桂莲").ref], "consent": "on"}).status_code == 302
    assert person_of(whose(client), village) == daughter
    assert Claim.objects.get(resident=member(home, "阳桂莲")).relation == "helper"


def test_the_next_paper_opens_the_account_the_first_one_opened(village, home, officer, code):
    first, second = Client(), Client()
    use(first, code, home, "阳桂莲")
    use(second, print_one(village, home, officer), home, "阳桂莲")
    assert whose(first) == whose(second)
    assert User.objects.filter(username__startswith="c-").count() == 1


def test_paper_opens_no_second_door_for_who_has_a_phone(village, home, officer, code):
    user = make_phone_account("15400000009")
    make_account(member(home, "阳桂莲"), user=user)
    client = Client()
    answer = use(client, code, home, "阳桂莲")
    assert (answer.status_code, "恢复登录" in answer.content.decode()) == (422, True)
    assert "_auth_user_id" not in client.session
    other = signed_in(make_phone_account("15400000008"))
    assert use(other, code, home, "阳桂莲").status_code == 422
    assert not EntryCode.objects.get().used_at


def test_paper_gives_nobody_an_office(village, home, officer, code):
    appoint(member(home, "贺光武"), "committee_chair")
    client = Client()
    answer = use(client, code, home, "贺光武")
    assert (answer.status_code, "担任职务" in answer.content.decode()) == (422, True)
    assert "_auth_user_id" not in client.session
    assert not User.objects.filter(username__startswith="c-").exists()
    use(client, code, home, "阳桂莲")
    appoint(member(home, "阳桂莲"), "supervisory_chair")
    assert use(Client(), print_one(village, home, officer), home, "阳桂莲").status_code == 422


# Typing it


@pytest.mark.parametrize("shape", ["{} {} {}", "{}-{}-{}", "{}{}{}", " {}  {}{} "])
def test_it_is_typed_as_people_type(code, shape):
    words = shape.format(code[:4], code[4:8], code[8:])
    assert Client().post(reverse("code:enter"), {"code": words})["Location"] == at(code)
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter.isdigit() else letter for letter in words)
    assert Client().post(reverse("code:enter"), {"code": wide})["Location"] == at(code)


@pytest.mark.parametrize(
    "words", ["", "123", "一二三四五六七八九十一二", "123456789012345", "12345678901x", "000000000000"]
)
def test_what_is_no_code_is_told_at_the_field(words):
    answer = Client().post(reverse("code:enter"), {"code": words})
    assert answer.status_code == 422
    assert 'id="id_code_error"' in answer.content.decode()
    assert f'value="{words}"' in answer.content.decode() or not words


def test_guessing_without_an_account_ends_for_the_address(code):
    for number in range(entry_codes.PER_ADDRESS):
        Client().get(at(f"{number:012d}"))
    answer = Client().get(at(code))
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert Client(REMOTE_ADDR="10.0.0.9").get(at(code)).status_code == 200
    assert signed_in(make_phone_account("15400000009")).get(at(code)).status_code == 200


def test_guessing_with_an_account_ends_after_five(code):
    client = signed_in(make_user())
    for number in range(5):
        assert client.post(reverse("code:enter"), {"code": f"{number:012d}"}).status_code == 422
    assert client.post(reverse("code:enter"), {"code": code}).status_code == 429
    assert client.get(at(code)).status_code == 429


def test_nothing_real_enters_a_practice_village():
    village = make_village(is_practice=True)
    person = make_resident(village)
    code = print_one(village, person.household, make_user())
    assert Client().get(at(code)).status_code == 404
