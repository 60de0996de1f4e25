"""A resident votes in a contest on a telephone: with a script or without, by the keyboard, and changes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import databases
from tests.journeys.conftest import DESK, PHONE, Window, _environment
from tests.journeys.test_looks import Looks

pytestmark = pytest.mark.browser

VOTE, PROGRESS = "/contest/vote-here/vote/", "/contest/vote-here/progress/"


@pytest.fixture
def contest(portal: str, tmp_path: Path) -> None:
    code = (Path(__file__).parent / "contest_to_vote_in.py").read_text()
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", code], cwd=databases.ROOT, env=_environment(tmp_path), check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.usefixtures("contest")
def test_a_resident_picks_looks_once_more_votes_and_changes(window: Window, portal: str) -> None:
    looks = Looks(portal)
    phone = window(PHONE, account="贺志勇")
    looks.at(phone, VOTE)
    count = phone.locator(".picks-bar p")
    phone.get_by_label("第3个办法").focus()
    phone.keyboard.press("Space")
    # What has the focus is not behind the bar.
    box, bar = phone.locator("label:has(input:focus)").bounding_box(), phone.locator(".picks-bar").bounding_box()
    assert box is not None
    assert bar is not None
    assert box["y"] + box["height"] <= bar["y"] + 1
    expect(count).to_contain_text("最多 3 件")
    phone.get_by_role("button", name="选好了，看一遍").click()
    expect(phone.get_by_text("至少要选 2 件")).to_be_visible()
    assert phone.get_by_label("第3个办法").is_checked()
    phone.get_by_label("第5个办法").focus()
    phone.keyboard.press("Space")
    looks.here(phone)
    phone.get_by_role("button", name="选好了，看一遍").click()
    expect(phone.get_by_text("您选了 2 件")).to_be_visible()
    looks.here(phone)
    phone.get_by_role("button", name="确认投票").click()
    expect(phone.get_by_role("heading", name="您的票记下了")).to_be_visible()
    expect(phone.get_by_text("第 5 号")).to_be_visible()
    looks.here(phone)

    phone.get_by_role("link", name="改选").click()
    assert phone.get_by_label("第5个办法").is_checked()
    phone.get_by_label("第8个办法").focus()
    phone.keyboard.press("Space")
    phone.get_by_role("button", name="选好了，看一遍").click()
    phone.get_by_role("button", name="确认改选").click()
    expect(phone.get_by_text("第 8 号")).to_be_visible()

    looks.at(phone, PROGRESS)
    expect(phone.get_by_text("1 张")).to_be_visible()
    assert looks.findings == []


@pytest.mark.usefixtures("contest")
def test_without_scripts_and_first_picking_then_signing_in(window: Window) -> None:
    phone = window(DESK, java_script_enabled=False)
    phone.goto(VOTE)
    for number in (2, 4):
        phone.get_by_label(f"第{number}个办法").check(force=True)
    phone.get_by_role("button", name="选好了，看一遍").click()
    assert "/accounts/login/" in phone.url
    phone.goto("/demo-accounts/")
    phone.get_by_role("button", name="贺志勇").first.click()
    phone.goto(VOTE + "check/")
    expect(phone.get_by_text("您选了 2 件")).to_be_visible()
    phone.get_by_role("button", name="确认投票").click()
    expect(phone.get_by_role("heading", name="您的票记下了")).to_be_visible()
