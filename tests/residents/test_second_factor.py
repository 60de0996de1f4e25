"""The second factor: whose office needs one, which one does, setting it up, and being asked again."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from residents.models import Resident, Role, User, Village
from residents.phone_accounts import account_for, account_of, phone_of, phone_shown
from residents.phones import phone_hash
from residents.sms import console
from tests.factories.residents import appoint, make_account, make_resident, make_user, make_village
from tests.sessions import show, sign_in

pytestmark = pytest.mark.django_db

PHONE, OTHER = "15400000101", "15400000102"
PASSWORD = "晒谷坪上的月亮很圆"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SMS = "me:second_factor_sms"


@pytest.fixture(autouse=True)
def _required(settings: object) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(console, "send", lambda phone, code: sent.append((phone, code)))
    return sent


@pytest.fixture
def village() -> Village:
    return make_village()


@pytest.fixture
def keeper(village: Village) -> User:
    """The village's administrator, with a phone and a password."""
    person = make_resident(village, name="贺光武")
    appoint(person, Role.VILLAGE_ADMIN)
    user = make_account(person, user=account_for(PHONE))
    phone_shown(user)
    User.objects.filter(pk=user.pk).update(username="keshu", password=make_password(PASSWORD))
    return User.objects.get(pk=user.pk)


def code_now(secret: str = SECRET, ahead: int = 0) -> str:
    cache.clear()  # a code counts once, and several tests may fall into the same half minute
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter + ahead))


def with_app(user: User) -> User:
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    return user


def roll(village: Village) -> str:
    return reverse("residents:import", args=[village.slug])


# Being led to it


def test_an_office_does_nothing_before_a_second_factor_is_set_up(
    keeper: User, village: Village, client: Client
) -> None:
    sign_in(client, keeper, "code")

    response = client.get(roll(village))

    assert response.status_code == 302
    assert response.url.startswith(reverse("me:second_factor") + "?next=")
    page = client.get(response.url).text
    assert "您担任的职务" in page
    assert "用验证器" in page
    assert "发短信验证码" not in page  # an administrator needs more than that


def test_a_resident_is_never_asked(village: Village, client: Client) -> None:
    user = make_account(make_resident(village))
    sign_in(client, user, "code")

    assert client.get(reverse("home:me")).status_code == 200
    assert "您担任的职务" not in client.get(reverse("me:second_factor")).text


def test_setting_an_app_up_and_going_on_where_one_wanted_to(keeper: User, village: Village, client: Client) -> None:
    """That it counts as shown from then on is seen in a browser (tests/journeys/test_way_in.py): after the commit."""
    sign_in(client, keeper, "password")
    client.get(client.get(roll(village)).url)
    page = client.get(reverse("mfa_activate_totp")).text
    secret = re.search(r'<code class="secret">(\w+)</code>', page).group(1)
    assert "data:image/svg+xml" in page

    response = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "验证码不对" in response.text
    assert f'<code class="secret">{secret}</code>' in response.text
    response = client.post(reverse("mfa_activate_totp"), {"code": code_now(secret)})

    assert response.url == reverse("mfa_view_recovery_codes")
    response = client.get(response.url)
    codes = re.findall(r'<code class="secret">([\w-]+)</code>', response.text)
    assert len(codes) == 10
    response = client.get(reverse("me:second_factor_done"))
    assert response.url == roll(village)


def test_what_the_database_keeps_of_it_is_sealed(keeper: User) -> None:
    with_app(keeper)
    codes = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()

    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in kept
    assert codes[0] not in kept


def test_it_is_not_set_up_by_whoever_finds_a_phone(keeper: User, client: Client) -> None:
    sign_in(client, keeper, "code", ago=3600)

    for name in ("mfa_activate_totp", "mfa_add_webauthn", "account_set_password"):
        response = client.get(reverse(name))
        assert response.status_code == 302
        assert response.url.startswith(reverse("account_reauthenticate"))


@pytest.mark.parametrize("name", ["mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"])
def test_nor_taken_off_or_looked_at(keeper: User, client: Client, name: str) -> None:
    with_app(keeper)
    sign_in(client, keeper, "password", "mfa", ago=3600)
    assert "/reauthenticate/" in client.get(reverse(name)).url

    show(client, keeper, "mfa")
    assert client.get(reverse(name)).status_code == 200


# Signing in with it


def test_signing_in_asks_for_it(keeper: User, village: Village, client: Client) -> None:
    with_app(keeper)
    response = client.post(reverse("account_login"), {"login": "keshu", "password": PASSWORD, "next": roll(village)})
    assert response.url == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    assert client.get(roll(village)).url.startswith(reverse("account_login"))

    response = client.post(reverse("mfa_authenticate"), {"code": "123456"})
    assert "验证码不对" in response.text
    response = client.post(reverse("mfa_authenticate"), {"code": code_now()})

    assert response.url == roll(village)
    assert client.get(roll(village)).status_code == 200


