"""A leaving that was entered by mistake is taken back, by two people as every change is."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.urls import reverse

from residents.models import Household, Resident
from residents.roll import entitled
from residents.roll_changes import RollChangeError, end_resident, return_resident
from residents.roll_history import roll_on
from tests.factories.residents import appoint, make_account, make_resident, make_village

pytestmark = pytest.mark.django_db
LEFT = datetime.date(2026, 5, 1)
TODAY = datetime.date(2026, 11, 26)


def test_who_never_left_has_been_there_all_the_time_with_the_household():
    village = make_village()
    person = make_resident(village, name="邓小满")
    make_account(person)
    end_resident(person, on=LEFT, because="moved_out", by=None)
    assert Household.objects.get().until_on == LEFT
    return_resident(person, on=TODAY, by=None, reason="登错了人")
    person.refresh_from_db()
    assert (person.until_on, person.left_because) == (None, "")
    assert Household.objects.get().until_on is None
    assert [line.name for line in roll_on(village, datetime.date(2026, 8, 1))] == ["邓小满"]
    assert [unit.resident.name for unit in entitled(village, electorate="adults", on=TODAY).units] == ["邓小满"]
    # What ended with the line is given anew by those who may.
    assert person.claims.get().state == "ended"
    assert Household.objects.get().representative is None


def test_nobody_comes_back_twice_or_beside_their_own_new_line_or_from_a_merger():
    village = make_village()
    person = make_resident(village, name="邓小满")
    with pytest.raises(RollChangeError, match="就在名册上"):
        return_resident(person, on=TODAY, by=None)
    end_resident(person, on=LEFT, because="mistake", by=None)
    again = make_resident(village, name="邓小满", born_on=person.born_on)
    with pytest.raises(RollChangeError, match="已经有邓小满"):
        return_resident(person, on=TODAY, by=None)
    end_resident(again, on=LEFT, because="mistake", by=None)
    Resident.objects.filter(pk=person.pk).update(left_because="merged")
    with pytest.raises(RollChangeError, match="合并"):
        return_resident(person, on=TODAY, by=None)


def test_two_keepers_do_it_on_the_page():
    village = make_village()
    clients = []
    for name in ("甲", "乙"):
        keeper = make_resident(village, name=name)
        appoint(keeper, "village_admin")
        clients.append(Client())
        clients[-1].force_login(make_account(keeper))
    first, second = clients
    person = make_resident(village, name="邓小满")
    end_resident(person, on=LEFT, because="deceased", by=None)
    page = reverse("residents:person", args=[village.slug, person.ref])
    form = reverse("residents:edit_person", args=[village.slug, person.ref, "return"])
    assert form in first.get(page).content.decode()
    assert first.post(form, {"on": "2026-11-20", "reason": ""}).status_code == 422
    assert first.post(form, {"on": "2026-11-20", "reason": "同名的人去世，登错了"}).status_code == 302
    person.refresh_from_db()
    assert person.until_on == LEFT
    second.post(reverse("residents:decide_proposal", args=[village.slug, 1]), {"answer": "confirm"})
    person.refresh_from_db()
    assert person.until_on is None
