"""The gallery is for development only, and shows every component file there is."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

NAMES = ["ui:gallery", "ui:gallery_hall", "ui:gallery_minutes"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", NAMES)
def test_only_in_development(client: Client, settings: Settings, name: str) -> None:
    assert client.get(reverse(name)).status_code == 200
    settings.DEVELOPMENT = False
    assert client.get(reverse(name)).status_code == 404


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("state", ["", "?state=counts", "?state=result", "?state=long", "?state=lost"])
def test_nothing_inline_that_the_policy_forbids(client: Client, name: str, state: str) -> None:
    html = client.get(reverse(name) + state).text

    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r'(src|href)="(https?:)?//', html)
    assert len(re.findall(r' id="([^"]+)"', html)) == len(set(re.findall(r' id="([^"]+)"', html)))


def test_every_component_is_shown() -> None:
    templates = Path(__file__).parents[2] / "templates"
    sources = [
        *(templates / "ui").rglob("*.html"),
        *templates.glob("*.html"),
        *(templates / "components").glob("*.html"),
    ]
    shown = "".join(path.read_text("utf-8") for path in sources)

    missing = {
        path.name for path in (templates / "components").glob("*.html") if f"components/{path.name}" not in shown
    }
    assert missing == set()
