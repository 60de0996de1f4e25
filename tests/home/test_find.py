"""Finding one's village by name, pinyin or township, with and without scripts."""

from __future__ import annotations

import pytest
from django.test import Client

from residents.models import Village
from tests.factories.residents import make_village

from .pages import make_county, make_township, make_village_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("county_is_there")]


@pytest.fixture
def village() -> Village:
    return make_village_page(make_township(make_county()), name="老榨坊村", slug="laozhafang")


@pytest.mark.parametrize("words", ["老榨坊", "榨", "laozha", "LZF", " 老 榨 ", "楠溪", "桐坪"])
def test_a_village_is_found_by_name_pinyin_initials_township_and_county(
    village: Village, client: Client, words: str
) -> None:
    response = client.get("/find/", {"q": words})
    assert response.context["found"] == [village]
    assert village.page.url in response.content.decode()


def test_practice_villages_and_those_without_a_page_are_not_found(village: Village, client: Client) -> None:
    make_village(name="老榨坊练习村", is_practice=True)
    make_village(name="老榨坊新村")
    assert client.get("/find/", {"q": "老榨坊"}).context["found"] == [village]


def test_a_script_gets_the_list_alone(village: Village, client: Client) -> None:
    whole = client.get("/find/", {"q": "lzf"})
    part = client.get("/find/", {"q": "lzf"}, headers={"HX-Request": "true"})
    assert "<html" in whole.content.decode()
    assert "<html" not in part.content.decode()
    assert "老榨坊村" in part.content.decode()
    assert "HX-Request" in whole["Vary"]
    assert "HX-Request" in part["Vary"]


def test_nothing_asked_shows_the_townships(village: Village, client: Client) -> None:
    response = client.get("/find/")
    assert response.context["found"] == []
    assert village.region.page.url in response.content.decode()


def test_nothing_found_says_so_and_hides_nothing_dangerous(village: Village, client: Client) -> None:
    html = client.get("/find/", {"q": "<script>x"}).content.decode()
    assert "没有找到" in html
    assert "<script>x" not in html


@pytest.mark.parametrize("words", ["长" * 5000, "%", "_", "'"])
def test_odd_words_do_no_harm(village: Village, client: Client, words: str) -> None:
    response = client.get("/find/", {"q": words})
    assert response.status_code == 200
    assert len(response.context["asked"]) <= 60


def test_it_is_read_only(client: Client) -> None:
    assert client.post("/find/", {"q": "x"}).status_code == 405
