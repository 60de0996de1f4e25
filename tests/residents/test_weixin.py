"""WeChat: both doors against a stand-in, who comes by it, and what it never gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.checks import run_checks
from django.test import Client
from django.urls import reverse

from residents.models import Claim, User
from residents.phone_accounts import account_for, phone_shown
from tests.factories.residents import make_account, make_resident, make_user, make_village
from tests.sessions import sign_in as browser_of
from tests.stand_in import Answer, Asked, StandIn, stand_in

pytestmark = pytest.mark.django_db

IN_WEIXIN = "Mozilla/5.0 (Linux; Android 11) Chrome/87 Mobile Safari/537.36 MicroMessenger/8.0.40"
ON_A_DESK = "Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537.36"
LOGIN, CALLBACK, SIGNUP = "weixin_login", "weixin_callback", "socialaccount_signup"


class Weixin:
    """Two people of WeChat's, each known to both apps by other numbers and by one that they share."""

    def __init__(self) -> None:
        self.bound = True
        self.snapshot = False
        self.codes: dict[str, str] = {}

    def code_for(self, person: str) -> str:
        code = f"code-{person}-{len(self.codes)}"
        self.codes[code] = person
        return code

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/sns/oauth2/access_token":
            return self._token(asked)
        if asked.path == "/sns/userinfo":
            app, person = asked.query["access_token"].split("~")
            told = {"openid": f"{app}-{person}", "nickname": "张三的小店", "headimgurl": "https://w.example/1.png"}
            return Answer(told | ({"unionid": f"union-{person}"} if self.bound else {}))
        return Answer("", status=404)

    def _token(self, asked: Asked) -> Answer:
        app = asked.query["appid"]
        person = self.codes.pop(asked.query["code"], None)  # a code works once
        if person is None or asked.query["secret"] != f"secret-of-{app}":
            return Answer({"errcode": 40029, "errmsg": "invalid code"})
        told = {"access_token": f"{app}~{person}", "expires_in": 7200, "openid": f"{app}-{person}"}
        return Answer(told | ({"is_snapshotuser": 1} if self.snapshot else {}))


@pytest.fixture
def weixin(settings: object) -> Iterator[Weixin]:
    answering = Weixin()
    with stand_in(answering.answer) as server:
        answering.server: StandIn = server
        settings.WEIXIN_API_URL = server.address
        settings.WEIXIN_MP_APP_ID, settings.WEIXIN_MP_SECRET = "wx-mp", "secret-of-wx-mp"
        settings.WEIXIN_OPEN_APP_ID, settings.WEIXIN_OPEN_SECRET = "wx-open", "secret-of-wx-open"
        yield answering


def phone_in_weixin() -> Client:
    return Client(headers={"User-Agent": IN_WEIXIN})


def desk() -> Client:
    return Client(headers={"User-Agent": ON_A_DESK})


def set_out(client: Client, **form: str) -> dict[str, str]:
    """Press the button; what WeChat's page is told."""
    response = client.post(reverse(LOGIN), {"process": "login"} | form)
    assert response.status_code == 302
    parts = urlsplit(response.url)
    assert parts.fragment == "wechat_redirect"
    return {"page": f"{parts.scheme}://{parts.netloc}{parts.path}"} | {
        name: values[0] for name, values in parse_qs(parts.query).items()
    }


def come_back(client: Client, weixin: Weixin, person: str, **form: str) -> object:
    told = set_out(client, **form)
    return client.get(reverse(CALLBACK), {"code": weixin.code_for(person), "state": told["state"]})


def sign_in(client: Client, weixin: Weixin, person: str, **form: str) -> object:
    response = come_back(client, weixin, person, **form)
    if response.url == reverse(SIGNUP):
        response = client.post(response.url, {"consent": "on"})
    return response


def test_each_browser_is_led_to_its_own_page(weixin: Weixin) -> None:
    told = set_out(phone_in_weixin())
    assert told["page"] == "https://open.weixin.qq.com/connect/oauth2/authorize"
    assert (told["appid"], told["scope"], told["response_type"]) == ("wx-mp", "snsapi_userinfo", "code")
    assert told["redirect_uri"] == f"http://testserver{reverse(CALLBACK)}"

    told = set_out(desk())
    assert told["page"] == "https://open.weixin.qq.com/connect/qrconnect"
    assert (told["appid"], told["scope"]) == ("wx-open", "snsapi_login")


def test_with_the_in_app_page_alone_nothing_is_asked_of_anybody(weixin: Weixin, settings: object) -> None:
    settings.WEIXIN_OPEN_APP_ID = ""
    client = phone_in_weixin()

    assert set_out(client)["scope"] == "snsapi_base"
    sign_in(client, weixin, "lan")

    assert SocialAccount.objects.get().uid == "wx-mp:wx-mp-lan"
    assert all(asked.path != "/sns/userinfo" for asked in weixin.server.asked)


