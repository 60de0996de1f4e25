"""A meeting called by hand and read of in the village; and a first meeting for practice, among made-up people."""

import datetime
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import DESK, PHONE, Window

pytestmark = pytest.mark.browser

NEW = "/v/tingquanao/meetings/new/"
VILLAGE = "/tongpingxian/nanxizhen/tingquanao/"
TITLE = "商量晒谷坪怎么用的村民会议"
TYPED = {
    "会议名称": TITLE,
    "地点": "老祠堂",
    "议程": "通报晒谷坪的情况\n讨论怎么用\n表决",
    "表决事项": "晒谷坪东边设临时停车处",
}


def _twice(button: Locator) -> None:
    """What cannot be taken back is asked once more on the same button."""
    handle = button.element_handle()
    assert handle is not None
    handle.click()
    button.page.wait_for_function("e => e.form.hasAttribute('data-confirmed') && !e.disabled", arg=handle)
    with button.page.expect_navigation():
        handle.click()


def _field(page: Page, label: str) -> Locator:
    """By the whole label, with or without the remark that it may be left empty."""
    return page.get_by_label(re.compile(rf"^{label}( （可不填）)?$"))


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def test_a_meeting_is_called_by_hand_and_the_village_reads_of_it(window: Window) -> None:
    soon = timezone.localdate() + datetime.timedelta(days=3)
    chair = window(PHONE, account="邓远茂")
    chair.goto(NEW)
    chair.get_by_label("会议类型").select_option(label="村民会议（户代表）")
    chair.get_by_label("日期").fill(soon.isoformat())
    chair.get_by_label("开始").fill("19:00")
    chair.get_by_label("预计结束").fill("20:30")
    for label, words in TYPED.items():
        _field(chair, label).fill(words)
    chair.get_by_label("主持人").fill("邓远茂")
    chair.get_by_label("记录员").fill("何翠娥")
    chair.get_by_role("button", name="保存，下一步核对").click()

    # The village has two of the recorder's name: said at the field, and nothing has to be typed again.
    expect(chair.get_by_text("名册上有几位“何翠娥”")).to_be_visible()
    for label, words in TYPED.items():
        expect(_field(chair, label)).to_have_value(words)
    expect(chair.get_by_label("日期")).to_have_value(soon.isoformat())
    _fits(chair)
    chair.get_by_label("记录员").fill("何翠娥 1995")
    chair.get_by_role("button", name="保存，下一步核对").click()

    # Three days are too few without a reason, and nobody has read of it yet.
    publish = chair.get_by_role("button", name="发布通知")
    _twice(publish)
    expect(chair.get_by_text("现在只剩 3 天")).to_be_visible()
    visitor = window(DESK)
    visitor.goto(VILLAGE)
    expect(visitor.get_by_text(TITLE)).to_have_count(0)
    chair.get_by_label("立即召开的原因").fill("雨季以前要定下来")
    _twice(publish)
    expect(chair.get_by_text("通知已发布")).to_be_visible()

    visitor.goto(VILLAGE)
    visitor.get_by_role("link", name=TITLE).first.click()
    for words in ("老祠堂", "晒谷坪东边设临时停车处", "雨季以前要定下来"):
        expect(visitor.get_by_text(words).first).to_be_visible()


def test_a_clerk_walks_a_practice_meeting_to_its_result(window: Window) -> None:
    clerk = window(PHONE, account="邓远茂")
    clerk.goto(NEW)
    clerk.get_by_role("button", name="开一次练习会议").click()
    expect(clerk.get_by_text("练习会议已经开始")).to_be_visible()
    first = clerk.locator("#motions .motion-control").first
    _twice(first.get_by_role("button", name="开始表决"))
    clerk.get_by_role("button", name="让练习村民投票").click()
    expect(clerk.locator("#motion [data-live=cast]")).to_have_text("29")
    _fits(clerk)
    _twice(clerk.get_by_role("button", name="停止表决，宣布结果"))
    expect(first.locator(".badge").first).to_have_text(re.compile("通过"))
    expect(first).to_contain_text(re.compile("赞成 *[0-9]+"))
