"""Village rules on a phone: from a Word file to what is published; an opinion and its answer; two versions compared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, Window, _manage
from tests.villagerules.word_files import typed

pytestmark = pytest.mark.browser

RULES = "/v/tingquanao/rules/"
DRAFT = f"{RULES}tingquanao-cungui/4/"
LINES = (
    "大枫屋场公约",
    "第一条 门前卫生各家自己扫。",
    "第二条 晚上不放炮。",
    "第三条 大家商量着办。",
)
SAID = "过年那几天能不能放？"
MENDED = "晚上十点以后不放炮，除夕除外。"

# What other journeys show already: gathered in, reviewed, cleared, voted on in the yard.
TO_THE_VOTE = """
from consultation import meetings
from residents.models import Household
from tests.factories.consultation import YARD, call
from tests.factories.rules import end_period, hold_vote
from villagerules import adopting, drafting, reviewing
from villagerules.models import RuleVersion
from django.utils import timezone
version = RuleVersion.objects.get(title="大枫屋场公约")
homes = list(Household.objects.of(version.village).exclude(representative=None)[20:26])
end_period(version)
drafting.close_period(version, by=None)
reviewing.submit_review(version, by=None)
reviewing.clear_rules(version, checked=[item["code"] for item in reviewing.checklist()], by=None)
reviewing.record_party_step(version, on=timezone.localdate(), by=None)
people = [home.representative for home in homes]
meeting = meetings.publish_notice(call(version.village, people, preset=YARD, affected=homes), by=None)
adopting.put_to_vote(version, meeting, by=None, secret=False, method="online")
hold_vote(version, people)
adopting.take_result(version, by=None)
"""
PERIOD_OVER = """
from tests.factories.rules import end_period
from villagerules.models import RuleVersion
end_period(RuleVersion.objects.get(title="大枫屋场公约"))
"""
OTHER_WORDS = """
from villagerules.models import Article
Article.objects.filter(chapter__version__number=4, chapter__version__rules__slug="tingquanao-cungui", number=1).update(
    text="本村规民约由村民会议讨论订立。它是全体村民的共同约定，不替代法律，也不高过法律。")
"""


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def _press(page: Page, label: str | re.Pattern[str]) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=label).first.click()


def _follow(page: Page, label: str) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=label).first.click()


def _twice(page: Page, label: str) -> None:
    button = page.get_by_role("button", name=label).first.element_handle()
    assert button is not None
    button.click()
    page.wait_for_function("button => button.form.hasAttribute('data-confirmed') && !button.disabled", arg=button)
    with page.expect_navigation():
        button.click()


def test_from_a_word_file_to_rules_on_the_wall(window: Window, tmp_path: Path) -> None:
    chair = window(PHONE, account="邓远茂")
    chair.goto(f"{RULES}import/")
    file = {"name": "公约.docx", "mimeType": "application/octet-stream", "buffer": typed(*LINES)}
    chair.get_by_label("Word 文件").set_input_files([file])  # type: ignore[list-item]
    _press(chair, "先看看认得对不对")
    expect(chair.get_by_text("晚上不放炮").first).to_be_visible()
    chair.get_by_label("类别").select_option(label="院落公约")
    chair.get_by_label("草案：还要征求意见").check()
    _press(chair, "没问题，保存")
    version = chair.url
    _follow(chair, "修订经过、意见和下一步")
    _press(chair, "开始征集民意")
    _fits(chair)

    resident = window(PHONE, account="邓秋萍")
    resident.goto(f"{version}making/")
    _follow(resident, "看全文，逐条说两句")
    resident.locator("#article-2 .say summary").click()
    resident.get_by_label("您想说什么").fill(SAID)
    _fits(resident)
    _press(resident, "说好了，提交")
    expect(resident.get_by_text("等委员会看过以后公开").first).to_be_visible()

    chair.goto(f"{version}articles/article-2/")
    _press(chair, "放出来")
    _follow(chair, "答复这一条")
    chair.get_by_label("采纳吗").select_option(label="采纳")
    chair.get_by_label("怎么改了，或者为什么不采纳").fill("写明除夕除外。")
    _press(chair, "答复")
    _manage(tmp_path, "shell", "-c", PERIOD_OVER)
    chair.goto(f"{version}making/")
    _press(chair, "意见收齐，开始修改")
    _follow(chair, "逐条修改草案")
    with chair.expect_navigation():
        chair.locator("#article-2 a").click()
    expect(chair.get_by_text(SAID)).to_be_visible()
    chair.get_by_label("内容").fill(MENDED)
    _fits(chair)
    _press(chair, "保存这一条")
    chair.goto(f"{version}making/")
    _press(chair, "公示草案，征求意见")
    _manage(tmp_path, "shell", "-c", TO_THE_VOTE)

    chair.goto(f"{version}making/")
    chair.get_by_label("施行日期").fill(timezone.localdate().isoformat())
    chair.get_by_label("张贴在哪里").fill("大枫屋场公告栏")
    _press(chair, "公布")
    second = window(PHONE, account="阳桂莲")
    second.goto(f"{version}making/")
    _twice(second, "核对无误，确认")

    visitor = window(PHONE)
    visitor.goto(version)
    for words in (MENDED, "赞成 6", "大枫屋场公告栏"):
        expect(visitor.get_by_text(words).first).to_be_visible()
    _fits(visitor)
    visitor.get_by_label("在正文里找").fill("除夕")
    expect(visitor.locator("#article-2 mark")).to_have_text("除夕")
    expect(visitor.locator("[data-found]")).to_contain_text("找到 1 处")


def test_an_opinion_and_its_answer_without_scripts(window: Window) -> None:
    resident = window(PHONE, account="邓秋萍", java_script_enabled=False)
    resident.goto(DRAFT)
    resident.locator("#article-27 .say summary").click()
    resident.locator("#article-27 .say").get_by_role("link").click()
    words = resident.get_by_label("您想说什么")
    words.focus()
    resident.keyboard.type("飞手要有证")
    resident.keyboard.press("Tab")
    resident.keyboard.press("Enter")
    expect(resident.get_by_text("等委员会看过以后公开").first).to_be_visible()
    here = resident.url

    chair = window(PHONE, account="邓远茂")
    chair.goto(here)
    mine = chair.locator("article.opinion", has_text="飞手要有证")
    mine.get_by_role("link", name="答复这一条").click()
    chair.get_by_label("怎么改了，或者为什么不采纳").fill("有证才请，写进去。")
    _press(chair, "答复")
    _fits(chair)

    resident.goto("/me/")
    expect(resident.get_by_text("有答复了").first).to_be_visible()
    neighbour = window(PHONE, account="阳冬生")
    neighbour.goto(here)
    expect(neighbour.get_by_text("飞手要有证")).to_be_visible()
    expect(neighbour.get_by_text("有证才请，写进去。")).to_be_visible()
    _fits(neighbour)


def test_two_versions_beside_each_other_on_a_phone(window: Window, tmp_path: Path) -> None:
    _manage(tmp_path, "shell", "-c", OTHER_WORDS)
    resident = window(PHONE, account="邓秋萍")
    for how in ("", "?side"):
        resident.goto(f"{RULES}tingquanao-cungui/3/compare/4/{how}")
        expect(resident.locator(".change del").first).to_be_visible()
        expect(resident.locator(".change--added").first).to_be_visible()
        _fits(resident)