def test_the_link_does_not_say_what_is_asked_of_weixin(weixin: Weixin) -> None:
    client = phone_in_weixin()
    response = client.post(f"{reverse(LOGIN)}?scope=snsapi_everything&auth_params=appid%3Dother&process=login")

    told = parse_qs(urlsplit(response.url).query)
    assert told["scope"] == ["snsapi_userinfo"]
    assert told["appid"] == ["wx-mp"]


def test_the_first_time_only_the_notice_is_asked_and_no_right_is_given(weixin: Weixin) -> None:
    client = phone_in_weixin()
    response = come_back(client, weixin, "lan", next="/find/")
    assert response.url == reverse(SIGNUP)
    page = client.get(response.url).text
    fields = set(re.findall(r'<input[^>]* name="(\w+)"', page[page.index("entrance-card") :]))
    assert fields == {"csrfmiddlewaretoken", "consent"}

    refused = client.post(response.url, {})
    assert "请先看《隐私政策》" in refused.text
    assert not User.objects.exists()

    response = client.post(response.url, {"consent": "on"})
    assert response.url == "/find/"
    user = User.objects.get()
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.consented_at is not None
    assert not user.has_usable_password()
    assert (user.phone_hash, user.email) == ("", "")
    assert not Claim.objects.exists()


def test_who_is_nobody_yet_is_asked_who_they_are(weixin: Weixin) -> None:
    assert sign_in(phone_in_weixin(), weixin, "lan").url == reverse("me:who")


def test_nothing_of_weixin_is_kept_but_who_it_is(weixin: Weixin) -> None:
    sign_in(phone_in_weixin(), weixin, "lan")

    account = SocialAccount.objects.get()
    assert (account.uid, account.extra_data) == ("union-lan", {})
    assert not SocialToken.objects.exists()
    assert "张三" not in str(list(User.objects.values()))


def test_both_doors_lead_to_one_account(weixin: Weixin) -> None:
    sign_in(phone_in_weixin(), weixin, "lan")
    person = make_account(make_resident(make_village()), user=User.objects.get())
    client = desk()

    response = come_back(client, weixin, "lan")

    assert response.url == reverse("home:me")
    assert client.session["_auth_user_id"] == str(person.pk)
    assert User.objects.count() == 1


def test_two_people_are_two_accounts(weixin: Weixin) -> None:
    sign_in(phone_in_weixin(), weixin, "lan")
    sign_in(phone_in_weixin(), weixin, "mei")

    assert set(SocialAccount.objects.values_list("uid", flat=True)) == {"union-lan", "union-mei"}
    assert User.objects.count() == 2


def test_who_came_before_the_apps_were_bound_is_found_again(weixin: Weixin) -> None:
    weixin.bound = False
    sign_in(phone_in_weixin(), weixin, "lan")
    assert SocialAccount.objects.get().uid == "wx-mp:wx-mp-lan"
    weixin.bound = True
    sign_in(phone_in_weixin(), weixin, "lan")

    assert SocialAccount.objects.get().uid == "union-lan"
    assert User.objects.count() == 1


# What does not go well


def test_a_code_works_once_and_a_foreign_state_never(weixin: Weixin) -> None:
    client = phone_in_weixin()
    told = set_out(client)
    code = weixin.code_for("lan")
    weixin.codes.pop(code)
    response = client.get(reverse(CALLBACK), {"code": code, "state": told["state"]})
    assert response.status_code == 401
    assert "微信登录没有成功" in response.text

    for state in ("", "made-up", told["state"]):
        response = client.get(reverse(CALLBACK), {"code": weixin.code_for("lan"), "state": state})
        assert response.status_code == 401
    response = phone_in_weixin().get(reverse(CALLBACK), {"code": weixin.code_for("lan"), "state": told["state"]})
    assert response.status_code == 401
    assert not User.objects.exists()


def test_who_changes_their_mind_is_told_what_else_there_is(weixin: Weixin) -> None:
    client = desk()
    response = client.get(reverse(CALLBACK), {"state": set_out(client)["state"]})

    assert response.status_code == 401
    assert "用手机验证码登录" in response.text


def test_a_snapshot_is_nobody(weixin: Weixin) -> None:
    weixin.snapshot = True
    client = phone_in_weixin()

    response = come_back(client, weixin, "lan")

    assert response.url == reverse("account_login")
    assert "使用完整服务" in client.get(response.url).text
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "answer",
    [Answer({"errcode": -1}), Answer("<html>"), Answer("", status=500), Answer({"access_token": "x"}), Answer([])],
)
def test_whatever_weixin_answers_the_page_stays_kind(answer: Answer, settings: object) -> None:
    settings.WEIXIN_MP_APP_ID, settings.WEIXIN_MP_SECRET = "wx-mp", "secret"
    with stand_in(lambda asked: answer) as server:
        settings.WEIXIN_API_URL = server.address
        client = phone_in_weixin()
        told = set_out(client)
        response = client.get(reverse(CALLBACK), {"code": "code", "state": told["state"]})

    assert response.status_code == 401
    assert "微信登录没有成功" in response.text


