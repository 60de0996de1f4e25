"""The admin asks for the second factor, and again before pages are published or accounts changed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import nested_form_data, querydict_from_html, rich_text, streamfield

from home.models import NewsIndexPage, NewsPage
from home.sites import operators
from residents.models import Role, User, Village
from residents.phones import phone_hash
from tests.factories.residents import appoint, make_account, make_resident, make_user
from tests.home.pages import make_county, make_township, make_village_page
from tests.sessions import show, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("county_is_there")]
ELEVEN_MINUTES = 11 * 60
EDIT, PUBLISH = "wagtailadmin_pages:edit", "action-publish"


@pytest.fixture(autouse=True)
def _required(settings: object) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def page() -> Page:
    """A village's news, not published yet."""
    make_village_page(make_township(make_county()), name="听泉坳村", slug="tingquanao")
    news = NewsPage(title="修路", slug="xiulu", live=False)
    NewsIndexPage.objects.get().add_child(instance=news)
    return news


@pytest.fixture
def secretary(page: Page) -> User:
    person = make_resident(Village.objects.get(slug="tingquanao"))
    appoint(person, Role.PARTY_SECRETARY)
    return make_account(person)


def form_of(client: Client, page: Page) -> dict[str, str]:
    """What the editor's form would send."""
    sent = querydict_from_html(client.get(reverse(EDIT, args=[page.pk])).text, form_id="page-edit-form")
    body = nested_form_data({"body": streamfield([("paragraph", rich_text("<p>下月初动工。</p>"))])})
    return {name: values[-1] for name, values in sent.lists()} | body


def test_the_admin_asks_first(secretary: User, client: Client) -> None:
    sign_in(client, secretary, "code")

    assert client.get(reverse("wagtailadmin_home")).url.startswith(reverse("me:second_factor"))


def test_publishing_asks_again_and_keeps_what_was_typed(page: Page, secretary: User, client: Client) -> None:
    sign_in(client, secretary, "mfa", ago=ELEVEN_MINUTES)
    sent = form_of(client, page) | {"title": "修路的事", PUBLISH: "1"}

    response = client.post(reverse(EDIT, args=[page.pk]), sent)

    assert response.status_code == 403
    assert "再确认一次是您本人" in response.text
    page.refresh_from_db()
    assert not page.live
    assert page.get_latest_revision_as_object().title == "修路的事"

    show(client, secretary, "mfa")
    response = client.post(reverse(EDIT, args=[page.pk]), sent)
    assert response.status_code == 302
    page.refresh_from_db()
    assert (page.live, page.title) == (True, "修路的事")


def test_saving_a_draft_asks_for_nothing_more(page: Page, secretary: User, client: Client) -> None:
    sign_in(client, secretary, "mfa", ago=ELEVEN_MINUTES)

    response = client.post(reverse(EDIT, args=[page.pk]), form_of(client, page) | {"title": "修路的事"})

    assert response.status_code == 302
    page.refresh_from_db()
    assert page.get_latest_revision_as_object().title == "修路的事"


@pytest.mark.parametrize("name", ["unpublish", "delete"])
def test_taking_down_asks_again(page: Page, secretary: User, client: Client, name: str) -> None:
    page.live = True
    page.save()
    sign_in(client, secretary, "mfa", ago=ELEVEN_MINUTES)

    assert client.post(reverse(f"wagtailadmin_pages:{name}", args=[page.pk])).status_code == 403
    page.refresh_from_db()
    assert page.live


def test_many_at_once_ask_again(page: Page, secretary: User, client: Client) -> None:
    sign_in(client, secretary, "mfa", ago=ELEVEN_MINUTES)
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])

    response = client.post(f"{address}?id={page.pk}&next=/admin/", {"id": page.pk})

    assert response.status_code == 403
    page.refresh_from_db()
    assert not page.live


def test_giving_an_account_more_asks_again(client: Client) -> None:
    make_county()

    operator, other = make_user(phone_hash=phone_hash("15400000101")), make_user(email="a@example.org")
    operator.groups.add(operators())
    sign_in(client, operator, "mfa", ago=ELEVEN_MINUTES)
    edit = reverse("wagtailusers_users:edit", args=[other.pk])
    sent = {"username": other.username, "display_name": "改名", "email": "", "is_active": "on"}
    assert client.get(edit).status_code == 200

    assert client.post(edit, sent).status_code == 403
    other.refresh_from_db()
    assert other.display_name != "改名"

    show(client, operator, "mfa")
    assert client.post(edit, sent).status_code == 302
    other.refresh_from_db()
    assert other.display_name == "改名"
