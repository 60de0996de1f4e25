"""The page that recounts bulletins: the same verdicts as the script, without a server and without sending anything."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page, Route

from consultation import checker
from tests.consultation.test_check_bulletin import LEAVES, ROOTS
from tests.factories.altered_bulletins import altered
from tests.factories.bulletins import honest, make_body, text_of

pytestmark = pytest.mark.browser

RUN = """async (cases) => {
  const { check } = await import("/bulletin_check.js");
  const { said } = window.given;
  const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  return cases.map(([name, content, given]) => check(bytes(content), { name, given, said }));
}"""
# JavaScript reads these as the whole number that they are; the canonical text gives them away.
SAME_NUMBER = ("text: a fraction", "text: an exponent")
ROOT = """async (leaves) => {
  const { hex, sha256 } = await import("/sha256.js");
  const { merkleBytes } = await import("/canonical.js");
  return leaves.map((_leaf, i) => hex(merkleBytes(leaves.slice(0, i + 1).map((leaf) => Uint8Array.from(leaf)))));
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """An empty page with our modules beside it; there is nobody else to ask."""

    def answer(route: Route) -> None:
        name = route.request.url.rsplit("/", 1)[-1]
        if name in checker.IN_ORDER:
            route.fulfill(body=(checker.MODULES / name).read_text(), content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>-</title>", content_type="text/html")

    context = browser.new_context()
    opened = context.new_page()
    opened.route("**/*", answer)
    opened.goto("http://page.invalid/")  # by http: there is no crypto.subtle here, as in a hall
    assert opened.evaluate("window.crypto.subtle === undefined")
    opened.evaluate("(given) => { window.given = given; }", {"said": checker.sentences()})
    yield opened
    context.close()


def recount(page: Page, cases: list[tuple[str, bytes, str]]) -> list[list[dict[str, object]]]:
    return page.evaluate(RUN, [[name, base64.b64encode(content).decode(), root] for name, content, root in cases])


def by_script(name: str, content: bytes, root: str) -> list[tuple[bool, str]]:
    script = checker._script()
    try:
        many = name.endswith(".jsonl") or b"\n{" in content
        lines = [(bool(line[0]), line[1]) for line in script.report(content, many, root)]
        return [*lines, (all(line[0] for line in lines), "end")] if lines else [(False, "unreadable")]
    except (ValueError, RecursionError):
        return [(False, "unreadable")]


def test_known_roots_in_the_page(page: Page) -> None:
    assert page.evaluate(ROOT, [list(bytes.fromhex(leaf)) for leaf in LEAVES]) == ROOTS


def test_honest_ones_pass_with_the_scripts_own_words(page: Page) -> None:
    script = checker._script()
    files = honest()
    for (name, text), lines in zip(
        files.items(), recount(page, [(name, text.encode(), "") for name, text in files.items()]), strict=True
    ):
        report = list(script.report(text.encode(), name.endswith("jsonl")))
        words = [script.SAID[key][0].format(**facts) for _holds, key, facts in report] + [script.SAID["end"][0]]
        assert [line["words"] for line in lines] == words
        assert all(line["holds"] for line in lines)


def test_altered_ones_are_caught_by_the_same_checks(page: Page) -> None:
    cases = altered()
    assert len(cases) > 200
    for case, lines in zip(cases, recount(page, [case[1:] for case in cases]), strict=True):
        assert not lines[-1]["holds"], case.what
        if case.what not in SAME_NUMBER:
            assert [(line["holds"], line["name"]) for line in lines] == by_script(*case[1:]), case.what


def test_the_file_that_is_taken_away_counts_from_a_disk(browser: Browser, tmp_path: Path) -> None:
    words = {"said": checker.sentences(), "script": checker.page_script()}
    saved = tmp_path / "check-bulletin.html"
    saved.write_text(render_to_string("consultation/check_bulletin_offline.html", words), encoding="utf-8")
    body = make_body((30, 4, 4))
    (tmp_path / "good.json").write_text(text_of(body), newline="")
    (tmp_path / "bad.json").write_text(text_of(body | {"outcome": "lost"}), newline="")
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.set_default_timeout(10_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(saved.as_uri())
    page.locator("[data-check-root]").fill(body["root"][:16])
    page.locator("[data-check-file]").set_input_files(str(tmp_path / "good.json"))
    page.get_by_text("都对得上").wait_for()
    assert page.locator(".check-line--wrong").count() == 0
    page.locator("[data-check-file]").set_input_files(str(tmp_path / "bad.json"))
    page.get_by_text("有不对的地方").wait_for()
    assert page.locator(".check-line--wrong", has_text="结果对不上").count() == 1
    page.locator("summary").click()
    page.locator("[data-check-text]").fill(json.dumps(body))
    page.locator("[data-check-run]").click()
    page.locator(".check-line--wrong", has_text="写法不规范").wait_for()
    assert errors == []
    context.close()
