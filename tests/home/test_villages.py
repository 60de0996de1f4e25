"""A village's committee edits its own tree, images and documents, and nothing of its neighbours."""

import pytest
from django.test import Client
from wagtail.images import get_image_model
from wagtail.images.permissions import permission_policy as images
from wagtail.models import Collection

from home.editors import keep_groups
from home.models import VillagePage
from home.sites import SiteFacts, first_county, first_operator, prepare_site
from home.villages import VillageWords, create_village
from residents.models import Appointment, Region, Village
from tests.factories.residents import SINCE, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("county_is_there")]


@pytest.fixture
def county() -> Region:
    prepare_site(SiteFacts(portal_name="测试门户"))
    return first_county(province="某省", prefecture="某市", county="某县", code="990101")


def _village(county: Region, slug: str, code: str) -> Village:
    township, _created = Region.objects.get_or_create(
        code=f"{county.code}101", defaults={"parent": county, "level": "township", "name": "某镇"}
    )
    fields = {"region": township, "slug": slug, "code": code, "kind": "village", "name": f"{slug}村"}
    return create_village(fields=fields, words=VillageWords(tagline="一句话"))


def hold(user, village, role):
    Appointment.objects.create(village=village, user=user, role=role, from_on=SINCE)
    keep_groups(user)


def test_a_village_comes_with_its_pages_groups_and_collection(county: Region) -> None:
    village = _village(county, "dong", "990101101201")
    page = VillagePage.objects.get(village=village)
    assert [child.slug for child in page.get_children().live()] == ["news", "rules", "meetings"]
    assert page.get_parent().title == "某镇"
    assert Collection.objects.filter(name__startswith=village.code).count() == 1


def test_an_editor_edits_the_own_tree_only_and_does_not_publish(county: Region) -> None:
    own, other = _village(county, "dong", "990101101201"), _village(county, "xi", "990101101202")
    editor = make_user()
    hold(editor, own, "committee_member")
    client = Client()
    client.force_login(editor)
    assert client.get(f"/admin/pages/{own.page.pk}/edit/").status_code == 200
    assert client.get(f"/admin/pages/{other.page.pk}/edit/").status_code == 302
    tester = VillagePage.objects.get(pk=own.page.pk).permissions_for_user(editor)
    assert tester.can_edit()
    assert not tester.can_publish()
    assert not VillagePage.objects.get(pk=other.page.pk).permissions_for_user(editor).can_edit()


def test_a_publisher_publishes_the_own_tree_only(county: Region) -> None:
    own, other = _village(county, "dong", "990101101201"), _village(county, "xi", "990101101202")
    publisher = make_user()
    hold(publisher, own, "committee_chair")
    assert VillagePage.objects.get(pk=own.page.pk).permissions_for_user(publisher).can_publish()
    assert not VillagePage.objects.get(pk=other.page.pk).permissions_for_user(publisher).can_publish()


def test_images_of_a_neighbour_are_out_of_reach(county: Region) -> None:
    own, other = _village(county, "dong", "990101101201"), _village(county, "xi", "990101101202")
    editor = make_user()
    hold(editor, own, "committee_member")
    may_add = images.collections_user_has_permission_for(editor, "add")
    assert [collection.name.split()[0] for collection in may_add] == [own.code]
    theirs = get_image_model()(title="邻村的照片", collection=Collection.objects.get(name__startswith=other.code))
    assert not images.user_has_permission_for_instance(editor, "change", theirs)


def test_the_first_operator_is_no_superuser_and_reaches_the_settings(county: Region) -> None:
    operator = first_operator(username="yunying", display_name="运营", password="duoduo-cunzhuang")
    assert not operator.is_superuser
    client = Client()
    client.force_login(operator)
    assert client.get("/admin/settings/home/sitesettings/", follow=True).status_code == 200
    assert client.get("/admin/presets/").status_code == 200


def test_an_operator_cannot_make_anybody_a_superuser(county: Region) -> None:
    operator = first_operator(username="yunying", display_name="运营", password="duoduo-cunzhuang")
    client = Client()
    client.force_login(operator)
    answer = client.post(
        "/admin/users/new/",
        {
            "username": "xin", "display_name": "新人", "password1": "duoduo-cunzhuang",
            "password2": "duoduo-cunzhuang", "is_superuser": "on",
        },
    )  # fmt: skip
    assert answer.status_code == 302
    from residents.models import User

    assert not User.objects.get(username="xin").is_superuser


def test_preparing_twice_changes_nothing(county: Region) -> None:
    from home.models import HomePage, StandardPage

    prepare_site(SiteFacts(portal_name="另一个名字"))
    assert HomePage.objects.count() == 1
    assert StandardPage.objects.count() == 3
