"""What a meeting promised, on a phone: put down by the committee, done by who answers for it, rated by a neighbour."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, PHONE, Window

pytestmark = pytest.mark.browser

LIST = "/v/tingquanao/follow-ups/"
THING = "古井台栏杆刷漆"


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


@pytest.mark.long  # the way from a topic to a promise goes through the same pages
def test_a_promise_is_put_down_kept_and_rated(window: Window) -> None:
    chair = window(PHONE, account="邓远茂")
    chair.goto(LIST)
    chair.get_by_role("link", name="大枫塘清淤动工").click()
    chair.get_by_role("link", name="大枫屋场协商会").click()
    chair.get_by_role("link", name="加落实事项").click()
    chair.get_by_label("要办的事").fill(THING)
    chair.get_by_label("什么时候办好").fill((timezone.localdate() + datetime.timedelta(days=20)).isoformat())
    chair.get_by_role("button", name="记下，回会议页面").click()
    expect(chair.get_by_text("请在上面选一位")).to_be_visible()
    expect(chair.get_by_label("要办的事")).to_have_value(THING)
    _fits(chair)
    chair.get_by_label("谁负责").select_option(label="邹德望（村委会委员）")
    chair.get_by_role("button", name="记下，回会议页面").click()
    expect(chair.get_by_text(f"记下了：{THING}")).to_be_visible()

    owner = window(PHONE, account="邹德望")
    owner.goto("/me/")
    owner.locator("#owed").get_by_role("link", name=THING).click()
    owner.get_by_role("link", name="报办理情况").click()
    owner.get_by_label("办好了").check()
    owner.get_by_role("button", name="报上去").click()
    expect(owner.get_by_text("这一项要填")).to_be_visible()
    expect(owner.get_by_label("办好了")).to_be_checked()
    owner.get_by_label("说明").fill("刷了两遍，干透了。")
    owner.get_by_role("button", name="报上去").click()
    expect(owner.get_by_text("报好了")).to_be_visible()
    _fits(owner)

    neighbour = window(PHONE, account="邓爱民")
    neighbour.goto(LIST + "?show=over")
    neighbour.get_by_role("link", name=THING).click()
    # By keyboard alone: the first of the buttons for the own opinion.
    neighbour.get_by_role("button", name="满意", exact=True).first.focus()
    neighbour.keyboard.press("Enter")
    expect(neighbour.get_by_text("评好了")).to_be_visible()
    _fits(neighbour)

    visitor = window(DESK)
    visitor.goto(LIST + "?show=over")
    visitor.get_by_role("link", name=THING).click()
    expect(visitor.get_by_text("评价（1 人）")).to_be_visible()
    expect(visitor.get_by_text("刷了两遍，干透了。")).to_be_visible()
    expect(visitor.get_by_text("邹德望（村委会委员）")).to_be_visible()
