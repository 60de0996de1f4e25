"""A tablet goes round the hall: joined by a link, one voter on it, and nothing of that voter left behind."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, Window

pytestmark = pytest.mark.browser

MEETING = "/v/laozhafang/meetings/1/"
TABLET = {"width": 600, "height": 1024}


def test_a_voter_without_a_phone_votes_on_the_tablet_and_leaves_nothing(window: Window) -> None:
    recorder = window(DESK, account="贺春香")
    recorder.goto(MEETING + "console/")
    recorder.get_by_role("button", name="开一台平板").click()
    link = recorder.locator(".kiosk-address").inner_text()

    tablet = window(TABLET)
    tablet.goto(link)
    tablet.get_by_role("button", name="接上这次会议").click()
    expect(tablet.get_by_role("heading", name="请等工作人员叫人")).to_be_visible()

    recorder.goto(MEETING + "console/")
    recorder.get_by_label("请谁来投票").fill("贺志勇")
    recorder.get_by_role("button", name="叫到平板上").click()
    expect(recorder.locator("#kiosks").get_by_text("贺志勇正在投票")).to_be_visible()

    # The screen turns by itself; nothing on it is wider than it.
    expect(tablet.get_by_text("请 贺志勇 投票")).to_be_visible()
    assert tablet.evaluate("document.documentElement.scrollWidth") <= TABLET["width"]
    tablet.get_by_role("radio", name="反对").check()
    tablet.get_by_role("button", name="选好了，看一遍").click()
    expect(tablet.locator(".kiosk-chosen")).to_have_text("反对")
    tablet.get_by_role("button", name="重新选").click()
    tablet.get_by_role("radio", name="赞成").check()
    tablet.get_by_role("button", name="选好了，看一遍").click()
    tablet.get_by_role("button", name="就投这一票").click()
    expect(tablet.locator(".kiosk-code")).to_have_text(re.compile(r"^\d{4} \d{4} \d{4}$"))
    tablet.get_by_role("button", name="抄好了，清空").click()
    expect(tablet.get_by_role("heading", name="请等工作人员叫人")).to_be_visible()
    expect(recorder.locator("#kiosks").get_by_text("空着，可以叫人")).to_be_visible()

    # Back leads to no paper, and no name.
    tablet.go_back()
    expect(tablet.locator("body")).not_to_contain_text("贺志勇")
    tablet.goto(MEETING + "kiosk/")
    expect(tablet.get_by_role("heading", name="请等工作人员叫人")).to_be_visible()
    tablet.goto(link)
    expect(tablet.get_by_text("这个链接已经用过")).to_be_visible()