@pytest.mark.parametrize("shape", ["{0} {1}", "full", " {0}{1} "])
def test_the_apps_code_is_taken_as_people_type_it(keeper: User, client: Client, shape: str) -> None:
    with_app(keeper)
    client.post(reverse("account_login"), {"login": "keshu", "password": PASSWORD})
    code = code_now()
    full = code.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    typed = full if shape == "full" else shape.format(code[:3], code[3:])

    assert client.post(reverse("mfa_authenticate"), {"code": typed}).status_code == 302
    assert "_auth_user_id" in client.session


def test_a_code_by_sms_does_not_go_round_it(keeper: User, client: Client, outbox: list[tuple[str, str]]) -> None:
    with_app(keeper)
    client.get(reverse("account_login"))
    client.post(reverse("account_request_login_code"), {"phone": PHONE, "consent": "on"})

    response = client.post(reverse("account_confirm_login_code"), {"code": outbox[0][1]})

    assert response.url == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session


def test_a_recovery_code_counts_once(keeper: User) -> None:
    with_app(keeper)
    code = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()[0]
    answers = []
    for _ in range(2):
        client = Client()
        client.post(reverse("account_login"), {"login": "keshu", "password": PASSWORD})
        client.post(reverse("mfa_authenticate"), {"code": code})
        answers.append("_auth_user_id" in client.session)

    assert answers == [True, False]


def test_codes_of_the_app_are_not_guessed(keeper: User) -> None:
    with_app(keeper)
    client = Client()
    client.post(reverse("account_login"), {"login": "keshu", "password": PASSWORD})
    for guess in range(5):
        client.post(reverse("mfa_authenticate"), {"code": f"{guess:06d}"})
    right = format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time()))))

    response = client.post(reverse("mfa_authenticate"), {"code": right})

    assert "试的次数太多了" in response.text
    assert "_auth_user_id" not in client.session


# Being asked again


def test_exports_ask_again_after_ten_minutes(keeper: User, village: Village, client: Client) -> None:
    with_app(keeper)
    sign_in(client, keeper, "mfa", ago=11 * 60)
    assert client.get(roll(village)).status_code == 200

    response = client.post(reverse("residents:roll_download", args=[village.slug]), {"reason": "核对"})

    assert response.status_code == 403
    assert "再确认一次是您本人" in response.text
    assert reverse("mfa_reauthenticate") in response.text


def test_what_was_sent_goes_on_by_itself(keeper: User, village: Village, client: Client) -> None:
    with_app(keeper)
    sign_in(client, keeper, "mfa", ago=11 * 60)
    download = reverse("residents:roll_download", args=[village.slug])
    response = client.post(download, {"reason": "开会前核对"})
    assert "您刚才填的内容已经留着" in response.text
    address = re.search(r'href="(/accounts/2fa/reauthenticate/[^"]*)"', response.text).group(1).replace("&amp;", "&")

    response = client.post(address, {"code": code_now()})

    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/vnd.openxmlformats")


def test_scripts_are_told_step_up(keeper: User, village: Village, client: Client) -> None:
    with_app(keeper)
    sign_in(client, keeper, "mfa", ago=11 * 60)

    response = client.post(
        reverse("residents:roll_download", args=[village.slug]), {}, headers={"Accept": "application/json"}
    )

    assert response.status_code == 403
    assert response.json()["error"]["code"] == "step_up"


def test_an_officers_factor_ends_with_the_day(keeper: User, village: Village, client: Client) -> None:
    with_app(keeper)
    sign_in(client, keeper, "mfa", ago=12 * 3600 + 1)

    assert client.get(roll(village)).url.startswith(reverse("mfa_reauthenticate"))


# By SMS


def test_by_sms_a_code_goes_to_the_own_number(keeper: User, client: Client, outbox: list[tuple[str, str]]) -> None:
    sign_in(client, keeper, "code", ago=3600)
    page = client.get(reverse(SMS)).text
    assert "154****0101" in page
    assert not outbox
    address = f"{reverse(SMS)}?next=/find/"

    assert client.post(address, {"action": "send"}).url == address
    assert outbox[0][0] == PHONE
    wrong = f"{(int(outbox[0][1]) + 1) % 1_000_000:06d}"
    response = client.post(address, {"code": wrong})
    assert response.status_code == 422
    assert "验证码不对" in response.text
    response = client.post(address, {"code": outbox[0][1]})
    assert response.url == "/find/"
    # It works once.
    assert client.post(address, {"code": outbox[0][1]}).url == address


