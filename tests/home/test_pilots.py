"""Pilot units: marked and ended by two people with a document, shown while they hold, with a case that has figures."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from home.models import PilotPage
from home.pilot_case import pilot_lines
from home.villages import add_page
from residents.models import Appointment, PilotMark, Proposal, Village
from residents.pilots import PilotError, pilot_of, propose_end, propose_pilot
from residents.two_people import NotWaiting, SamePerson, decide
from tests.factories.residents import SINCE, appoint, make_account, make_resident, make_user
from tests.factories.topics import make_topic

from .pages import make_county, make_township, make_village_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("county_is_there")]

TODAY = timezone.localdate()
DAY = datetime.timedelta(days=1)


@pytest.fixture
def town():
    return make_township(make_county())


@pytest.fixture
def village(town):
    return make_village_page(town, name="听泉坳村", slug="tingquanao", number=201)


def reviewer(region):
    user = make_user()
    Appointment.objects.create(region=region, user=user, role="township_reviewer", from_on=SINCE)
    return user


def asked(town, village, by, **fields):
    told = {"level": "national", "document": "民办发〔2021〕1号", "from_on": TODAY, "to_on": None}
    return propose_pilot(town, village, by=by, **told | fields)


def marked(village, **fields):
    told = {"level": "county", "document": "某民发1号", "from_on": TODAY - 10 * DAY}
    return PilotMark.objects.create(village=village, **told | fields)


def test_one_proposes_and_somebody_else_of_the_township_or_county_confirms(town, village):
    one, other = reviewer(town), reviewer(town.parent)
    proposal = asked(town, village, one)
    assert pilot_of(village, on=TODAY) is None
    with pytest.raises(SamePerson):
        decide(proposal, by=one, accept=True)
    decide(proposal, by=other, accept=True)
    mark = pilot_of(village, on=TODAY)
    assert (str(mark), mark.document) == ("全国村级议事协商示范点", "民办发〔2021〕1号")
    entry = AuditEntry.objects.get(action="mark_pilot", village_id=village.pk)
    assert entry.detail["confirmed_by"] == other.pk


def test_a_village_is_a_pilot_unit_once_at_a_time(town, village):
    one, other = reviewer(town), reviewer(town)
    first = asked(town, village, one)
    with pytest.raises(PilotError):
        asked(town, village, other)
    marked(village)
    with pytest.raises(NotWaiting):
        decide(first, by=other, accept=True)
    with pytest.raises(PilotError):
        asked(town, village, one, from_on=TODAY - 20 * DAY, to_on=TODAY - 10 * DAY)
    with pytest.raises(PilotError):
        asked(town, village, one, from_on=TODAY - 20 * DAY, to_on=TODAY - 21 * DAY)


def test_its_last_day_belongs_to_it_and_the_mark_stays_on_record(town, village):
    one, other = reviewer(town), reviewer(town)
    mark = marked(village)
    with pytest.raises(PilotError):
        propose_end(town, mark, to_on=mark.from_on - DAY, reason="摘牌", by=one)
    decide(propose_end(town, mark, to_on=TODAY, reason="期满", by=one), by=other, accept=True)
    assert pilot_of(village, on=TODAY) == mark
    assert pilot_of(village, on=TODAY + DAY) is None
    assert PilotMark.objects.get(pk=mark.pk).end_reason == "期满"
    with pytest.raises(PilotError):
        propose_end(town, PilotMark.objects.get(pk=mark.pk), to_on=TODAY, reason="再来", by=one)


def test_a_region_that_no_longer_holds_the_village_confirms_nothing(town, village):
    one, other = reviewer(town), reviewer(town)
    proposal = asked(town, village, one)
    Village.objects.filter(pk=village.pk).update(region=make_township(town.parent, name="别镇", number=102))
    with pytest.raises(NotWaiting):
        decide(proposal, by=other, accept=True)


# The pages


def client_of(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def test_the_badge_stands_on_the_villages_page_and_in_lists_while_it_holds(town, village):
    marked(village, level="province")
    pages = [village.page.url, town.page.url, reverse("home:find") + "?q=听泉坳", "/"]
    pages.append(reverse("home:pilots", args=[town.parent.code]))
    for page in pages:
        assert "省级村级议事协商示范点" in Client().get(page).content.decode(), page
    PilotMark.objects.update(to_on=TODAY - DAY)
    for page in pages[::2]:
        assert "省级村级议事协商示范点" not in Client().get(page).content.decode(), page


def test_a_case_page_tells_the_procedure_the_figures_and_the_ledger_to_who_may_take_it(town, village):
    make_topic(village)
    marked(village)
    page = add_page(village.page, PilotPage(title="屋场议事", slug="pilot", procedure="<p>先提、再议、后办。</p>"))
    admin = make_resident(village)
    appoint(admin, "village_admin")
    ledger = reverse("consultation:ledger", args=[village.slug])
    public = Client().get(page.url)
    body = public.content.decode()
    assert "先提、再议、后办。" in body
    assert [(year, one.topics) for year, one in public.context["case"].years] == [(TODAY.year, 1)]
    assert ledger not in body
    assert ledger in client_of(make_account(admin)).get(page.url).content.decode()
    assert page.url in Client().get(village.page.url).content.decode()
    assert page.url in Client().get(reverse("home:pilots", args=[town.code])).content.decode()
    PilotMark.objects.update(to_on=TODAY - DAY)
    assert "现在不是示范点" in Client().get(page.url).content.decode()


def test_the_list_asks_as_often_for_one_as_for_three(town, village, django_assert_num_queries):
    marked(village)
    villages = Village.objects.all()
    with django_assert_num_queries(7):
        assert len(pilot_lines(villages, year=TODAY.year, on=TODAY)) == 1
    for number in range(202, 204):
        marked(make_village_page(town, name=f"村{number}", slug=f"cun-{number}", number=number))
    with django_assert_num_queries(7):
        assert len(pilot_lines(villages, year=TODAY.year, on=TODAY)) == 3


def test_the_forms_ask_for_a_second_person_and_keep_what_was_typed(town, village):
    client = client_of(reviewer(town))
    url = reverse("home:mark_pilot", args=[town.code])
    data = {"village": village.slug, "level": "county", "document": "某民发1号", "from_on": "2026-01-05", "to_on": ""}
    wrong = client.post(url, data | {"document": ""})
    assert wrong.status_code == 422
    assert 'value="2026-01-05"' in wrong.content.decode()
    assert client.post(url, data).status_code == 302
    assert Proposal.objects.get().kind == "mark_pilot"
    mark = marked(village)
    end = client.post(reverse("home:end_pilot", args=[town.code, village.slug]), {"to_on": "2020-01-01", "reason": "x"})
    assert end.context["form"].errors["to_on"]
    assert mark.to_on is None
