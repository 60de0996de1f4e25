"""Signing in with a phone: the code, its limits, a number that changed hands, and what is said to whom."""

from __future__ import annotations

import datetime
import re
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from residents.models import Claim, User
from residents.phone_accounts import account_for, account_of, phone_of, phone_shown
from residents.sms import console
from residents.sms.limits import count_code
from residents.views.entrance import AskCodeView
from tests.factories.residents import make_account, make_resident, make_village

pytestmark = pytest.mark.django_db

PHONE = "15400000101"
ASK, CODE = "account_request_login_code", "account_confirm_login_code"
Outbox = list[tuple[str, str]]


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch) -> Outbox:
    """What the console gateway would have printed."""
    sent: Outbox = []
    monkeypatch.setattr(console, "send", lambda phone, code: sent.append((phone, code)))
    return sent


def ask(client: Client, phone: str = PHONE, **more: str) -> object:
    client.get(reverse("account_login"))  # gives the browser its name
    return client.post(reverse(ASK), {"phone": phone, "consent": "on"} | more)


def a_minute_later() -> None:
    for phone in (PHONE,):
        from residents.phones import phone_hash

        cache.delete(f"sms:gap:{phone_hash(phone)}")


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_first_sign_in_makes_an_account_without_any_right(client: Client, outbox: Outbox) -> None:
    response = ask(client)

    assert (response.status_code, response.url) == (302, reverse(CODE))
    page = client.get(response.url).text
    assert "154****0101" in page
    assert PHONE not in page
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    [(phone, code)] = outbox
    assert phone == PHONE
    assert re.fullmatch(r"\d{6}", code)

    response = client.post(reverse(CODE), {"code": code})

    assert (response.status_code, response.url) == (302, reverse("me:who"))
    user = account_of(PHONE)
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.phone_verified_at is not None
    assert user.consented_at is not None
    assert user.consented_to
    assert not user.has_usable_password()
    assert not Claim.objects.filter(user=user).exists()
    assert user.display_name == "154****0101"


def test_the_number_lies_open_nowhere_in_the_database(client: Client, outbox: Outbox) -> None:
    ask(client)
    pending = [session.get_decoded() for session in Session.objects.all()]
    client.post(reverse(CODE), {"code": outbox[0][1]})
    after = [session.get_decoded() for session in Session.objects.all()]

    assert pending
    assert after
    assert PHONE not in str(pending)
    assert PHONE not in str(after)
    assert PHONE not in str(list(User.objects.values()))


@pytest.mark.parametrize("typed", ["+86 154-0000-0101", "１５４０００００１０１", "154 0000 0101", "8615400000101"])
def test_a_number_is_taken_as_people_type_it(client: Client, outbox: Outbox, typed: str) -> None:
    assert ask(client, typed).status_code == 302
    assert outbox[0][0] == PHONE


@pytest.mark.parametrize("typed", ["", "12345", "0731-88886666", "1540000010", "abc", "154000001011", "154\x000000101"])
def test_what_is_no_mobile_is_refused_and_kept(client: Client, outbox: Outbox, typed: str) -> None:
    response = ask(client, typed)

    assert response.status_code == 422
    assert not outbox
    if typed.isascii() and typed.isprintable() and typed:
        assert f'value="{typed}"' in response.text


def test_nothing_is_sent_before_the_notice_is_agreed_to(client: Client, outbox: Outbox) -> None:
    response = client.post(reverse(ASK), {"phone": PHONE})

    assert response.status_code == 422
    assert "请先看《隐私政策》" in response.text
    assert not outbox
    assert not User.objects.exists()


def test_known_and_unknown_numbers_get_the_same_answer(outbox: Outbox) -> None:
    known = make_account(make_resident(make_village()), user=account_for(PHONE))
    phone_shown(known)
    answers = []
    for phone in (PHONE, "15400000102"):
        client = Client()
        first = ask(client, phone)
        page = client.get(first.url).text
        page = re.sub(r"154\*{4}\d{4}|csrfmiddlewaretoken\" value=\"\w+|验证码是 \d+", "", page)
        answers.append((first.status_code, first.url, page))

    assert answers[0] == answers[1]


