import datetime

import pytest
from django.contrib.auth.models import AnonymousUser

from residents.models import Appointment, Claim
from residents.offices import is_verified_resident, oversees, person_of, roles_in
from tests.factories.residents import (
    SINCE,
    appoint,
    make_account,
    make_region,
    make_resident,
    make_user,
    make_village,
)

pytestmark = pytest.mark.django_db

DAY = datetime.date(2026, 5, 20)
TOMORROW = DAY + datetime.timedelta(days=1)


def held(user, village, on=DAY):
    return set(roles_in(user, village, on=on))


def test_an_office_is_the_residents_and_so_the_accounts_that_is_that_resident():
    person = make_resident(make_village())
    user = make_account(person)
    appoint(person, "committee_chair")
    appoint(person, "representative")
    assert held(user, person.village) == {"committee_chair", "representative"}


def test_who_helps_a_member_of_the_family_does_not_hold_their_office():
    person = make_resident(make_village())
    appoint(person, "committee_chair")
    helper = make_account(person, relation="helper")
    assert held(helper, person.village) == set()
    assert is_verified_resident(helper, person.village)
    assert person_of(helper, person.village) is None


@pytest.mark.parametrize("state", ["proposed", "refused", "ended"])
def test_a_claim_that_is_not_confirmed_gives_nothing(state):
    person = make_resident(make_village())
    appoint(person, "committee_chair")
    user = make_account(person)
    Claim.objects.update(state=state)
    assert held(user, person.village) == set()
    assert person_of(user, person.village) is None
    assert not is_verified_resident(user, person.village)


def test_an_office_in_one_village_is_none_in_another():
    person, neighbour = make_resident(make_village()), make_resident(make_village())
    user = make_account(person)
    make_account(neighbour, user=user)
    appoint(person, "committee_chair")
    assert held(user, person.village) == {"committee_chair"}
    assert held(user, neighbour.village) == set()
    assert person_of(user, neighbour.village) == neighbour


@pytest.mark.parametrize(
    ("from_on", "until_on", "holds"),
    [
        (DAY, None, True),
        (TOMORROW, None, False),
        (SINCE, DAY, False),  # the last day ends it: [from, until)
        (SINCE, TOMORROW, True),
        (SINCE, None, True),
    ],
)
def test_a_term_begins_and_ends(from_on, until_on, holds):
    village, user = make_village(), make_user()
    Appointment.objects.create(village=village, user=user, role="village_admin", from_on=from_on, until_on=until_on)
    assert held(user, village) == ({"village_admin"} if holds else set())


def test_who_is_disabled_or_not_signed_in_holds_nothing():
    person = make_resident(make_village())
    user = make_account(person)
    appoint(person, "committee_chair")
    user.is_active = False
    region = person.village.region
    Appointment.objects.create(region=region, user=user, role="township_reviewer", from_on=SINCE)
    for nobody in (user, AnonymousUser()):
        assert held(nobody, person.village) == set()
        assert not is_verified_resident(nobody, person.village)
        assert not oversees(nobody, person.village, "township_reviewer", on=DAY)


def test_who_oversees_a_region_oversees_every_village_in_it():
    county = make_region("county")
    town, other_town = make_region(parent=county), make_region(parent=county)
    village, elsewhere = make_village(region=town), make_village(region=other_town)
    reviewer, editor = make_user(), make_user()
    Appointment.objects.create(region=town, user=reviewer, role="township_reviewer", from_on=SINCE)
    Appointment.objects.create(region=county, user=editor, role="county_editor", from_on=SINCE)
    assert oversees(reviewer, village, "township_reviewer", on=DAY)
    assert not oversees(reviewer, elsewhere, "township_reviewer", on=DAY)
    assert not oversees(reviewer, village, "county_editor", on=DAY)
    assert oversees(editor, village, "county_editor", on=DAY)
    assert oversees(editor, elsewhere, "county_editor", on=DAY)
    # An office above the village is none in it.
    assert held(reviewer, village) == held(editor, village) == set()


def test_overseeing_has_a_term_too():
    village, user = make_village(), make_user()
    Appointment.objects.create(region=village.region, user=user, role="township_reviewer", from_on=SINCE, until_on=DAY)
    assert oversees(user, village, "township_reviewer", on=DAY - datetime.timedelta(days=1))
    assert not oversees(user, village, "township_reviewer", on=DAY)


def test_a_region_knows_what_lies_above_it():
    province = make_region("province")
    prefecture = make_region("prefecture", parent=province)
    county = make_region("county", parent=prefecture)
    town = make_region(parent=county)
    assert town.ancestors() == [province, prefecture, county]
    assert province.ancestors() == []
