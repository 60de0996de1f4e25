"""One style sheet for every page: complete, kept for a year, and readable by old phones."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from ui import stylesheets


def test_every_css_file_is_in_the_order() -> None:
    files = {path.relative_to(stylesheets.FOLDER).as_posix() for path in stylesheets.FOLDER.rglob("*.css")}

    assert files == set(stylesheets.ORDER)
    assert len(stylesheets.ORDER) == len(files)


def test_the_present_version_is_kept_and_an_old_one_is_not(client: Client) -> None:
    now = client.get(reverse("ui:stylesheet", args=[stylesheets.current().version]))
    old = client.get(reverse("ui:stylesheet", args=["0123456789ab"]))

    assert now["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in now["Cache-Control"]
    assert "immutable" not in old["Cache-Control"]
    assert now.content == old.content
    assert not now.cookies


def test_it_travels_small(client: Client, settings: Settings) -> None:
    settings.DEVELOPMENT = False
    response = client.get(
        reverse("ui:stylesheet", args=[stylesheets.current().version]), headers={"Accept-Encoding": "gzip"}
    )

    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) < 22_000


@pytest.mark.parametrize(
    "newer",
    [
        r"@layer",
        r"@import",
        r"@container",
        r":has\(",
        r":is\(",
        r":where\(",
        r"\binset\s*:",
        r"padding-inline\s*:",
        r"margin-inline\s*:",
        r"(?<![-\w])gap\s*:",
        r"clamp\(",
        r"color-mix\(",
        r"(?<!-)aspect-ratio\s*:",
        r"url\((?!\"data:)",
    ],
)
def test_nothing_that_old_phones_drop(newer: str) -> None:
    assert not re.search(newer, stylesheets.current().text)
