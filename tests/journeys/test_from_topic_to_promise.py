"""The whole way on phones of 360 px: a matter raised, seconded, taken up, called, voted on a phone, on a tablet, by
hands, written down, signed, carried out and rated.
"""

from __future__ import annotations

import datetime
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, Window

pytestmark = pytest.mark.browser

VILLAGE = "/v/laozhafang/"
MATTER = "油坊边的水井没有盖"
DONE = "水井加了铁盖"
TABLET = {"width": 600, "height": 1024}


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def _twice(page: Page, label: str) -> None:
    button = page.get_by_role("button", name=label).first.element_handle()
    assert button is not None
    button.click()
    page.wait_for_function("button => button.form.hasAttribute('data-confirmed') && !button.disabled", arg=button)
    with page.expect_navigation():
        button.click()


def _press(page: Page, label: str | re.Pattern[str]) -> None:
    """By the keyboard alone."""
    page.get_by_role("button", name=label).first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _raise(resident: Page) -> str:
    resident.goto(VILLAGE + "topics/new/")
    resident.get_by_label("什么事").fill(MATTER)
    resident.get_by_role("button", name="提出来").click()
    expect(resident.get_by_label("什么事")).to_have_value(MATTER)  # refused for the rest, and kept
    resident.get_by_label("说明白一点").fill("小孩常在那里玩，怕掉下去。")
    resident.get_by_label("哪一类").select_option(index=1)
    _press(resident, "提出来")
    expect(resident.get_by_role("heading", name=MATTER)).to_be_visible()
    _fits(resident)
    return resident.url


def _call(chair: Page, topic: str) -> str:
    """From the topic's page to a notice; for four of six households."""
    chair.goto(topic)
    chair.get_by_role("link", name="为这件议题召集会议").click()
    expect(chair.get_by_label(MATTER)).to_be_checked()
    chair.get_by_label("会议类型").select_option(label="屋场协商 / 院落协商")
    chair.get_by_label("涉及的户").fill("贺光武\n贺春香\n谭少林\n贺志勇\n5\n6号户")
    chair.get_by_label("邀请谁来听、来讲").fill("张工 镇水利站")
    chair.get_by_label("日期").fill((timezone.localdate() + datetime.timedelta(days=1)).isoformat())
    chair.get_by_label("开始").fill("19:00")
    chair.get_by_label("预计结束").fill("20:30")
    chair.get_by_label("地点", exact=True).fill("老油坊")
    chair.get_by_label(re.compile("^表决事项")).fill("水井加铁盖，村里出钱")
    for label, name in (("主持人", "贺光武"), ("记录员", "贺春香"), ("监票人", "谭少林")):
        chair.get_by_label(label).fill(name)
    chair.get_by_role("button", name="保存，下一步核对").click()
    _fits(chair)
    chair.get_by_label("立即召开的原因").fill("井口敞着，等不得")
    _twice(chair, "发布通知")
    return chair.url.partition("console/")[0]


def _hands(page: Page, meeting: str, number: int) -> None:
    page.goto(meeting + "console/")
    page.locator("#motion fieldset.hands").get_by_label("赞成").fill(str(number))
    for label in ("反对", "弃权"):
        page.locator("#motion fieldset.hands").get_by_label(label).fill("0")
    _twice(page, "保存举手人数")


