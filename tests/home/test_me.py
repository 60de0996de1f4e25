"""One's own page: whom one acts for, which meetings one leads, what one may start."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from consultation import practice
from home.my_page import my_page
from tests.factories.consultation import make_hall
from tests.factories.residents import appoint, make_account, make_resident, make_user
from tests.factories.topics import make_topic

from .pages import make_county, make_township, make_village_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("county_is_there")]


def test_it_asks_to_sign_in(client: Client) -> None:
    response = client.get("/me/")
    assert response.status_code == 302
    assert "/accounts/login/" in response.url


def test_an_officer_finds_the_console_and_a_neighbour_does_not() -> None:
    hall = make_hall()
    now = timezone.now()
    chair, neighbour = my_page(hall.chair, now=now), my_page(hall.account(4), now=now)
    assert [(duty.meeting, duty.role) for duty in chair.duties] == [(hall.meeting, "主持人")]
    assert list(neighbour.duties) == []
    assert list(chair.live) == list(neighbour.live) == [hall.meeting]


def test_it_names_everyone_the_account_acts_for(client: Client) -> None:
    village = make_village_page(make_township(make_county()), name="老榨坊村", slug="laozhafang")
    user = make_account(make_resident(village, name="邓爱民"))
    make_account(make_resident(village, name="邓子航"), relation="helper", user=user)
    client.force_login(user)
    html = client.get("/me/").content.decode()
    assert "邓爱民" in html
    assert "邓子航" in html
    assert "召开会议" not in html


def test_the_committee_may_call_a_meeting_and_practise(client: Client) -> None:
    village = make_village_page(make_township(make_county()), name="老榨坊村", slug="laozhafang")
    person = make_resident(village)
    appoint(person, "committee_member")
    client.force_login(make_account(person))
    html = client.get("/me/").content.decode()
    assert "/v/laozhafang/meetings/new/" in html
    assert "/v/laozhafang/meetings/practice/" in html


def test_it_leads_to_the_topics_and_tells_who_answers_how_many_wait(client: Client) -> None:
    village = make_village_page(make_township(make_county()), name="老榨坊村", slug="laozhafang")
    person, neighbour = make_resident(village), make_resident(village)
    appoint(person, "committee_member")
    make_topic(village)
    for one, told in ((person, True), (neighbour, False)):
        client.force_login(make_account(one))
        html = client.get("/me/").content.decode()
        assert "/v/laozhafang/topics/" in html
        assert ("有 1 件议题等答复" in html) == told


def test_practice_stands_apart() -> None:
    hall = make_hall(live=False)
    meeting = practice.start_practice(user=hall.chair, like=hall.village, households_count=4)
    mine = my_page(hall.chair, now=timezone.now())
    assert [duty.meeting for duty in mine.practice] == [meeting]
    assert [duty.meeting for duty in mine.duties] == [hall.meeting]
    assert [place.village for place in mine.places] == [hall.village]
    assert list(mine.live) == []


def test_an_account_without_a_village_is_told_where_to_go(client: Client) -> None:
    make_county()
    client.force_login(make_user())
    assert 'href="/me/who/"' in client.get("/me/").content.decode().split("还没有和您的村（社区）连上")[1]
