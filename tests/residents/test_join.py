"""The code on the wall: where it leads, for strangers, for those signed in, and for those who are known already."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from residents.models import Claim
from tests.factories.residents import make_account, make_resident, make_user, make_village

pytestmark = pytest.mark.django_db


@pytest.fixture
def village():
    return make_village(name="听泉坳村")


def at(name, village, **asked):
    return Client().get(reverse(f"residents:{name}", args=[village.slug]), asked)


def signed_in(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def who(village, more=""):
    return f"{reverse('me:who')}?village={village.slug}{more}"


def test_a_stranger_types_the_number_on_the_first_page_and_comes_back_to_the_name(village):
    page = at("join", village)
    assert page.status_code == 200
    form = re.search(r'<form[^>]+action="/accounts/login/code/".*?</form>', page.content.decode(), re.DOTALL).group()
    assert f'name="next" value="{who(village)}"' in form
    assert 'name="phone"' in form
    assert 'name="consent"' in form


def test_a_meetings_poster_leads_on_to_the_meeting(village):
    page = at("join", village, meeting="12").content.decode()
    assert who(village, f"&amp;next=%2Fv%2F{village.slug}%2Fmeetings%2F12%2F") in page
    poster = at("poster", village, meeting="12")
    assert poster.context["join_url"] == f"http://testserver/v/{village.slug}/join/?meeting=12"


@pytest.mark.parametrize("wrong", ["x", "-1", "１２a", "9" * 20, "1/../2"])
def test_a_number_that_is_no_meetings_is_left_out(village, wrong):
    page = at("join", village, meeting=wrong)
    assert (page.status_code, page.context["next"]) == (200, "")
    assert at("poster", village, meeting=wrong).context["join_url"].endswith("/join/")


def test_who_is_signed_in_goes_on_to_the_name_and_who_is_known_is_told_so(village):
    assert "发验证码" not in signed_in(make_user()).get(f"/v/{village.slug}/join/").content.decode()
    known = signed_in(make_account(make_resident(village, name="阳桂莲")))
    assert "您是听泉坳村的阳桂莲" in known.get(f"/v/{village.slug}/join/").content.decode()


def test_without_messages_the_page_offers_the_other_ways(village, settings):
    settings.SMS_GATEWAY = ""
    page = at("join", village).content.decode()
    assert 'name="phone"' not in page
    assert reverse("code:enter") in page
    assert "短信" not in at("poster", village).content.decode().split("poster-steps")[1]


@pytest.mark.parametrize("name", ["join", "poster"])
def test_practice_villages_and_unknown_ones_have_no_wall(name):
    assert at(name, make_village(is_practice=True)).status_code == 404
    assert Client().get(f"/v/nowhere/{'join/' if name == 'join' else 'join/poster/'}").status_code == 404
    assert Client().post(reverse(f"residents:{name}", args=[make_village().slug])).status_code == 405


def test_a_village_that_joined_another_leads_there(village):
    old = make_village(merged_into=village)
    assert at("join", old)["Location"] == reverse("residents:join", args=[village.slug])
    assert village.slug in at("poster", old).context["join_url"]


def test_looking_makes_nobody_anybody(village):
    at("join", village)
    signed_in(make_user()).get(f"/v/{village.slug}/join/")
    assert not Claim.objects.exists()