def test_by_sms_three_tries_and_five_minutes(keeper: User, client: Client, outbox: list[tuple[str, str]]) -> None:
    sign_in(client, keeper, "code", ago=3600)
    client.post(reverse(SMS), {"action": "send"})
    code = outbox[0][1]
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert [client.post(reverse(SMS), {"code": wrong}).status_code for _ in range(3)] == [422] * 3
    assert client.post(reverse(SMS), {"code": code}).status_code == 302
    assert all(record["method"] != "sms" for record in client.session["account_authentication_methods"])
    assert client.post(reverse(SMS), {"action": "send"}).status_code == 429

    cache.delete(f"sms:gap:{phone_hash(PHONE)}")
    client.post(reverse(SMS), {"action": "send"})
    session = client.session
    session["code:second_factor"] = session["code:second_factor"] | {"at": time.time() - 301}
    session.save()
    client.post(reverse(SMS), {"code": outbox[1][1]})
    assert all(record["method"] != "sms" for record in client.session["account_authentication_methods"])


def test_a_code_by_sms_does_for_a_meetings_officers_only(keeper: User, village: Village, client: Client) -> None:
    sign_in(client, keeper, "code", "sms")

    assert client.get(roll(village)).url.startswith(reverse("me:second_factor"))


def test_without_a_number_there_is_no_sms(client: Client) -> None:
    sign_in(client, make_user(), "password")

    assert client.get(reverse(SMS)).url == reverse("me:second_factor")


# The own number


def _change(client: Client, phone: str) -> object:
    return client.post(reverse("me:phone"), {"phone": phone})


def test_the_own_number_is_changed_by_a_code_to_the_new_one(
    keeper: User, client: Client, outbox: list[tuple[str, str]]
) -> None:
    sign_in(client, keeper, "code")
    assert "154****0101" in client.get(reverse("me:phone")).text

    assert _change(client, "154 0000 0102").url == reverse("me:phone_code")
    assert outbox[0][0] == OTHER
    assert phone_of(User.objects.get(pk=keeper.pk)) == PHONE  # not yet
    response = client.post(reverse("me:phone_code"), {"code": outbox[0][1]})

    assert response.url == reverse("home:me")
    assert account_of(OTHER) == keeper
    assert account_of(PHONE) is None
    assert account_of(OTHER).phone_verified_at is not None


@pytest.mark.parametrize("typed", ["", "110", PHONE])
def test_a_number_that_cannot_be_is_refused(
    keeper: User, client: Client, outbox: list[tuple[str, str]], typed: str
) -> None:
    sign_in(client, keeper, "code")

    assert _change(client, typed).status_code == 422
    assert not outbox


def test_anothers_number_is_not_taken_but_an_empty_accounts_is(
    keeper: User, village: Village, client: Client, outbox: list[tuple[str, str]]
) -> None:
    other = make_account(make_resident(village), user=account_for(OTHER))
    sign_in(client, keeper, "code")
    assert _change(client, OTHER).url == reverse("me:phone_code")  # nobody learns whose it is without holding it
    response = client.post(reverse("me:phone_code"), {"code": outbox[0][1]}, follow=True)
    assert "已经是另一个账号的了" in response.text
    assert account_of(OTHER) == other

    other.claims.all().delete()
    cache.clear()
    _change(client, OTHER)
    client.post(reverse("me:phone_code"), {"code": outbox[1][1]})
    assert account_of(OTHER) == keeper
    assert User.objects.get(pk=other.pk).phone_hash == ""


def test_the_number_is_not_changed_by_whoever_finds_the_phone(keeper: User, client: Client) -> None:
    sign_in(client, keeper, "code", ago=3600)

    assert _change(client, OTHER).status_code == 302
    assert client.get(reverse("me:phone")).url.startswith(reverse("account_reauthenticate"))
    show(client, keeper, "password")
    assert client.get(reverse("me:phone")).status_code == 200


# Pages


def test_every_page_of_the_second_factor_speaks_chinese_and_has_no_inline_script(keeper: User, client: Client) -> None:
    with_app(keeper)
    sign_in(client, keeper, "mfa")
    pages = [
        "mfa_index", "mfa_add_webauthn", "mfa_list_webauthn", "mfa_deactivate_totp", "mfa_reauthenticate",
        "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "account_reauthenticate", "account_change_password",
        "me:second_factor", "me:phone", SMS, "socialaccount_connections",
    ]  # fmt: skip
    for name in pages:
        response = client.get(reverse(name))
        assert response.status_code == 200, name
        main = response.text[response.text.index("<main") : response.text.index("</main>")]
        assert "site-header" in response.text, name
        words = re.sub(r"<[^>]*>|&\w+;", " ", re.sub(r"<script.*?</script>", "", main, flags=re.S))
        assert not re.search(r"[A-Za-z]{4,}", re.sub("https|localhost|TOTP", "", words)), (name, words)
        for script in re.findall(r"<script[^>]*>", response.text):
            assert "src=" in script or 'type="application/json"' in script, name


def test_a_person_of_another_village_is_not_meant(keeper: User, client: Client) -> None:
    """An office elsewhere asks for nothing here: here its holder is a visitor."""
    elsewhere = make_village()
    person: Resident = make_resident(elsewhere)
    sign_in(client, keeper, "code")

    assert client.get(reverse("residents:person", args=[elsewhere.slug, person.ref])).status_code == 404