def test_next_is_kept_over_every_step_and_never_leads_elsewhere(client: Client, outbox: Outbox) -> None:
    response = ask(client, next="/v/cun/meetings/1/?a=1")
    assert response.url == f"{reverse(CODE)}?next=%2Fv%2Fcun%2Fmeetings%2F1%2F%3Fa%3D1"
    page = client.get(response.url).text
    assert page.count('name="next" value="/v/cun/meetings/1/?a=1"') == 2  # with the code, and with another one
    response = client.post(reverse(CODE), {"code": outbox[0][1], "next": "/v/cun/meetings/1/?a=1"})
    assert response.url == "/v/cun/meetings/1/?a=1"

    other = Client()
    a_minute_later()
    ask(other, next="https://evil.example/")
    response = other.post(reverse(CODE), {"code": outbox[1][1], "next": "https://evil.example/"})
    assert response.url == reverse("me:who")


def test_whoever_is_somebody_goes_to_the_own_page(client: Client, outbox: Outbox) -> None:
    make_account(make_resident(make_village()), user=account_for(PHONE))
    ask(client)

    assert client.post(reverse(CODE), {"code": outbox[0][1]}).url == reverse("home:me")


@pytest.mark.parametrize("shape", ["{0}", " {0} ", "{1} {2}", "full"])
def test_the_code_is_taken_as_people_type_it(client: Client, outbox: Outbox, shape: str) -> None:
    ask(client)
    code = outbox[0][1]
    full = code.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    typed = full if shape == "full" else shape.format(code, code[:3], code[3:])

    assert client.post(reverse(CODE), {"code": typed}).status_code == 302
    assert is_signed_in(client)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_wrong_code_is_told_and_three_are_the_end(client: Client, outbox: Outbox) -> None:
    ask(client, next="/find/")
    code = outbox[0][1]
    for _ in range(2):
        response = client.post(reverse(CODE), {"code": wrong(code), "next": "/find/"})
        assert response.status_code == 422
        assert "验证码不对，请看清短信里的 6 位数字" in response.text
        assert 'name="next" value="/find/"' in response.text

    response = client.post(reverse(CODE), {"code": wrong(code), "next": "/find/"})

    assert response.url == f"{reverse(ASK)}?next=%2Ffind%2F"
    assert "试的次数太多了" in client.get(response.url).text
    client.post(reverse(CODE), {"code": code})
    assert not is_signed_in(client)


def test_a_hundred_guesses_at_once_are_still_three(client: Client, outbox: Outbox) -> None:
    """Each request reads the session before any other has written its try into it."""
    ask(client)
    code = outbox[0][1]
    kept = Session.objects.get(session_key=client.session.session_key).session_data
    answers = []
    for guess in [wrong(code)] * 3 + [code]:
        Session.objects.filter(session_key=client.session.session_key).update(session_data=kept)
        answers.append(client.post(reverse(CODE), {"code": guess}).status_code)

    assert answers[:3] == [422, 422, 422]
    assert answers[3] == 302
    assert not is_signed_in(client)


def test_a_code_lives_five_minutes(client: Client, outbox: Outbox) -> None:
    ask(client)
    _age_of_code(client, 301)

    response = client.post(reverse(CODE), {"code": outbox[0][1]})

    assert response.url == reverse(ASK)
    assert "验证码过期了" in client.get(response.url).text
    assert not is_signed_in(client)


def _age_of_code(client: Client, seconds: int) -> None:
    session = client.session
    session["account_login"]["state"]["stages"]["login_by_code"]["data"]["at"] -= seconds
    session.save()


