"""Gateways for codes: each through its own client against a stand-in; what a site must have told before it starts."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from urllib.parse import parse_qs

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.urls import reverse

from residents.sms import SmsNotSent, configuration, send_code, send_reminder, sending
from tests.stand_in import Answer, Asked, stand_in

PHONE, CODE = "15400000101", "493027"


@pytest.fixture
def aliyun(settings: object) -> object:
    settings.SMS_GATEWAY = "aliyun"
    settings.SMS_ALIYUN_KEY_ID, settings.SMS_ALIYUN_KEY_SECRET = "key-id", "key-secret"
    settings.SMS_ALIYUN_SIGN_NAME, settings.SMS_ALIYUN_TEMPLATE = "村务协商", "SMS_1234"
    return settings


@pytest.fixture
def tencent(settings: object) -> object:
    settings.SMS_GATEWAY = "tencent"
    settings.SMS_TENCENT_SECRET_ID, settings.SMS_TENCENT_SECRET_KEY = "secret-id", "secret-key"
    settings.SMS_TENCENT_APP_ID, settings.SMS_TENCENT_SIGN_NAME = "1400000000", "村务协商"
    settings.SMS_TENCENT_TEMPLATE = "5678"
    return settings


@pytest.fixture
def http(settings: object) -> object:
    settings.SMS_GATEWAY = "http"
    settings.SMS_HTTP_HEADERS = {"Content-Type": "application/json", "X-Key": "secret"}
    settings.SMS_HTTP_BODY = '{"to": "{phone}", "text": "验证码{code}，5 分钟内有效"}'
    return settings


def _aliyun_says(code: str) -> Answer:
    return Answer({"Code": code, "Message": "…", "RequestId": "1", "BizId": "2"})


def _tencent_says(code: str) -> Answer:
    return Answer({"Response": {"SendStatusSet": [{"Code": code, "Message": "…", "SerialNo": "1"}], "RequestId": "1"}})


def test_aliyun_is_asked_in_its_own_words(aliyun: object) -> None:
    with stand_in(lambda asked: _aliyun_says("OK")) as server:
        aliyun.SMS_ALIYUN_ENDPOINT = server.address
        send_code(PHONE, CODE)

    [asked] = server.asked
    told = asked.query | {name: values[0] for name, values in parse_qs(asked.body).items()}
    assert told["PhoneNumbers"] == PHONE
    assert (told["SignName"], told["TemplateCode"]) == ("村务协商", "SMS_1234")
    assert json.loads(told["TemplateParam"]) == {"code": CODE}
    assert asked.headers["x-acs-action"] == "SendSms"
    assert "key-id" in asked.headers["authorization"]
    assert "key-secret" not in str(asked)


def test_tencent_is_asked_in_its_own_words(tencent: object) -> None:
    tencent.SMS_TENCENT_PARAMS = ["{code}", "5"]
    with stand_in(lambda asked: _tencent_says("Ok")) as server:
        tencent.SMS_TENCENT_ENDPOINT = server.address
        send_code(PHONE, CODE)

    [asked] = server.asked
    told = json.loads(asked.body)
    assert told["PhoneNumberSet"] == [f"+86{PHONE}"]
    assert told["TemplateParamSet"] == [CODE, "5"]
    assert (told["SmsSdkAppId"], told["SignName"], told["TemplateId"]) == ("1400000000", "村务协商", "5678")
    assert asked.headers["x-tc-action"] == "SendSms"
    assert "secret-id" in asked.headers["authorization"]
    assert "secret-key" not in str(asked)


def test_any_other_gateway_is_asked_as_configured(http: object) -> None:
    http.SMS_HTTP_OK = '"ok": true'
    with stand_in(lambda asked: Answer({"ok": True})) as server:
        http.SMS_HTTP_URL = f"{server.address}/send?to={{phone}}"
        send_code(PHONE, CODE)

    [asked] = server.asked
    assert (asked.method, asked.path, asked.query) == ("POST", "/send", {"to": PHONE})
    assert asked.headers["x-key"] == "secret"
    assert json.loads(asked.body) == {"to": PHONE, "text": f"验证码{CODE}，5 分钟内有效"}


TOLD = {"village": '橘灯里"社区', "time": "11月30日19:00", "place": "凉棚&码头", "title": "商量停车"}


def test_reminders_have_a_template_of_their_own(aliyun: object) -> None:
    aliyun.SMS_ALIYUN_REMINDER_TEMPLATE = "SMS_77"
    with stand_in(lambda asked: _aliyun_says("OK")) as server:
        aliyun.SMS_ALIYUN_ENDPOINT = server.address
        send_reminder(PHONE, TOLD)
    [asked] = server.asked
    told = asked.query | {name: values[0] for name, values in parse_qs(asked.body).items()}
    assert told["TemplateCode"] == "SMS_77"
    assert json.loads(told["TemplateParam"]) == TOLD


def test_tencent_takes_a_reminders_words_in_order(tencent: object) -> None:
    tencent.SMS_TENCENT_REMINDER_TEMPLATE = "99"
    with stand_in(lambda asked: _tencent_says("Ok")) as server:
        tencent.SMS_TENCENT_ENDPOINT = server.address
        send_reminder(PHONE, TOLD)
    told = json.loads(server.asked[0].body)
    assert told["TemplateId"] == "99"
    assert told["TemplateParamSet"] == [TOLD["village"], TOLD["time"], TOLD["place"]]


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("application/json", '{"to": "{phone}", "v": "{village}", "p": "{place}"}', '"橘灯里\\"社区"'),
        ("text/xml; charset=utf-8", "<m><v>{village}</v><p>{place}</p></m>", "凉棚&amp;码头"),
        ("application/x-www-form-urlencoded", "to={phone}&v={village}&p={place}", "%E5%87%89%E6%A3%9A%26"),
    ],
)
def test_words_are_written_as_the_body_wants_them(http: object, kind: str, body: str, said: str) -> None:
    http.SMS_HTTP_HEADERS = {"content-type": kind}
    http.SMS_HTTP_REMINDER_BODY = body
    with stand_in(lambda asked: Answer({"ok": True})) as server:
        http.SMS_HTTP_URL = f"{server.address}/code"
        http.SMS_HTTP_REMINDER_URL = f"{server.address}/remind?to={{phone}}"
        send_reminder(PHONE, TOLD)
    [asked] = server.asked
    assert (asked.path, asked.query) == ("/remind", {"to": PHONE})
    assert said in asked.body


@pytest.mark.parametrize(
    ("gateway", "name"),
    [
        ("aliyun", "SMS_ALIYUN_REMINDER_TEMPLATE"),
        ("tencent", "SMS_TENCENT_REMINDER_TEMPLATE"),
        ("http", "SMS_HTTP_REMINDER_BODY"),
    ],
)
def test_a_site_reminds_once_it_has_a_template_for_it(settings: object, gateway: str, name: str) -> None:
    settings.SMS_GATEWAY = gateway
    assert not configuration.reminds()
    setattr(settings, name, "SMS_77")
    assert configuration.reminds()
    settings.SMS_GATEWAY = ""
    assert not configuration.reminds()


def _gateways_address(settings: object, gateway: str, address: str) -> None:
    name = {"aliyun": "SMS_ALIYUN_ENDPOINT", "tencent": "SMS_TENCENT_ENDPOINT", "http": "SMS_HTTP_URL"}[gateway]
    setattr(settings, name, address)


REFUSALS = [
    ("aliyun", _aliyun_says("isv.BUSINESS_LIMIT_CONTROL")),
    ("aliyun", Answer({"Code": "InvalidAccessKeyId.NotFound", "Message": CODE}, status=404)),
    ("aliyun", Answer("<html>", status=502)),
    ("tencent", _tencent_says("LimitExceeded.PhoneNumberDailyLimit")),
    ("tencent", Answer({"Response": {"Error": {"Code": "AuthFailure", "Message": CODE}, "RequestId": "1"}})),
    ("tencent", Answer("<html>")),
    ("http", Answer({"ok": False, "code": CODE})),
    ("http", Answer("", status=500)),
    ("http", Answer("", status=302, headers={"Location": "https://elsewhere.example/"})),
]


@pytest.mark.parametrize(("gateway", "answer"), REFUSALS, ids=lambda one: one if isinstance(one, str) else "")
def test_a_refusal_is_a_refusal_and_no_log_holds_the_code(
    gateway: str, answer: Answer, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    settings = request.getfixturevalue(gateway)
    settings.SMS_HTTP_OK = '"ok": true'
    caplog.set_level(logging.DEBUG)
    with stand_in(lambda asked: answer) as server:
        _gateways_address(settings, gateway, server.address)
        with pytest.raises(SmsNotSent):
            send_code(PHONE, CODE)

    assert len(server.asked) == 1  # no second message behind one's back
    assert "sms_not_sent" in caplog.text
    assert CODE not in caplog.text
    assert PHONE not in caplog.text


@pytest.mark.parametrize("gateway", ["aliyun", "tencent", "http"])
def test_success_leaves_no_code_in_a_log_either(
    gateway: str, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    settings = request.getfixturevalue(gateway)
    caplog.set_level(logging.DEBUG)
    good = {"aliyun": _aliyun_says("OK"), "tencent": _tencent_says("Ok"), "http": Answer("")}[gateway]
    with stand_in(lambda asked: good) as server:
        _gateways_address(settings, gateway, server.address)
        send_code(PHONE, CODE)

    assert "sms_sent" in caplog.text
    assert CODE not in caplog.text
    assert PHONE not in caplog.text


@pytest.mark.parametrize("gateway", ["aliyun", "tencent", "http"])
def test_a_gateway_that_is_away_or_hangs_is_not_waited_for(gateway: str, request: pytest.FixtureRequest) -> None:
    settings = request.getfixturevalue(gateway)
    settings.SMS_TIMEOUT = 1
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        _gateways_address(settings, gateway, f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(SmsNotSent):
            send_code(PHONE, CODE)
    with stand_in(_slowly) as server:
        _gateways_address(settings, gateway, server.address)
        began = time.monotonic()
        with pytest.raises(SmsNotSent):
            send_code(PHONE, CODE)
        assert time.monotonic() - began < 2.5


def _slowly(asked: Asked) -> Answer:
    time.sleep(3)
    return Answer("")


def test_a_hanging_gateway_holds_no_more_than_half_of_the_threads(
    http: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_LANES", threading.BoundedSemaphore(2))
    monkeypatch.setattr(sending, "LANE_SECONDS", 0.1)
    http.SMS_TIMEOUT = 2
    with stand_in(_slowly) as server:
        http.SMS_HTTP_URL = server.address
        waiting = [threading.Thread(target=_try) for _ in range(2)]
        for thread in waiting:
            thread.start()
        time.sleep(0.3)
        began = time.monotonic()
        with pytest.raises(SmsNotSent, match="too many at once"):
            send_code(PHONE, CODE)
        assert time.monotonic() - began < 0.5
        for thread in waiting:
            thread.join()


def _try() -> None:
    with pytest.raises(SmsNotSent):
        send_code(PHONE, CODE)


@pytest.mark.django_db
def test_the_page_says_what_to_do_and_the_next_try_need_not_wait(client: Client, http: object) -> None:
    answers = [Answer("", status=500), Answer("")]
    with stand_in(lambda asked: answers.pop(0)) as server:
        http.SMS_HTTP_URL = server.address
        client.get(reverse("account_login"))
        response = client.post(reverse("account_request_login_code"), {"phone": PHONE, "consent": "on"})
        again = client.post(reverse("account_request_login_code"), {"phone": PHONE, "consent": "on"})

    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    assert "短信没有发出去" in response.text
    assert "纸上的代码" in response.text
    assert "_auth_user_id" not in client.session
    assert again.status_code == 302


# What a site must have told


def _words() -> list[str]:
    return [error.msg for error in run_checks(tags=["way_in"])]


def test_nothing_is_asked_of_a_site_without_a_gateway(settings: object) -> None:
    settings.SMS_GATEWAY = ""
    assert _words() == []


@pytest.mark.parametrize("gateway", ["aliyun", "tencent", "http"])
def test_a_gateway_with_all_it_needs_may_start(gateway: str, request: pytest.FixtureRequest) -> None:
    settings = request.getfixturevalue(gateway)
    settings.SMS_HTTP_URL = "https://sms.example/send"
    assert _words() == []


@pytest.mark.parametrize("gateway", ["aliyun", "tencent", "http"])
def test_each_missing_word_is_named(gateway: str, request: pytest.FixtureRequest) -> None:
    settings = request.getfixturevalue(gateway)
    for name in configuration.NEEDED[gateway][0]:
        setattr(settings, name, "")

    assert _words() == [f"短信网关 {gateway} 还缺环境变量 {name}。" for name in configuration.NEEDED[gateway][0]]


def test_the_console_is_for_development_only(settings: object) -> None:
    settings.DEVELOPMENT = False
    [words] = _words()
    assert "正式网站不能用 console" in words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SMS_GATEWAY", "alyun", "不认识"),
        ("SMS_HTTP_URL", "ftp://sms.example", "https:// 或 http:// 开头"),
        ("SMS_HTTP_URL", "http://sms.example/send", "不能明着走公网"),
        ("SMS_HTTP_BODY", '{"to": "{phone}"}', "{phone} 和 {code}"),
    ],
)
def test_what_cannot_work_is_refused(http: object, name: str, value: str, words: str) -> None:
    http.DEVELOPMENT = False
    http.SMS_HTTP_URL = "https://sms.example/send"
    setattr(http, name, value)

    assert any(words in found for found in _words())


def test_a_package_that_is_not_there_is_told_with_its_command(aliyun: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    assert any("pip install -r requirements-sms.txt" in words for words in _words())
