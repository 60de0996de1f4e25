"""Every kind of page: nothing serious for axe, nothing wider than the phone, no error in the console."""

import pytest
from axe_playwright_python.sync_playwright import Axe

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
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider > 0:
            findings.append(f"{path}: {wider} px too wide")
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                findings.append(f"{path}: {violation['id']} {violation['nodes'][0]['target']}")
    assert findings == []


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
