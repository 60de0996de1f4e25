"""A village meeting from check-in to published minutes, with a phone, the chair, the recorder and the hall's screen."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, PHONE, WALL, Window

pytestmark = pytest.mark.browser

MEETING = "/v/laozhafang/meetings/1/"


def _twice(page: Page, label: str, *, beside: str = "") -> None:
    """Buttons that cannot be taken back ask once more in the page itself, with other words on the same button.

    Of several alike it is the one of the motion that has the words `beside` it.
    """
    scope = page.locator("section.motion-control", has_text=beside) if beside else page
    button = scope.get_by_role("button", name=label).element_handle()
    assert button is not None
    button.click()
    page.wait_for_function("button => button.form.hasAttribute('data-confirmed') && !button.disabled", arg=button)
    with page.expect_navigation():
        button.click()


def _count_hands(page: Page, *, for_: int, against: int, abstain: int) -> None:
    page.goto(MEETING + "console/")
    for label, number in (("赞成", for_), ("反对", against), ("弃权", abstain)):
        page.locator("#motion fieldset.hands").get_by_label(label).fill(str(number))
    _twice(page, "保存举手人数")


def test_from_check_in_to_published_minutes(window: Window) -> None:
    phone = window(PHONE, account="贺志勇")
    chair = window(DESK, account="贺光武")
    recorder = window(PHONE, account="贺春香")
    scrutineer = window(PHONE, account="谭少林")
    hall = window(WALL, account="贺光武")
    hall.goto(MEETING + "hall/")
    phone.goto(MEETING)
    chair.goto(MEETING + "console/")
    expect(hall.locator("[data-live=cast]")).to_have_text("63")
    expect(hall.locator("[data-live=present]").first).to_have_text("216")

    # The recorder finds somebody by typing, and the hall sees one more.
    recorder.goto(MEETING + "console/")
    missing = recorder.locator("#roll-list .roll-row:not(.roll-row--present) .roll-name").first.inner_text().split()[0]
    recorder.get_by_role("main").get_by_role("searchbox").fill(missing)
    row = recorder.locator("#roll-list .roll-row", has_text=re.compile(rf"^\s*\S*\s*{missing} "))
    expect(row).to_have_count(1)
    row.get_by_role("button", name="签到").click()
    expect(recorder.locator("#roll-list .roll-row--present", has_text=missing)).to_have_count(1)
    expect(hall.locator("[data-live=present]").first).to_have_text("217")

    # A half-filled paper is left alone by boards that arrive, and then goes up.
    phone.get_by_role("radio", name="赞成").check()
    expect(phone.locator("[data-ballot] input[value=for]")).to_be_checked()
    phone.get_by_role("button", name="投出这一票").click()
    expect(phone.get_by_role("heading", name="已收到")).to_be_visible()
    expect(hall.locator("[data-live=cast]")).to_have_text("64")
    expect(chair.locator("[data-board] [data-live=cast]")).to_have_text("64")

    # The chair stops the phones; two people count hands blind, first differently, then alike.
    _twice(chair, "停止手机表决，开始数举手")
    expect(hall.get_by_text("正在清点举手人数")).to_be_visible()
    _count_hands(recorder, for_=90, against=30, abstain=10)
    expect(recorder.get_by_text("请另一位工作人员不看这个数字")).to_be_visible()
    _count_hands(scrutineer, for_=91, against=30, abstain=10)
    expect(scrutineer.get_by_text("两次录入不一样")).to_be_visible()
    _count_hands(chair, for_=91, against=30, abstain=10)
    chair.get_by_role("button", name="宣布结果").click()
    expect(hall.get_by_role("status").get_by_text("通过", exact=True).first).to_be_visible()
    expect(phone.locator("[data-board][data-state=decided]")).to_be_visible()

    # Minutes: drafted from the record, checked by the supervisors, signed, published.
    _twice(chair, "散会")
    recorder.goto(MEETING + "console/")
    recorder.get_by_role("button", name="整理会议记录").click()
    recorder.get_by_label("会议经过").fill("大家逐条讨论，贺志勇提出旺季要有人指挥停车。")
    recorder.get_by_role("button", name="保存").click()
    scrutineer.goto(MEETING + "minutes/")
    _twice(scrutineer, "核对无误")
    for officer in (chair, recorder, scrutineer):
        officer.goto(MEETING + "minutes/")
        _twice(officer, "我签字")
    recorder.goto(MEETING + "minutes/")
    _twice(recorder, "公布结果和记录")

    visitor = window(PHONE)
    visitor.goto(MEETING)
    expect(visitor.get_by_text("村规第五条“夜要静”").first).to_be_visible()
    visitor.goto(MEETING + "minutes/")
    expect(visitor.get_by_text("没有超过").or_(visitor.get_by_text("超过到会人员的半数")).first).to_be_visible()
    expect(visitor.get_by_text("记名表决名单")).to_have_count(0)
    expect(visitor.get_by_text("贺志勇提出")).to_have_count(0)  # who said what is the village's own


def test_a_ballot_without_javascript(window: Window) -> None:
    phone = window(PHONE, account="贺志勇", java_script_enabled=False)
    phone.goto(MEETING)
    phone.get_by_role("radio", name="反对").check()
    phone.get_by_role("button", name="投出这一票").click()
    expect(phone.get_by_role("heading", name="已收到")).to_be_visible()
    expect(phone.get_by_text("贺志勇投了“反对”")).to_be_visible()


def test_a_lost_network_is_said_and_the_ballot_arrives_once_it_is_back(window: Window) -> None:
    phone = window(PHONE, account="贺志勇")
    phone.goto(MEETING)
    phone.get_by_role("radio", name="弃权").check()
    phone.context.set_offline(True)
    phone.get_by_role("button", name="投出这一票").click()
    expect(phone.get_by_text("网络不稳，正在自动重试")).to_be_visible()
    phone.context.set_offline(False)
    expect(phone.get_by_role("heading", name="已收到")).to_be_visible()


def test_keyboard_only(window: Window) -> None:
    """From the home page to a recorded ballot without a pointer."""
    page = window(DESK)
    page.goto("/demo-accounts/")
    button = page.get_by_role("button", name="贺志勇").first
    for _ in range(80):
        page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("^(?!.*demo-accounts)"))
    page.goto(MEETING)
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name === 'choice'"):
            break
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="已收到")).to_be_visible()
    expect(page.locator("[data-receipt-words]")).to_contain_text("反对")
