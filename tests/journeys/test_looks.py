"""Every kind of page: nothing serious for axe, nothing wider than the phone, no error in the console."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page

from tests.journeys.conftest import DESK, PHONE, WALL, Window

pytestmark = pytest.mark.browser

M = "/v/laozhafang/meetings/1/"
PAGES = [
    ("", "/"),
    ("", "/find/?q=tqa"),
    ("", "/tongpingxian/"),
    ("", "/tongpingxian/nanxizhen/tingquanao/"),
    ("", "/tongpingxian/nanxizhen/tingquanao/rules/tingquanao-cungui/"),
    ("", "/linhuqu/shadizhen/yudengwan/rules/yudengwan-shunkouliu/"),
    ("", "/contest/zuimei-2026/"),
    ("", "/v/tingquanao/meetings/1/"),
    ("", "/v/tingquanao/meetings/1/minutes/"),
    ("", "/v/yudengwan/meetings/1/notice/"),
    ("", "/v/laozhafang/bulletins/1/"),
    ("", "/check-bulletin/#file=/v/laozhafang/bulletins/bulletins.jsonl"),
    ("", "/accounts/login/"),
    ("", "/demo-accounts/"),
    ("", "/nothing-here/"),
    ("贺志勇", M),
    ("贺志勇", "/me/"),
    ("", "/v/laozhafang/topics/"),
    ("贺志勇", "/v/laozhafang/topics/"),
    ("贺志勇", "/v/laozhafang/topics/3/"),
    ("贺志勇", "/v/laozhafang/topics/new/"),
    ("贺光武", "/v/laozhafang/topics/3/answer/"),
    ("", "/v/tingquanao/topics/1/"),
    ("艾大江", "/v/yudengwan/meetings/1/"),
    ("艾大江", "/me/"),
    ("涂运来", "/v/yudengwan/meetings/1/replies/"),
    ("涂运来", "/v/yudengwan/meetings/1/documents/"),
    ("贺光武", M + "console/"),
    ("贺光武", M + "guides/chair/"),
    ("贺光武", M + "sign-in-sheet/"),
    ("贺光武", "/v/laozhafang/meetings/new/"),
]


@pytest.mark.parametrize("elder", [False, True], ids=["plain", "elder"])
def test_pages(window: Window, portal: str, elder: bool) -> None:
    windows = {}
    findings = []
    for account, path in PAGES:
        if account not in windows:
            windows[account] = window(PHONE, account=account)
            if elder:
                windows[account].context.add_cookies([{"name": "elder", "value": "1", "url": portal}])
            windows[account].on(
                "console",
                lambda message: (
                    findings.append(f"console: {message.text}")
                    if message.type == "error" and "404" not in message.text
                    else None
                ),
            )
        page = windows[account]
        page.goto(path)
        findings.extend(f"{path}: {words}" for words in wrong_with(page))
    assert findings == []


GRAVE = ("serious", "critical")
# What people trace on paper is faint on purpose, and no reader reads it out.
TRACED = {"exclude": [".tally-strokes"]}


def wrong_with(page: Page, *rules: str) -> list[str]:
    """Wider than the screen, and what axe calls grave (by these of its rules, or by all)."""
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    grave = [one for one in Axe().run(page, TRACED, options).response["violations"] if one["impact"] in GRAVE]
    return [f"{wider} px too wide"] * (wider > 0) + [f"{one['id']} {one['nodes'][0]['target']}" for one in grave]


class Looks:
    """What axe and a narrow screen find on the page before one, as it is and in elder mode."""

    def __init__(self, portal: str) -> None:
        self.portal = portal
        self.findings: list[str] = []

    def at(self, page: Page, path: str) -> None:
        visit(page, path)
        self.here(page)

    def here(self, page: Page) -> None:
        path = page.url.removeprefix(self.portal)
        self.findings += [f"{path}: {words}" for words in wrong_with(page)]
        # As the cookie would have it, without loading everything once more; what larger type can change.
        page.evaluate("document.documentElement.setAttribute('data-size', 'elder')")
        self.findings += [f"{path} elder: {words}" for words in wrong_with(page, "scrollable-region-focusable")]


def press(page: Page, path: str, **fields: str) -> None:
    """A button's form, sent without looking for the button."""
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    answer = page.request.post(M + path, form={"csrfmiddlewaretoken": token, **fields})
    assert answer.ok, (path, answer.status)