def test_another_code_after_a_minute_with_five_minutes_of_its_own(client: Client, outbox: Outbox) -> None:
    ask(client)
    response = client.post(reverse(CODE), {"action": "resend"})
    assert response.status_code == 429
    assert response["Retry-After"] == "60"
    assert "请等一分钟" in response.text
    assert len(outbox) == 1

    a_minute_later()
    _age_of_code(client, 299)
    client.post(reverse(CODE), {"code": wrong(outbox[0][1])})
    client.post(reverse(CODE), {"code": wrong(outbox[0][1])})
    assert client.post(reverse(CODE), {"action": "resend"}).status_code == 302
    first, second = outbox[0][1], outbox[1][1]
    if first != second:
        assert client.post(reverse(CODE), {"code": first}).status_code == 422
    client.post(reverse(CODE), {"code": second})
    assert is_signed_in(client)


def test_pressing_twice_sends_one_code_and_leads_to_its_page(client: Client, outbox: Outbox) -> None:
    ask(client, next="/find/")

    response = client.post(reverse(ASK), {"phone": PHONE, "consent": "on", "next": "/find/"})

    assert response.url == f"{reverse(CODE)}?next=%2Ffind%2F"
    assert len(outbox) == 1
    assert client.post(reverse(CODE), {"code": outbox[0][1], "next": "/find/"}).url == "/find/"
    assert is_signed_in(client)


def test_two_presses_at_once_find_the_code_all_the_same(client: Client, outbox: Outbox) -> None:
    """The second had read its session before the first wrote the code that is waited for into it."""
    ask(client)
    stale = type(client.session)(client.session.session_key)
    stale._session_cache = {}
    view = AskCodeView()
    view.request, view._waited_for = SimpleNamespace(session=stale), None

    assert not view._still_waits("15400000102")
    assert view._still_waits(PHONE)
    assert stale["account_login"] == client.session["account_login"]


def test_another_number_is_not_led_to_the_first_ones_code(client: Client, outbox: Outbox) -> None:
    ask(client, PHONE)
    ask(client, "15400000102")

    assert ask(client, PHONE).status_code == 429


# How many codes go out


@pytest.mark.parametrize("people", [40, pytest.param(500, marks=pytest.mark.long)])
def test_the_people_of_one_hall_get_in(outbox: Outbox, people: int) -> None:
    """All from one address, within a minute or so, each with the own number and the own phone."""
    for n in range(people):
        client, phone = Client(), f"154{n:08d}"
        client.cookies["device"] = f"{n:032x}"  # as the sign-in page gave it
        assert client.post(reverse(ASK), {"phone": phone, "consent": "on"}).status_code == 302
        assert outbox[-1][0] == phone
        response = client.post(reverse(CODE), {"code": outbox[-1][1]})
        assert response.url == reverse("me:who")
        assert is_signed_in(client)
    assert len(outbox) == people


def test_five_hundred_people_of_one_hall_are_sent_a_code_each() -> None:
    for n in range(500):
        count_code(f"154{n:08d}", device=f"{n:032x}", address="10.0.0.1")


def test_one_number_is_not_bombed(outbox: Outbox) -> None:
    for n in range(5):
        assert ask(Client(REMOTE_ADDR=f"10.0.0.{n}")).status_code == 302
        assert ask(Client(REMOTE_ADDR=f"10.0.1.{n}")).status_code == 429  # within the minute
        a_minute_later()

    response = ask(Client(REMOTE_ADDR="10.0.2.1"))

    assert response.status_code == 429
    assert int(response["Retry-After"]) == 24 * 3600
    assert "这个号码今天要了太多次验证码" in response.text
    assert f'value="{PHONE}"' in response.text
    assert len(outbox) == 5


def test_one_device_does_not_bomb_many_numbers(client: Client, outbox: Outbox) -> None:
    answers = [ask(client, f"154{n:08d}").status_code for n in range(22)]

    assert answers == [302] * 20 + [429] * 2
    assert len(outbox) == 20


def test_a_robot_that_keeps_no_cookies_gets_twenty(outbox: Outbox) -> None:
    answers = []
    for n in range(22):
        answers.append(Client().post(reverse(ASK), {"phone": f"154{n:08d}", "consent": "on"}).status_code)

    assert answers == [302] * 20 + [429] * 2


