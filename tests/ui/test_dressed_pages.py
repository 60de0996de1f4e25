"""The pages nobody wants to see still look like the portal; accounts' pages too."""

import pytest
from django.template.loader import get_template
from django.test import Client


@pytest.mark.django_db
def test_a_missing_page_says_so_with_a_number(client: Client) -> None:
    response = client.get("/nothing-here/")

    assert response.status_code == 404
    assert "找不到这一页" in response.text
    assert "回首页" in response.text
    assert "site-header" in response.text


@pytest.mark.parametrize("retry", [True, False])
def test_the_page_for_failures_needs_no_request(retry: bool) -> None:
    html = get_template("500.html").render({"message": "请稍后再试。", "retry": retry, "request_id": "abc123"})

    assert "请稍后再试。" in html
    assert "abc123" in html
    assert 'rel="stylesheet" href="/ui/site.' in html


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/login/code/", "/accounts/password/forgotten/"])
def test_account_pages_wear_the_portal(client: Client, path: str) -> None:
    html = client.get(path).text

    assert "site-header" in html
    assert "entrance-card" in html
    assert "button--primary" in html


@pytest.mark.django_db
def test_signed_in_account_pages(client: Client, django_user_model: type) -> None:
    user = django_user_model.objects.create_user(username="lan", password="a-long-password-9", display_name="向水莲")
    client.force_login(user)

    for path in ("/accounts/logout/", "/accounts/password/change/", "/accounts/2fa/"):
        html = client.get(path).text
        assert "向水莲" in html
        assert "site-header" in html
