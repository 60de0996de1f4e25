"""The red-and-white council's register: who registers what, what is noted, and what never stands in public."""

from __future__ import annotations

import datetime
import io

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from audit.models import AuditEntry
from residents.models import LegalFigure
from tests.factories.carrying import kind, make_event, make_officer
from tests.factories.residents import appoint, make_account, make_resident, make_village
from tests.home.pages import make_county, make_township, make_version, make_village_page
from villagerules import council, council_reads
from villagerules.council import Figures
from villagerules.council_sheet import events_sheet
from villagerules.errors import Incomplete, NotAllowed, WrongState
from villagerules.models import CeremonyEvent, EventKind

pytestmark = pytest.mark.django_db
STANDARDS = [{"item": "红事桌数", "limit": 20, "unit": "桌"}, {"item": "白事桌数", "limit": 15, "unit": "桌"}]


def today():
    return timezone.localdate()


@pytest.fixture
def village():
    return make_village()


@pytest.fixture
def ruled():
    """With rules in force that advocate something."""
    place = make_village_page(make_township(make_county()), name="听泉坳村", slug="tingquanao", number=201)
    version = make_version(place)
    version.standards = STANDARDS
    version.save()
    return place


def test_a_resident_registers_the_own_household_and_no_other(village):
    person, neighbour = make_resident(village), make_resident(village)
    account = make_account(person)
    event = make_event(person.household, person=person)
    assert (event.household, event.registered_by) == (person.household, person)
    with pytest.raises(NotAllowed):
        make_event(neighbour.household, person=person)
    with pytest.raises(NotAllowed):
        council.register_event(
            village=village, household=neighbour.household, kind=kind(), on=today(), planned=Figures(), by=account
        )


def test_the_council_registers_any_household_and_the_same_event_once(village):
    keeper = make_officer(village, "hongbai_member")
    home = make_resident(village).household
    asked = {"village": village, "household": home, "kind": kind("funeral"), "on": today(), "planned": Figures()}
    first = council.register_event(**asked, by=keeper)
    assert council.register_event(**asked, by=keeper) == first
    council.call_off(first, reason="登记错了户", by=keeper)
    again = council.register_event(**asked, by=keeper)
    assert (first.number, again.number) == (1, 2)


@pytest.mark.parametrize("days", [-400, 800])
def test_a_day_far_off_is_a_slip_of_the_pen(village, days):
    with pytest.raises(Incomplete):
        make_event(make_resident(village).household, in_days=days)


def test_only_who_sits_on_the_council_is_sent_to_help(village):
    member, somebody = make_resident(village), make_resident(village)
    appoint(member, "hongbai_member")
    event = make_event(make_resident(village).household, helpers=[member])
    assert list(event.helpers.all()) == [member]
    with pytest.raises(Incomplete):
        council.send_helpers(event, [somebody], by=None)


def test_going_beyond_what_is_advocated_is_noted_and_nothing_else(ruled):
    event = make_event(make_resident(ruled).household, in_days=-3, planned=Figures(tables=18))
    council.note_outcome(event, Figures(tables=26), by=None)
    event.refresh_from_db()
    assert event.within is False
    assert [line["item"] for line in event.held_against] == ["红事桌数"]
    [line] = council_reads.beside(event, council.standards_on(event))
    assert (line.planned, line.came_to, line.words) == (18, 26, "比提倡的多一些")


def test_an_outcome_waits_for_its_day_and_says_something(village):
    keeper = make_officer(village)
    event = make_event(make_resident(village).household, in_days=2)
    with pytest.raises(WrongState):
        council.note_outcome(event, Figures(tables=9), by=keeper)
    past = make_event(make_resident(village).household, in_days=-2)
    with pytest.raises(Incomplete):
        council.note_outcome(past, Figures(), by=keeper)
    with pytest.raises(NotAllowed):
        council.note_outcome(past, Figures(tables=9), by=make_account(make_resident(village)))


def test_the_household_calls_off_until_the_outcome_is_noted(village):
    person, other = make_resident(village), make_resident(village)
    event = make_event(person.household, in_days=-1)
    with pytest.raises(NotAllowed):
        council.call_off(event, reason="改期", by=None, person=other)
    with pytest.raises(Incomplete):
        council.call_off(event, reason=" ", by=None, person=person)
    council.note_outcome(event, Figures(tables=9), by=None)
    with pytest.raises(WrongState):
        council.call_off(event, reason="改期", by=None, person=person)


def test_the_log_knows_a_number_and_not_whose_event_it_is(village):
    person = make_resident(village, name="欧阳独一")
    account = make_account(person)
    make_event(person.household, person=person)
    entry = AuditEntry.objects.get(action="register_event")
    assert entry.actor_id is None
    assert person.name not in str(vars(entry))
    assert account.display_name not in str(vars(entry))


def test_how_early_to_say_so_is_the_countys_figure_in_words():
    council.seed_event_kinds()
    assert kind("wedding").lead_words == "提倡提前 10 到 15 天登记"
    assert kind("funeral").lead_words == "提倡当天告诉理事会"
    EventKind.objects.filter(key="wedding").update(lead_least=7, lead_most=None)
    council.seed_event_kinds()
    assert kind("wedding").lead_words == "提倡提前 7 天登记"
    assert not LegalFigure.objects.filter(key="wedding").exists()