def visit(page: Page, path: str) -> None:
    """The console turns by itself when the meeting moves; what that cuts short is asked for again."""
    try:
        page.goto(path)
    except Error as error:
        if "interrupted by another navigation" not in str(error):
            raise
        page.wait_for_load_state()
        page.goto(path)


def turn(page: Page, label: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=label).first.click()


def test_the_desks_of_a_meeting(window: Window, portal: str, tmp_path: Path) -> None:
    """Papers, tablets, counts, grants, substitutes, what two officers decide, and the log: at 360 pixels."""
    with contextlib.closing(sqlite3.connect(tmp_path / "portal.sqlite3")) as database, database:
        database.execute("UPDATE consultation_meeting SET rules = json_set(rules, '$.proxy', 'written')")
    looks = Looks(portal)
    chair, recorder = window(PHONE, account="贺光武"), window(PHONE, account="贺春香")
    scrutineer, voter = window(PHONE, account="谭少林"), window(PHONE, account="贺志勇")
    looks.at(voter, M + "proxies/")
    looks.at(recorder, M + "substitutes/?q=贺")
    visit(recorder, M + "console/")
    turn(recorder, "开一台平板")
    looks.here(recorder)
    tablet = window(PHONE)
    looks.at(tablet, recorder.locator(".kiosk-address").inner_text())
    turn(tablet, "接上这次会议")
    looks.here(tablet)
    visit(recorder, M + "console/")
    recorder.get_by_label("请谁来投票").fill("贺志勇")
    turn(recorder, "叫到平板上")
    looks.at(tablet, M + "kiosk/")

    press(chair, "motions/2/close/")
    for person in (recorder, scrutineer):
        press(person, "motions/2/hands/", **{"for": "90", "against": "30", "abstain": "10"})
    press(chair, "motions/2/announce/")
    absent = recorder.locator("#roll-list .roll-row:not(.roll-row--present) a[href*=substitutes]").first
    visit(recorder, M + "console/")
    looks.at(recorder, absent.get_attribute("href") or "")

    press(chair, "motions/new/", text="晒谷坪东边设临时停车处", method="paper_and_online")
    press(chair, "motions/5/open/")
    recorder.goto(M + "motions/5/papers/?q=贺")
    turn(recorder, "发一张")
    for path in ("papers/", "papers/?q=贺", "paper-ballots/", "tally-form/"):
        looks.at(recorder, f"{M}motions/5/{path}")
    press(chair, "motions/5/close/")
    looks.at(recorder, M + "console/")
    press(chair, "motions/5/settle/", decision="annul", reason="念错了题目")
    looks.at(scrutineer, M + "motions/5/settle/")
    agree = scrutineer.locator("form[data-confirm]").first.get_attribute("action") or ""
    press(scrutineer, agree.removeprefix(M), answer="confirm")
    looks.at(chair, M + "motions/2/settle/")
    for path in ("audit/", "audit-heads/", "bulletins/", "bulletins/2/numbers/"):
        looks.at(scrutineer, f"/v/laozhafang/{path}")

    press(chair, "motions/new/", text="晒谷坪不停车", method="online", secret="on")
    press(chair, "motions/6/open/")
    looks.at(voter, M)
    assert looks.findings == []


def test_hall_and_english(window: Window, portal: str) -> None:
    hall = window(WALL, account="贺光武")
    hall.goto(M + "hall/")
    assert hall.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    violations = Axe().run(hall).response["violations"]
    assert [v["id"] for v in violations if v["impact"] in ("serious", "critical")] == []
    english = window(DESK)
    english.goto("/")
    english.get_by_role("button", name="English").click()
    assert english.locator("html").get_attribute("lang") == "en"
    # A browser set to English saw Chinese first: the language is chosen, never guessed.
    fresh = window(DESK)
    fresh.goto("/")
    assert fresh.locator("html").get_attribute("lang") == "zh-Hans"