def test_from_a_matter_to_a_promise_that_was_kept(window: Window) -> None:
    resident = window(PHONE, account="贺志勇")
    chair = window(PHONE, account="贺光武")
    recorder = window(PHONE, account="贺春香")
    scrutineer = window(PHONE, account="谭少林")

    topic = _raise(resident)
    scrutineer.goto(topic)
    _press(scrutineer, re.compile("^附议"))
    chair.goto(topic + "answer/")
    chair.get_by_label("列为议题，安排协商或者开会").check()
    chair.get_by_label("答复和理由").fill("明晚就开屋场会商量。")
    _press(chair, "公布答复")
    meeting = _call(chair, topic)

    # Who is called says at once whether they come.
    resident.goto("/me/")
    resident.get_by_role("link", name="说一声来不来").first.click()
    _press(resident, "我会来")
    _fits(resident)

    chair.goto(meeting + "console/")
    _twice(chair, "开会")
    recorder.goto(meeting + "console/")
    recorder.get_by_text("整组一起签到").click()
    _twice(recorder, "整组签到")
    recorder.locator("#guests").get_by_role("button", name="到了").click()
    _fits(recorder)
    chair.goto(meeting + "console/")
    _press(chair, "宣布人数已够")
    _twice(chair, "开始表决")

    # A phone, by keyboard; the tablet; hands counted by two.
    resident.goto(meeting)
    resident.get_by_role("radio", name="赞成").focus()
    resident.keyboard.press("Space")
    resident.get_by_role("button", name="投出这一票").focus()
    resident.keyboard.press("Enter")
    expect(resident.get_by_role("heading", name="已收到")).to_be_visible()
    _fits(resident)
    recorder.goto(meeting + "console/")
    recorder.get_by_role("button", name="开一台平板").click()
    tablet = window(TABLET)
    tablet.goto(recorder.locator(".kiosk-address").inner_text())
    tablet.get_by_role("button", name="接上这次会议").click()
    recorder.goto(meeting + "console/")
    recorder.get_by_label("请谁来投票").fill("5")
    recorder.get_by_role("button", name="叫到平板上").click()
    tablet.get_by_role("radio", name="反对").check()
    tablet.get_by_role("button", name="选好了，看一遍").click()
    tablet.get_by_role("button", name="就投这一票").click()
    expect(tablet.locator(".kiosk-code")).to_be_visible()
    chair.goto(meeting + "console/")
    _twice(chair, "停止手机表决，开始数举手")
    _hands(recorder, meeting, 5)
    expect(recorder.get_by_text("只有 4 人可以举手")).to_be_visible()  # five of four
    _hands(recorder, meeting, 4)
    _hands(scrutineer, meeting, 4)
    chair.goto(meeting + "console/")
    _press(chair, "宣布结果")
    expect(chair.get_by_text("赞成 5").first).to_be_visible()
    _twice(chair, "散会")

    recorder.goto(meeting + "console/")
    _press(recorder, "整理会议记录")
    recorder.get_by_label("会议经过").fill("大家都说井口要盖。")
    _press(recorder, "保存")
    scrutineer.goto(meeting + "minutes/")
    expect(scrutineer.get_by_text("张工（镇水利站）")).to_be_visible()
    _twice(scrutineer, "核对无误")
    for officer in (chair, recorder, scrutineer):
        officer.goto(meeting + "minutes/")
        _twice(officer, "我签字")
        _fits(officer)
    recorder.goto(meeting + "minutes/")
    _twice(recorder, "公布结果和记录")

    chair.goto(meeting)
    chair.get_by_role("link", name="加落实事项").click()
    chair.get_by_label("要办的事").fill(DONE)
    chair.get_by_label("什么时候办好").fill((timezone.localdate() + datetime.timedelta(days=9)).isoformat())
    chair.get_by_label("谁负责").select_option(label="贺春香（村委会委员）")
    _press(chair, "记下，回会议页面")
    recorder.goto("/me/")
    recorder.locator("#owed").get_by_role("link", name=DONE).click()
    recorder.get_by_role("link", name="报办理情况").click()
    recorder.get_by_label("办好了").check()
    recorder.get_by_label("说明").fill("铁盖上了锁。")
    _press(recorder, "报上去")

    # The topic's own page tells the whole story, to a visitor as well.
    visitor = window(PHONE)
    visitor.goto(topic)
    for words in ("明晚就开屋场会商量。", "水井加铁盖，村里出钱", DONE):
        expect(visitor.get_by_text(words).first).to_be_visible()
    _fits(visitor)
    resident.goto(topic)
    resident.get_by_role("link", name=DONE).click()
    _press(resident, "满意")
    expect(resident.get_by_text("评好了")).to_be_visible()