def test_an_account_that_was_closed_stays_closed(weixin: Weixin) -> None:
    sign_in(phone_in_weixin(), weixin, "lan")
    User.objects.update(is_active=False)
    client = phone_in_weixin()

    response = come_back(client, weixin, "lan")

    assert response.url == reverse("account_inactive")
    assert "_auth_user_id" not in client.session


# Off, and half on


def test_without_keys_there_is_no_button_and_no_page(client: Client) -> None:
    assert "微信" not in client.get(reverse("account_login")).text
    for browser in (phone_in_weixin(), desk()):
        for name in (LOGIN, CALLBACK):
            assert browser.get(reverse(name)).status_code == 404
            assert browser.post(reverse(name)).status_code == 404


def test_a_door_that_is_not_there_is_not_offered(weixin: Weixin, settings: object) -> None:
    settings.WEIXIN_OPEN_APP_ID = ""
    assert "用微信登录" in phone_in_weixin().get(reverse("account_login")).text
    assert "微信扫码登录" not in desk().get(reverse("account_login")).text
    assert desk().get(reverse(LOGIN)).status_code == 404


def test_going_to_weixin_takes_a_press(weixin: Weixin) -> None:
    response = desk().get(reverse(LOGIN))

    assert response.status_code == 200
    assert 'method="post"' in response.text


def test_half_of_the_keys_is_refused_at_the_start(settings: object) -> None:
    settings.WEIXIN_MP_APP_ID = "wx-mp"
    [error] = run_checks(tags=["way_in"])
    assert "WEIXIN_MP_SECRET" in error.msg

    settings.WEIXIN_MP_SECRET = "secret"
    assert run_checks(tags=["way_in"]) == []


# Phone and WeChat on one account


def _with_phone() -> User:
    user = make_account(make_resident(make_village()), user=account_for("15400000101"))
    phone_shown(user)
    return user


def _signed_in_by_phone(user: User) -> Client:
    return browser_of(phone_in_weixin(), user, "code")


def test_an_account_with_a_phone_takes_weixin_in(weixin: Weixin) -> None:
    user = _with_phone()
    client = _signed_in_by_phone(user)
    assert "绑定微信" in client.get(reverse("socialaccount_connections")).text

    response = come_back(client, weixin, "lan", process="connect")

    assert response.url == reverse("socialaccount_connections")
    page = client.get(response.url).text
    assert "微信绑定好了" in page
    assert "解除微信" in page
    other = desk()
    assert come_back(other, weixin, "lan").url == reverse("home:me")
    assert other.session["_auth_user_id"] == str(user.pk)


def test_the_empty_account_of_weixin_gives_it_up(weixin: Weixin) -> None:
    """Somebody came by WeChat, did not get on, and signed in by phone: no second account stands in the way."""
    sign_in(phone_in_weixin(), weixin, "lan")
    user = _with_phone()

    come_back(_signed_in_by_phone(user), weixin, "lan", process="connect")

    assert SocialAccount.objects.get().user == user


def test_an_account_that_is_somebody_does_not(weixin: Weixin) -> None:
    sign_in(phone_in_weixin(), weixin, "lan")
    other = make_account(make_resident(make_village()), user=User.objects.get())
    client = _signed_in_by_phone(_with_phone())

    response = come_back(client, weixin, "lan", process="connect")

    assert "这个微信已经是另一个账号的了" in client.get(response.url).text
    assert SocialAccount.objects.get().user == other


def test_weixin_can_be_taken_off_again_unless_it_is_the_only_way_in(weixin: Weixin) -> None:
    user = _with_phone()
    client = _signed_in_by_phone(user)
    come_back(client, weixin, "lan", process="connect")
    client.post(reverse("socialaccount_connections"), {"account": SocialAccount.objects.get().pk})
    assert not SocialAccount.objects.exists()

    alone = phone_in_weixin()
    sign_in(alone, weixin, "mei")
    response = alone.post(reverse("socialaccount_connections"), {"account": SocialAccount.objects.get().pk})
    assert response.status_code == 422
    assert "这是您唯一的登录办法" in response.text
    assert SocialAccount.objects.count() == 1


def test_nobody_takes_off_anothers(weixin: Weixin) -> None:
    sign_in(phone_in_weixin(), weixin, "lan")
    client = _signed_in_by_phone(make_user())

    client.post(reverse("socialaccount_connections"), {"account": SocialAccount.objects.get().pk})

    assert SocialAccount.objects.count() == 1


def test_a_phone_left_on_a_table_gets_no_strangers_weixin(weixin: Weixin) -> None:
    client = browser_of(phone_in_weixin(), _with_phone(), "code", ago=3600)

    response = client.post(reverse(LOGIN), {"process": "connect"})

    assert urlsplit(response.url).path == reverse("me:second_factor_sms")
