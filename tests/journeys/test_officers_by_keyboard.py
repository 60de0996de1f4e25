"""Chair and recorder through a meeting without a pointer: each button is reached by Tab, seen to be, and pressed."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import DESK, Window

pytestmark = pytest.mark.browser

MEETING = "/v/laozhafang/meetings/1/"
OUTLINED = (
    "element => { const s = getComputedStyle(element); return s.outlineStyle !== 'none' || s.boxShadow !== 'none' }"
)


def _tab_to(page: Page, target: Locator) -> None:
    """From where the focus is, however many stops away; and whoever looks sees where it is."""
    element = target.first.element_handle()
    assert element is not None
    for _ in range(400):
        page.keyboard.press("Tab")
        if element.evaluate("element => element === document.activeElement"):
            assert element.evaluate(OUTLINED), "nobody sees where the focus is"
            return
    raise AssertionError("the Tab key does not come there")


def _press(page: Page, name: str | re.Pattern[str], *, twice: bool = False) -> None:
    button = page.get_by_role("button", name=name).first
    _tab_to(page, button)
    if twice:  # asks once more on the same button, which keeps the focus
        element = button.element_handle()
        page.keyboard.press("Enter")
        page.wait_for_function("button => button.form.hasAttribute('data-confirmed') && !button.disabled", arg=element)
        assert element is not None
        assert element.evaluate("button => button === document.activeElement")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _type(page: Page, field: Locator, words: str) -> None:
    _tab_to(page, field)
    page.keyboard.press("Control+a")
    page.keyboard.type(words)


def _hands(page: Page, *numbers: int) -> None:
    page.goto(MEETING + "console/")
    for label, number in zip(("赞成", "反对", "弃权"), numbers, strict=True):
        _type(page, page.locator("#motion fieldset.hands").get_by_label(label), str(number))
    _press(page, "保存举手人数", twice=True)


def test_a_vote_and_the_minutes_without_a_pointer(window: Window) -> None:
    chair, recorder = window(DESK, account="贺光武"), window(DESK, account="贺春香")

    # The recorder finds somebody by typing and checks them in.
    recorder.goto(MEETING + "console/")
    missing = recorder.locator("#roll-list .roll-row:not(.roll-row--present) .roll-name").first.inner_text().split()[0]
    _type(recorder, recorder.get_by_role("main").get_by_role("searchbox"), missing)
    expect(recorder.locator("#roll-list .roll-row", has_not_text=missing)).to_have_count(0)  # the list has come anew
    row = recorder.locator("#roll-list .roll-row", has_text=re.compile(rf"^\s*\S*\s*{missing} "))
    expect(row).to_have_count(1)
    _tab_to(recorder, row.get_by_role("button", name="签到"))
    recorder.keyboard.press("Enter")
    expect(recorder.locator("#roll-list .roll-row--present", has_text=missing)).to_have_count(1)

    chair.goto(MEETING + "console/")
    _press(chair, "停止手机表决，开始数举手", twice=True)
    _hands(recorder, 91, 30, 10)
    _hands(chair, 91, 30, 10)
    _press(chair, "宣布结果")
    _press(chair, "散会", twice=True)

    recorder.goto(MEETING + "console/")
    _press(recorder, "整理会议记录")
    _type(recorder, recorder.get_by_label("会议经过"), "大家逐条讨论。")
    _press(recorder, "保存")
    expect(recorder.get_by_text("大家逐条讨论。")).to_be_visible()