def _year(village, *, red=0, white=0, beyond=0, costs=()):
    """So many events of a year that are over, the first of them beyond what is advocated."""
    homes = [make_resident(village).household for _ in range(red + white)]
    for number, home in enumerate(homes):
        about = "wedding" if number < red else "funeral"
        cost = costs[number] if number < len(costs) else (None, None)
        event = make_event(home, in_days=0, about=about, planned=Figures(tables=10, cost=cost[0]))
        CeremonyEvent.objects.filter(pk=event.pk).update(
            came_at=timezone.now(), tables=10, within=number >= beyond, cost=cost[1]
        )
    return council_reads.figures_of(village, year=today().year, today=today())


def test_a_kind_of_fewer_than_ten_is_not_told_apart(village):
    told = _year(village, red=12, white=3)
    assert told.count == 15
    assert {one.kind.key: one.count for one in told.kinds} == {"wedding": None, "funeral": None}
    assert told.few


def test_kinds_of_ten_and_more_are_told(village):
    told = _year(village, red=11, white=10)
    assert {one.kind.key: one.count for one in told.kinds} == {"wedding": 11, "funeral": 10}
    assert (told.within, told.noted) == (21, 21)


def test_how_many_lie_within_is_not_told_where_few_lie_beyond(village):
    told = _year(village, red=15, beyond=2)
    assert (told.within, told.noted, told.few) == (None, None, True)


def test_what_was_saved_follows_from_what_ten_households_told_or_is_not_told(village):
    few = _year(village, red=3, costs=[(10_000, 6_000)] * 3)
    assert (few.saved, few.few) == (None, True)
    many = _year(village, red=10, costs=[(10_000, 6_000)] * 10)
    assert (many.saved, many.saved_by) == (13 * 4_000, 13)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(red=st.integers(0, 3), white=st.integers(0, 3), beyond=st.integers(0, 3))
def test_no_name_and_no_household_stands_on_the_public_page(client, red, white, beyond):
    with transaction.atomic():
        village = make_village()
        people = [make_resident(village, name=f"欧阳{number}号人") for number in range(red + white)]
        for number, person in enumerate(people):
            event = make_event(person.household, in_days=0, about="wedding" if number < red else "funeral")
            CeremonyEvent.objects.filter(pk=event.pk).update(came_at=timezone.now(), within=number >= beyond)
        said = client.get(reverse("villagerules:carrying", args=[village.slug])).content.decode()
        assert "欧阳" not in said
        assert all(f" {person.household}" not in said for person in people)
        transaction.set_rollback(True)


def test_the_years_sheet_has_numbers_and_no_names(village):
    person = make_resident(village, name="欧阳独一")
    event = make_event(person.household, in_days=-1)
    council.note_outcome(event, Figures(tables=9), note="欧阳家", by=None)
    out = io.BytesIO()
    events_sheet(village, year=event.on.year, today=today()).save(out)
    rows = list(load_workbook(io.BytesIO(out.getvalue())).active.iter_rows(values_only=True))
    assert rows[3][0] == event.number
    assert rows[3][7] == 9
    assert "欧阳" not in str(rows)


def test_a_household_sees_its_own_event_and_nobody_elses(village):
    person, other = make_resident(village), make_resident(village)
    event = make_event(person.household, person=person)
    mine, strange = Client(), Client()
    mine.force_login(make_account(person), backend="residents.backends.AccountBackend")
    strange.force_login(make_account(other), backend="residents.backends.AccountBackend")
    assert mine.get(event.get_absolute_url()).status_code == 200
    assert strange.get(event.get_absolute_url()).status_code == 404
    listed = strange.get(reverse("villagerules:events", args=[village.slug])).content.decode()
    assert event.get_absolute_url() not in listed


def test_the_household_registers_on_its_page_and_keeps_what_it_typed(village):
    council.seed_event_kinds()
    person = make_resident(village)
    client = Client()
    client.force_login(make_account(person), backend="residents.backends.AccountBackend")
    where = reverse("villagerules:new_event", args=[village.slug])
    day = (today() + datetime.timedelta(days=12)).isoformat()
    refused = client.post(where, {"kind": "wedding", "on": day, "tables": "十八"})
    assert refused.status_code == 422
    assert "十八" in refused.content.decode()
    done = client.post(where, {"kind": "wedding", "on": day, "tables": "１８"})
    assert done.status_code == 303
    assert CeremonyEvent.objects.get().planned_tables == 18


def test_the_council_finds_a_household_by_a_name_and_picks_among_several(village):
    council.seed_event_kinds()
    one, two = make_resident(village, name="欧阳福"), make_resident(village, name="欧阳福")
    client = Client()
    client.force_login(make_officer(village, "hongbai_chair"), backend="residents.backends.AccountBackend")
    where = reverse("villagerules:new_event", args=[village.slug])
    sent = {"household": "欧阳福", "kind": "funeral", "on": today().isoformat()}
    asked = client.post(where, sent)
    assert asked.status_code == 422
    assert "有几户对得上" in asked.content.decode()
    assert client.post(where, sent | {"which": str(two.household_id)}).status_code == 303
    assert CeremonyEvent.objects.get().household == two.household != one.household
