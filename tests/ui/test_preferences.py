"""The two switches of every page: cookies kept, nothing else set, never led to another site."""

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

YEAR = 365 * 24 * 3600


@pytest.mark.parametrize(
    ("sent", "cookie", "value"),
    [
        ({"elder": "1"}, "elder", "1"),
        ({"elder": "0"}, "elder", "0"),
        ({"language": "en"}, "language", "en"),
        ({"language": "zh-hans"}, "language", "zh-hans"),
    ],
)
def test_a_choice_is_remembered_for_a_year(client: Client, sent: dict[str, str], cookie: str, value: str) -> None:
    response = client.post(reverse("ui:preferences"), sent | {"next": "/v/tingquanao/?page=2"})

    assert response.status_code == 303
    assert response["Location"] == "/v/tingquanao/?page=2"
    assert set(response.cookies) == {cookie}
    morsel = response.cookies[cookie]
    assert morsel.value == value
    assert morsel["max-age"] == YEAR
    assert morsel["samesite"] == "Lax"


@pytest.mark.parametrize("sent", [{"elder": "2"}, {"language": "de"}, {"language": "../../x"}, {}])
def test_what_is_not_offered_is_not_remembered(client: Client, sent: dict[str, str]) -> None:
    response = client.post(reverse("ui:preferences"), sent)

    assert response.status_code == 303
    assert not response.cookies


@pytest.mark.parametrize(
    "wanted",
    ["https://elsewhere.example/", "//elsewhere.example/", r"/\elsewhere.example", "javascript:alert(1)", ""],
)
def test_nobody_is_led_to_another_site(client: Client, wanted: str) -> None:
    response = client.post(reverse("ui:preferences"), {"elder": "1", "next": wanted})

    assert response["Location"] == "/"


def test_it_works_without_a_token_and_only_by_post() -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(reverse("ui:preferences"), {"elder": "1"}).status_code == 303
    assert strict.get(reverse("ui:preferences")).status_code == 405


@pytest.mark.django_db
def test_pages_follow_the_choice_and_set_no_cookie(client: Client) -> None:
    plain = client.get(reverse("ui:gallery"))
    assert 'data-size="elder"' not in plain.text
    assert 'lang="zh-Hans"' in plain.text
    assert not plain.cookies

    client.cookies["elder"] = "1"
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    chosen = client.get(reverse("ui:gallery"))
    assert 'data-size="elder"' in chosen.text
    assert '<html lang="en"' in chosen.text
