"""From nothing to a counted vote on a 360 px phone: the QR on the wall, the paper, the desk, two officers."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, PHONE, Window

pytestmark = pytest.mark.browser

VILLAGE = "/v/laozhafang/"
MEETING = VILLAGE + "meetings/1/"
A_MINUTE = 60


def _code_by_sms(page: Page) -> str:
    """Development sends no message: the page tells the code."""
    found = re.search(r"验证码是 (\d{6})", page.get_by_role("status").first.inner_text() + page.content())
    assert found, "no code was shown"
    return found.group(1)


def _sign_in_by_phone(page: Page, number: str) -> None:
    page.get_by_label("手机号", exact=True).fill(number)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="发验证码").click()
    page.get_by_label("验证码").fill(_code_by_sms(page))
    page.get_by_role("button", name="登录", exact=True).click()


def _vote(page: Page) -> None:
    """The meeting page takes a vote of somebody who was checked in at the door."""
    expect(page).to_have_url(re.compile(re.escape(MEETING) + "$"))
    page.get_by_role("radio", name="赞成").check()
    page.get_by_role("button", name="投出这一票").click()
    expect(page.get_by_role("heading", name="已收到")).to_be_visible()


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_from_the_wall_to_a_vote_in_under_a_minute(window: Window, script: bool) -> None:
    """Four screens: the poster's page, the code, the name, the meeting."""
    phone = window(PHONE, java_script_enabled=script)
    began = time.monotonic()
    phone.goto(VILLAGE + "join/?meeting=1")
    if script:
        _fits(phone)
    _sign_in_by_phone(phone, "154 2000 0014")
    expect(phone.get_by_role("heading", name="您是谁？")).to_be_visible()
    phone.get_by_label("您的姓名").fill("段启明")
    phone.get_by_role("button", name="我就是").click()
    expect(phone.get_by_text("您好，段启明，登记好了。")).to_be_visible()
    assert time.monotonic() - began < A_MINUTE
    _vote(phone)


def test_a_wrong_name_opens_the_other_ways_and_two_officers_let_somebody_in(window: Window) -> None:
    phone = window(PHONE)
    phone.goto(VILLAGE + "join/")
    _sign_in_by_phone(phone, "15400009999")
    phone.get_by_label("您的姓名").first.fill("谭长顺")
    phone.get_by_role("button", name="我就是").click()
    expect(phone.get_by_text("没有对上", exact=True)).to_be_visible()
    _fits(phone)
    phone.get_by_label("补充说明").fill("换了号码")
    phone.get_by_role("button", name="交给工作人员核对").click()
    expect(phone.get_by_text("正等两名工作人员核对")).to_be_visible()

    first = window(DESK, account="贺光武")
    first.goto(VILLAGE + "roll/")
    first.get_by_role("link", name="核对身份申请").click()
    first.get_by_role("link", name="谭长顺").click()
    first.get_by_role("radio", name=re.compile("^谭长顺")).first.check()
    first.get_by_role("button", name="就是这一位").click()
    second = window(DESK, account="贺春香")
    second.goto(VILLAGE + "proposals/")
    expect(second.get_by_text("换了号码")).to_be_visible()
    second.get_by_role("button", name="核对无误，确认").click()

    phone.goto(MEETING)
    _vote(phone)


def test_a_printed_paper_brings_somebody_in_who_has_no_number(window: Window) -> None:
    officer = window(DESK, account="贺光武")
    officer.goto(VILLAGE + "roll/")
    officer.get_by_role("main").get_by_role("searchbox").fill("何立")
    officer.get_by_role("button", name="找", exact=True).click()
    officer.locator(".roll-line", has_text="何立").get_by_role("link").nth(1).click()
    officer.get_by_role("link", name="打印登录代码").click()
    officer.get_by_role("button", name="生成，去打印").click()
    expect(officer.locator(".slip")).to_have_count(1)
    digits = officer.locator(".slip-code").inner_text()

    phone = window(PHONE)
    phone.goto("/code/")
    phone.get_by_label("纸上的 12 位数字").fill(digits)
    phone.get_by_role("button", name="下一步").click()
    phone.get_by_role("link", name="没有手机号，就用这张纸").click()
    _fits(phone)
    phone.get_by_role("radio", name=re.compile("^何立")).check()
    phone.get_by_role("checkbox", name=re.compile("隐私政策")).check()
    phone.get_by_role("button", name="选好了，登记").click()
    expect(phone.get_by_role("heading", name="您好，何立")).to_be_visible()
    phone.goto(MEETING)
    _vote(phone)

    late = window(PHONE)
    late.goto(f"/code/{digits.replace(' ', '')}/")
    expect(late.get_by_text("已经用过")).to_be_visible()


def test_the_desk_brings_in_who_stands_before_it(window: Window) -> None:
    recorder = window(PHONE, account="贺春香")
    recorder.goto(MEETING + "console/")
    recorder.get_by_role("link", name="当面帮他登录").click()
    recorder.get_by_role("main").get_by_role("searchbox").fill("宋爱民")
    recorder.get_by_role("main").get_by_role("button", name="查找").click()
    recorder.get_by_role("link", name="宋爱民").first.click()
    recorder.get_by_role("checkbox").check()
    recorder.get_by_role("button", name="给二维码").click()
    _fits(recorder)
    link = recorder.locator(".qr-address").inner_text()

    phone = window(PHONE)
    phone.goto(link)
    phone.get_by_role("button").last.click()
    expect(phone.get_by_role("heading", name="您好，宋爱民")).to_be_visible()
    phone.goto(MEETING)
    _vote(phone)
    again = window(PHONE)
    again.goto(link)
    expect(again.get_by_text("已经用过或者过期了")).to_be_visible()