def test_one_address_does_not_empty_the_budget(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("residents.sms.limits.PER_ADDRESS", 30)

    answers = [ask(Client(), f"154{n:08d}").status_code for n in range(31)]

    assert answers == [302] * 30 + [429]
    assert ask(Client(REMOTE_ADDR="10.0.0.9"), "15411111111").status_code == 302


def test_the_site_sends_no_more_than_its_cap(outbox: Outbox, settings: object) -> None:
    settings.SMS_DAILY_CAP = 3
    answers = [ask(Client(), f"154{n:08d}") for n in range(4)]

    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert "今天的短信已经用完，请用纸上的代码" in answers[3].text


def test_scripts_are_told_in_json(client: Client, outbox: Outbox) -> None:
    ask(Client())
    response = client.post(reverse(ASK), {"phone": PHONE, "consent": "on"}, headers={"Accept": "application/json"})

    assert response.status_code == 429
    error = response.json()["error"]
    assert (error["code"], error["retry"]) == ("slow_down", True)
    response = client.post(reverse(ASK), {"phone": "1", "consent": "on"}, headers={"Accept": "application/json"})
    assert response.status_code == 422
    assert response.json()["error"]["field"] == "phone"


def test_a_site_without_a_gateway_says_where_to_go(client: Client, settings: object) -> None:
    settings.SMS_GATEWAY = ""

    page = client.get(reverse("account_login")).text
    response = ask(client)

    assert "发验证码" not in page
    assert response.status_code == 422
    assert "本站没有开通短信登录" in response.text


def test_the_page_shows_the_code_on_a_demo_only(client: Client, outbox: Outbox, settings: object) -> None:
    response = ask(client)
    assert outbox[0][1] in client.get(response.url).text

    settings.DEVELOPMENT = False
    other = Client()
    a_minute_later()
    response = ask(other)
    assert outbox[1][1] not in other.get(response.url).text


# A number that may have changed hands


def _of_long_ago(days: int = 91) -> tuple[User, Claim]:
    person = make_resident(make_village(), name="向水莲")
    user = make_account(person, user=account_for(PHONE))
    phone_shown(user)
    User.objects.filter(pk=user.pk).update(last_login=timezone.now() - datetime.timedelta(days=days))
    return user, user.claims.get()


def test_after_long_the_name_is_asked_and_opens(client: Client, outbox: Outbox) -> None:
    user, claim = _of_long_ago()
    ask(client)
    response = client.post(reverse(CODE), {"code": outbox[0][1], "next": "/find/"})
    assert response.url == reverse("me:returning")
    page = client.get(response.url).text
    assert "向水莲" not in page
    assert not is_signed_in(client)

    response = client.post(reverse("me:returning"), {"name": "张三"})
    assert response.status_code == 422
    assert "和这个号码以前登记的姓名不一样" in response.text
    response = client.post(reverse("me:returning"), {"name": " 向水莲 "})

    assert response.url == "/find/"
    assert client.session["_auth_user_id"] == str(user.pk)
    claim.refresh_from_db()
    assert claim.state == Claim.State.CONFIRMED


def test_a_new_holder_begins_anew_and_gets_nothing_of_the_old(client: Client, outbox: Outbox) -> None:
    user, claim = _of_long_ago()
    ask(client)
    client.post(reverse(CODE), {"code": outbox[0][1]})

    response = client.post(reverse("me:returning"), {"answer": "new"})

    assert response.url == reverse("me:who")
    new = account_of(PHONE)
    assert client.session["_auth_user_id"] == str(new.pk) != str(user.pk)
    claim.refresh_from_db()
    user.refresh_from_db()
    assert claim.state == Claim.State.ENDED
    assert phone_of(user) == ""
    assert not new.claims.exists()


def test_names_are_not_guessed_over_many_codes(outbox: Outbox) -> None:
    """Beginning again with another code does not bring three more names."""
    user, claim = _of_long_ago()
    for name in ("张三", "李四", "王五"):
        client = Client()
        ask(client)
        client.post(reverse(CODE), {"code": outbox[-1][1]})
        assert client.post(reverse("me:returning"), {"name": name}).status_code == 422
        a_minute_later()
    client = Client()
    ask(client)
    client.post(reverse(CODE), {"code": outbox[-1][1]})

    client.post(reverse("me:returning"), {"name": "向水莲"})

    assert client.session["_auth_user_id"] != str(user.pk)
    claim.refresh_from_db()
    assert claim.state == Claim.State.ENDED


@pytest.mark.parametrize("days", [0, 89])
def test_who_was_here_lately_is_not_asked(client: Client, outbox: Outbox, days: int) -> None:
    _of_long_ago(days)
    ask(client)

    assert client.post(reverse(CODE), {"code": outbox[0][1]}).url == reverse("home:me")


def test_the_page_of_returning_is_only_for_who_is_on_the_way(client: Client) -> None:
    assert client.get(reverse("me:returning")).url == reverse("account_login")


# Passwords

PASSWORD = "晒谷坪上的月亮很圆"


@pytest.fixture
def officer() -> User:
    user = make_account(make_resident(make_village()), user=account_for(PHONE))
    phone_shown(user)
    user.username, user.password = "keshu", make_password(PASSWORD)
    user.save()
    return user


@pytest.mark.parametrize("login", ["keshu", PHONE, "154 0000 0101"])
def test_an_officer_signs_in_by_name_or_phone_and_password(client: Client, officer: User, login: str) -> None:
    response = client.post(reverse("account_login"), {"login": login, "password": PASSWORD})

    assert response.url == reverse("home:me")
    assert client.session["_auth_user_id"] == str(officer.pk)


def test_wrong_passwords_are_told_alike_for_known_and_unknown(client: Client, officer: User) -> None:
    texts = set()
    for login in ("keshu", "nobody", PHONE, "15499999999"):
        response = client.post(reverse("account_login"), {"login": login, "password": "wrong-password"})
        assert response.status_code == 422
        assert "open>" in response.text  # the part of the page that holds what was typed
        assert "wrong-password" not in response.text
        texts.add(re.search(r"账号或者密码不对[^<]*", response.text).group())

    assert len(texts) == 1


def test_guessing_a_password_meets_a_wait_that_grows(officer: User) -> None:
    def guess(password: str, login: str = "keshu", n: int = 0) -> object:
        return Client(REMOTE_ADDR=f"10.0.0.{n}").post(reverse("account_login"), {"login": login, "password": password})

    # The name and the phone are one account, and so are all addresses.
    answers = [guess("wrong", login=("keshu", PHONE)[n % 2], n=n).status_code for n in range(5)]
    assert answers == [422] * 5
    waits = []
    for _ in range(8):
        response = guess(PASSWORD)
        assert response.status_code == 429
        waits.append(int(response["Retry-After"]))
        cache.delete(f"guess:until:user:{officer.pk}")
        assert [guess("wrong").status_code for _ in range(5)] == [422] * 5
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert "密码试错的次数太多了" in guess(PASSWORD).text
    cache.delete(f"guess:until:user:{officer.pk}")
    assert guess(PASSWORD).status_code == 302


def test_a_stranger_does_not_lock_an_officer_out_of_the_other_door(officer: User, outbox: Outbox) -> None:
    for _ in range(7):
        Client().post(reverse("account_login"), {"login": "keshu", "password": "wrong"})
    client = Client()
    ask(client)

    client.post(reverse(CODE), {"code": outbox[0][1]})

    assert client.session["_auth_user_id"] == str(officer.pk)


def test_nobody_signs_up_by_mail_or_name(client: Client) -> None:
    for path in ("signup/", "email/", "password/reset/", "confirm-email/"):
        assert client.get(f"/accounts/{path}").status_code == 404
