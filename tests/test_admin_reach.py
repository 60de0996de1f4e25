"""Nothing of another village comes to an editor's eyes in Wagtail's admin: not by lists, search, choosers, its own API,
reports or guessed numbers; and nothing of a village to an operator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client, override_settings
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, Page

from home.models import NewsIndexPage, NewsPage
from tests.access.addresses import addresses, path_of
from tests.access.world import Place, World, make_world

pytestmark = pytest.mark.django_db

DRAFT, PICTURE, PAPER = "zzsecretdraftzz", "zzsecretpicturezz", "zzsecretpaperzz"
SECRETS = (DRAFT, PICTURE, PAPER)


def hide_secrets(place: Place) -> None:
    """A page that is not out yet, an image and a document that stand on no page."""
    board = NewsIndexPage.objects.child_of(place.village.page).get()
    Page.objects.get(pk=board.pk).add_child(
        instance=NewsPage(title=DRAFT, slug="draft", live=False, has_unpublished_changes=True)
    )
    collection = Collection.objects.get(name__startswith=place.village.code)
    image = get_image_model().objects.create(title=PICTURE, file=get_test_image_file("p.png"), collection=collection)
    paper = get_document_model().objects.create(
        title=PAPER, file=ContentFile(b"%PDF-1.4", "p.pdf"), collection=collection
    )
    draft = NewsPage.objects.child_of(board).get(title=DRAFT)
    place.values |= {
        "page_id": draft.pk, "pages.pk": draft.pk, "parent_page_id": board.pk, "page_to_move_id": draft.pk,
        "image_id": image.pk, "images.pk": image.pk, "wagtailimages_chooser.pk": image.pk,
        "document_id": paper.pk, "documents.pk": paper.pk, "wagtaildocs_chooser.pk": paper.pk,
    }  # fmt: skip
    call_command("update_index", verbosity=0)


@pytest.fixture(scope="module")
def made(module_db) -> World:
    with override_settings(SECOND_FACTOR_REQUIRED=True):
        world = make_world()
        hide_secrets(world.other)
        return world


@pytest.fixture
def world(made, settings) -> Iterator[World]:
    """As it was made, with the cookies of then."""
    settings.SECOND_FACTOR_REQUIRED = True
    cookies = {letter: client.cookies.copy() for letter, client in made.clients.items()}
    yield replace(made, own=replace(made.own, values=dict(made.own.values)))
    for letter, client in made.clients.items():
        client.cookies = cookies[letter]


def questions(world: World) -> Iterator[str]:
    """Every address of the admin, about the other village where it is about one, and the usual searches."""
    for address in addresses():
        if address.route.startswith("admin/") and address.name not in ("wagtailadmin_error_test", "admin/test404/"):
            yield path_of(address, world.values("other"))
    other = world.other.values
    yield from (
        "/admin/pages/search/?q=zzsecret", "/admin/images/?q=zzsecret", "/admin/documents/?q=zzsecret",
        "/admin/images/chooser/results/?q=zzsecret", "/admin/documents/chooser/results/?q=zzsecret",
        "/admin/choose-page/search/?q=zzsecret", "/admin/api/main/pages/?search=zzsecret",
        "/admin/api/main/pages/?fields=*&limit=20", "/admin/api/main/images/?limit=20",
        "/admin/api/main/documents/?limit=20", "/admin/reports/site-history/?object_type=",
        f"/admin/images/chooser/chosen-multiple/?id={other['image_id']}",
        f"/admin/documents/chooser/chosen-multiple/?id={other['document_id']}",
        f"/admin/choose-page/chosen-multiple/?id={other['page_id']}",
        f"/admin/bulk/wagtailcore/page/delete/?id={other['page_id']}",
        f"/admin/bulk/wagtailcore/page/move/?id={other['page_id']}",
        f"/admin/bulk/wagtailcore/page/publish/?id={other['page_id']}",
        f"/admin/bulk/home/portalimage/delete/?id={other['image_id']}",
        f"/admin/bulk/home/portaldocument/add_to_collection/?id={other['document_id']}",
    )  # fmt: skip


@pytest.mark.parametrize("letter", list("EPGO"))
def test_nothing_of_the_other_village_is_told(world, letter):
    client = world.clients[letter]
    told = []
    for path in questions(world):
        response = client.get(path)
        content = response.content.decode(errors="replace") if not response.streaming else ""
        # What was asked for stands in the field again; it is no answer.
        if any(secret in content for secret in SECRETS):
            told.append(path)
    assert told == []


def test_the_own_editors_find_all_of_it(world):
    """So that the test above looks where there is something to see."""
    hide_secrets(world.own)
    client = world.clients["P"]
    own = world.own.values
    for path, secret in (
        (f"/admin/pages/{own['parent_page_id']}/", DRAFT),
        ("/admin/pages/search/?q=zzsecret", DRAFT),
        (f"/admin/choose-page/{own['parent_page_id']}/", DRAFT),
        ("/admin/images/", PICTURE),
        ("/admin/documents/", PAPER),
        ("/admin/api/main/images/?limit=20", PICTURE),
        ("/admin/api/main/documents/?limit=20", PAPER),
        ("/admin/api/main/pages/?limit=20", DRAFT),
    ):
        assert secret in client.get(path).content.decode(), path


def test_nothing_of_the_other_village_is_changed(world):
    other = world.other.values
    before = list(Page.objects.order_by("pk").values_list("pk", "path", "title", "live"))
    client = world.clients["P"]
    for path, data in (
        (f"/admin/pages/{other['page_id']}/edit/", {"title": "别的", "slug": "bie", "action-publish": "1"}),
        (f"/admin/pages/{other['page_id']}/delete/", {}),
        (f"/admin/pages/{other['page_id']}/copy/", {"new_title": "x", "new_slug": "x"}),
        (f"/admin/pages/{other['page_id']}/move/{world.own.values['destination_id']}/confirm/", {}),
        (f"/admin/pages/{world.own.values['page_id']}/move/{other['destination_id']}/confirm/", {}),
        (f"/admin/pages/{other['page_id']}/unpublish/", {}),
        (f"/admin/pages/{other['page_id']}/privacy/", {"restriction_type": "login"}),
        (f"/admin/pages/{other['page_id']}/lock/", {}),
        (f"/admin/bulk/wagtailcore/page/publish/?id={other['page_id']}", {}),
        (f"/admin/bulk/wagtailcore/page/delete/?id={other['page_id']}", {}),
        (f"/admin/images/{other['image_id']}/", {"title": "别的"}),
        (f"/admin/images/{other['image_id']}/delete/", {}),
        (f"/admin/images/multiple/{other['image_id']}/delete/", {}),
        (f"/admin/documents/delete/{other['document_id']}/", {}),
        (f"/admin/documents/multiple/{other['document_id']}/delete/", {}),
        (f"/admin/bulk/home/portalimage/delete/?id={other['image_id']}", {}),
        (f"/admin/collections/{other['collection_id']}/delete/", {}),
    ):
        assert client.post(path, data).status_code in (302, 400, 403, 404), path
    assert list(Page.objects.order_by("pk").values_list("pk", "path", "title", "live")) == before
    assert get_image_model().objects.get(title=PICTURE)
    assert get_document_model().objects.get(title=PAPER)


def test_an_image_is_not_laid_into_another_villages_collection(world):
    other = world.other.values
    client = world.clients["P"]
    before = get_image_model().objects.count()
    client.post(
        "/admin/images/add/",
        {"title": "插进去", "file": get_test_image_file("x.png"), "collection": other["collection_id"]},
    )
    assert not get_image_model().objects.filter(collection=other["collection_id"], title="插进去").exists()
    assert get_image_model().objects.count() == before


def test_there_is_no_public_api():
    assert not [app for app in settings.INSTALLED_APPS if app.startswith("wagtail.api")]
    for path in ("/api/v2/pages/", "/api/main/pages/", "/admin/api/main/pages/"):
        assert Client().get(path).status_code in (302, 404)
    assert not [address.route for address in addresses() if "api/" in address.route and "admin/" not in address.route]


def test_the_admin_has_no_way_in_or_back_of_its_own():
    assert Client().get("/admin/login/")["Location"].startswith("/accounts/login/")
    assert Client().get("/admin/password_reset/").status_code == 404


def test_search_engines_get_their_map():
    from tests.home.pages import make_county

    make_county()
    answer = Client().get("/sitemap.xml")
    assert answer.status_code == 200
    assert b"<urlset" in answer.content
