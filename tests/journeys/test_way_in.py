"""An officer on a phone: password, second factor by an app or by the phone's own lock, asked for at the console."""

from __future__ import annotations

import base64
import hashlib
import hmac
import shutil
import sqlite3
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import Browser, Page, expect

from tests import databases
from tests.journeys import conftest
from tests.journeys.conftest import PHONE, Window
from tests.stand_in import Answer, Asked, stand_in

pytestmark = pytest.mark.browser

CONSOLE = "/v/laozhafang/meetings/1/console/"
PASSWORD = "晒谷坪上的月亮很圆"


@pytest.fixture
def officer(portal: str, tmp_path: Path) -> str:
    """The chair of the meeting that goes on, with a password as the committee gave it; the name to sign in with."""
    with sqlite3.connect(tmp_path / "portal.sqlite3") as database:
        word = PBKDF2PasswordHasher().encode(PASSWORD, "salt-of-this-test")
        database.execute(
            "UPDATE residents_user SET password = ?, username = 'guangwu' WHERE display_name = '贺光武'", [word]
        )
    return "guangwu"


def code_of(secret: str, *, ahead: int = 0) -> str:
    """What an authenticator shows (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30 + ahead)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def sign_in(page: Page, name: str) -> None:
    page.get_by_text("用密码或者指纹、人脸登录").click()
    page.get_by_label("用户名或者手机号").fill(name)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="用密码登录").click()


def test_an_officer_sets_an_app_up_and_shows_it(window: Window, officer: str) -> None:
    page = window(PHONE)
    page.goto(CONSOLE)
    sign_in(page, officer)

    # The console waits for a second factor, and there is none yet.
    expect(page.get_by_role("heading", name="两步验证", exact=True)).to_be_visible()
    page.get_by_role("link", name="用验证器").click()
    secret = page.locator("code.secret").inner_text()
    page.get_by_label("验证码").fill("000000")
    page.get_by_role("button", name="设好了").click()
    expect(page.get_by_text("验证码不对")).to_be_visible()
    assert page.locator("code.secret").inner_text() == secret
    page.get_by_label("验证码").fill(code_of(secret))
    page.get_by_role("button", name="设好了").click()

    # Recovery codes, and on to where the way began.
    expect(page.get_by_role("heading", name="备用码")).to_be_visible()
    spare = page.locator("code.secret").first.inner_text()
    page.get_by_role("link", name="抄好了，继续").click()
    page.wait_for_url(f"**{CONSOLE}")

    # The next time both are asked; a code that was used, or somebody's guess, does not do.
    phone = window(PHONE)
    phone.goto(CONSOLE)
    sign_in(phone, officer)
    expect(phone.get_by_role("heading", name="两步验证")).to_be_visible()
    phone.get_by_label("验证码").fill("123456")
    phone.get_by_role("button", name="登录", exact=True).click()
    expect(phone.get_by_text("验证码不对")).to_be_visible()
    phone.get_by_label("验证码").fill(code_of(secret, ahead=1))
    phone.get_by_role("button", name="登录", exact=True).click()
    phone.wait_for_url(f"**{CONSOLE}")
    expect(phone.get_by_role("button", name="停止手机表决，开始数举手")).to_be_visible()

    # Without the phone a spare code opens once.
    for works in (True, False):
        other = window(PHONE)
        other.goto("/accounts/login/")
        sign_in(other, officer)
        other.get_by_label("验证码").fill(spare)
        other.get_by_role("button", name="登录", exact=True).click()
        if works:
            other.wait_for_url("**/me/")
        else:
            expect(other.get_by_text("验证码不对")).to_be_visible()


def test_the_phones_own_lock_is_second_factor_and_way_in(browser: Browser, portal: str, officer: str) -> None:
    """Passkeys work on a name, not on a number: the same server as localhost."""
    address = portal.replace("127.0.0.1", "localhost")
    context = browser.new_context(viewport=PHONE, base_url=address, locale="zh-CN")
    context.set_default_timeout(10_000)
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if "Security Policy" in message.text else None)
    phone = context.new_cdp_session(page)
    phone.send("WebAuthn.enable")
    added = phone.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    page.goto(CONSOLE)
    sign_in(page, officer)
    page.get_by_role("link", name="用指纹或人脸").click()
    page.get_by_label("给这部手机（电脑）起个名字").fill("我的手机")
    page.get_by_role("button", name="加上这部手机").click()
    expect(page.get_by_role("heading", name="备用码")).to_be_visible()
    page.get_by_role("link", name="抄好了，继续").click()
    page.wait_for_url(f"**{CONSOLE}")

    # Signing in again takes one press.
    context.clear_cookies()
    page.goto(CONSOLE)
    page.get_by_text("用密码或者指纹、人脸登录").click()
    page.get_by_role("button", name="用指纹、人脸或锁屏密码登录").click()
    page.wait_for_url(f"**{CONSOLE}")

    # A finger that is not the owner's: the page says what to do.
    phone.send("WebAuthn.setUserVerified", {"authenticatorId": added["authenticatorId"], "isUserVerified": False})
    context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_text("用密码或者指纹、人脸登录").click()
    page.get_by_role("button", name="用指纹、人脸或锁屏密码登录").click()
    expect(page.get_by_text("没有完成。请再按一次")).to_be_visible()
    assert troubles == []
    context.close()


def _weixin(asked: Asked) -> Answer:
    """WeChat's page, which sends whoever agrees back, and its two answers."""
    if asked.path == "/authorize":
        back = f"{asked.query['redirect_uri']}?{urlencode({'code': 'once', 'state': asked.query['state']})}"
        return Answer("", status=302, headers={"Location": back})
    if asked.path == "/sns/oauth2/access_token":
        return Answer({"access_token": "token", "openid": "of-this-app", "expires_in": 7200})
    return Answer("", status=404)


@pytest.fixture
def portal_with_weixin(demo_database: Path, tmp_path: Path) -> Iterator[str]:
    shutil.copyfile(demo_database, tmp_path / "portal.sqlite3")
    port = conftest._free_port()
    with stand_in(_weixin) as weixin:
        keys = {
            "WEIXIN_MP_APP_ID": "wx-mp", "WEIXIN_MP_SECRET": "secret",
            "WEIXIN_MP_AUTHORIZE_URL": f"{weixin.address}/authorize", "WEIXIN_API_URL": weixin.address,
        }  # fmt: skip
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "portal.asgi:application", "--port", str(port), "--no-access-log"],
            cwd=databases.ROOT,
            env=conftest._environment(tmp_path, port) | keys,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            conftest._await(address)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=10)


def test_somebody_comes_by_weixin(browser: Browser, portal_with_weixin: str) -> None:
    """The strict policy lets a form lead to WeChat and nowhere else."""
    context = browser.new_context(
        viewport=PHONE, base_url=portal_with_weixin, user_agent="Mozilla/5.0 Chrome/87 MicroMessenger/8.0"
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if "Security Policy" in message.text else None)
    page.goto("/accounts/login/?next=/find/")
    page.get_by_role("button", name="用微信登录").click()

    expect(page.get_by_role("heading", name="第一次用微信登录")).to_be_visible()
    page.get_by_label("我看过《隐私政策》").check()
    page.get_by_role("button", name="同意，登录").click()
    page.wait_for_url("**/find/")

    # From then on one press does.
    context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="用微信登录").click()
    page.wait_for_url("**/me/who/**")
    assert troubles == []
    context.close()
