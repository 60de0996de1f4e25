"""A secret vote: on a phone, on one without scripts, counted, and each found again on the bulletin."""

import os

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, PHONE, Window
from tests.journeys.test_meeting import MEETING, _count_hands, _twice

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("SHOTS", "")  # a folder: pictures of each step, for whoever wants to look


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def test_a_secret_vote_from_the_question_to_the_number_on_the_bulletin(window: Window) -> None:
    phone = window(PHONE, account="贺志勇")
    plain = window(PHONE, account="贺志勇", java_script_enabled=False)
    chair = window(DESK, account="贺光武")
    recorder = window(PHONE, account="贺春香")
    phone.goto(MEETING)
    chair.goto(MEETING + "console/")
    _twice(chair, "停止手机表决，开始数举手")
    for page in (recorder, chair):
        _count_hands(page, for_=0, against=0, abstain=0)
    chair.get_by_role("button", name="宣布结果").click()

    # The chair asks another question, secretly.
    chair.goto(MEETING + "console/")
    chair.get_by_text("加一项表决").click()
    chair.get_by_label("要表决什么").fill("补选一名村民监督员：王桂花")
    chair.get_by_label("表决方式").select_option("online")
    chair.get_by_label("无记名").check()
    shoot(chair, "table-secret")
    chair.get_by_role("button", name="加上").click()
    _twice(chair, "开始表决", beside="补选一名村民监督员")

    # The paper comes to the phone by itself, is read once more, and goes into the box.
    phone.get_by_role("radio", name="赞成").check()
    shoot(phone, "secret-paper")
    phone.get_by_role("button", name="选好了，再看一眼").click()
    expect(phone.locator("[data-review-choice]")).to_have_text("赞成")
    shoot(phone, "secret-review")
    phone.get_by_role("button", name="选错了，重新选").click()
    phone.get_by_role("radio", name="反对").check()
    phone.get_by_role("button", name="选好了，再看一眼").click()
    phone.get_by_role("button", name="就投这个").click()
    expect(phone.get_by_role("heading", name="已收到")).to_be_visible()
    number = phone.locator("[data-code]").inner_text()
    assert len(number.replace(" ", "")) == 12
    shoot(phone, "secret-receipt")
    phone.reload()
    expect(phone.locator("[data-code]")).to_have_text(number)  # this phone alone knows it
    plain.goto(MEETING)
    expect(plain.locator("[data-code]").first).to_be_hidden()
    expect(plain.get_by_text("投过票了").first).to_be_visible()

    # The chair holds and goes on, then stops; the number is on the bulletin, the choice beside it is not.
    chair.goto(MEETING + "console/")
    chair.get_by_role("button", name="暂停").click()
    expect(phone.get_by_text("表决暂停，已经投的票都在")).to_be_visible()
    chair.get_by_role("button", name="继续表决").click()
    shoot(chair, "console-secret")
    _twice(chair, "停止表决，宣布结果")
    expect(phone.locator("[data-board][data-state=decided]")).to_be_visible()
    visitor = window(PHONE)
    visitor.goto("/v/laozhafang/bulletins/3/")
    expect(visitor.get_by_text(number).first).to_be_attached()
    shoot(visitor, "bulletin")
