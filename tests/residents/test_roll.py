import datetime

import pytest

from consultation.models.presets import Electorate
from residents.models import Appointment, Resident, Yard
from residents.models.people import adult_since
from residents.roll import RollError, entitled_residents, entitled_units
from tests.factories.residents import SINCE, appoint, make_household, make_resident, make_village

pytestmark = pytest.mark.django_db

DAY = datetime.date(2026, 5, 20)


def units(village, electorate, **where):
    return [(unit.unit, unit.resident) for unit in entitled_units(village, electorate=electorate, on=DAY, **where)]


def persons(*people):
    return [("person", person) for person in people]


def delegates(*people):
    return [("delegate", person) for person in people]


# Who is an adult on the day


@pytest.mark.parametrize(
    ("born_on", "on", "adult"),
    [
        (datetime.date(2008, 5, 20), datetime.date(2026, 5, 20), True),  # eighteen today
        (datetime.date(2008, 5, 21), datetime.date(2026, 5, 20), False),
        (datetime.date(2008, 5, 19), datetime.date(2026, 5, 20), True),
        # Born on 29 February: of age on 1 March of a common year, and on the day itself in a leap year.
        (datetime.date(2008, 2, 29), datetime.date(2026, 2, 28), False),
        (datetime.date(2008, 2, 29), datetime.date(2026, 3, 1), True),
        (datetime.date(2010, 3, 1), datetime.date(2028, 2, 29), False),
        (datetime.date(2010, 2, 28), datetime.date(2028, 2, 29), True),
        (datetime.date(2010, 2, 28), datetime.date(2028, 2, 28), True),
    ],
)
def test_who_is_eighteen_on_the_day(born_on, on, adult):
    village = make_village()
    person = make_resident(village, born_on=born_on)
    assert (born_on <= adult_since(on)) is adult
    assert list(entitled_residents(village, on=on)) == ([person] if adult else [])


@pytest.mark.parametrize(
    ("from_on", "until_on", "counted"),
    [
        (None, None, True),
        (DAY, None, True),
        (DAY + datetime.timedelta(days=1), None, False),
        (None, DAY, False),  # the last day is not on the roll any more: [from, until)
        (None, DAY + datetime.timedelta(days=1), True),
    ],
)
def test_who_is_on_the_roll_on_the_day(from_on, until_on, counted):
    village = make_village()
    person = make_resident(village, from_on=from_on, until_on=until_on)
    assert units(village, "adults") == (persons(person) if counted else [])


# Each electorate


def test_every_electorate_of_a_preset_is_known_to_the_roll():
    village = make_village()
    person = make_resident(village)
    yard = Yard.objects.create(village=village, slug="yard", name="大枫屋场")
    for electorate in Electorate:
        entitled_units(village, electorate=electorate, on=DAY, yard=yard, group=person.household.group)


def test_an_electorate_nobody_knows_is_an_error_and_not_an_empty_hall():
    with pytest.raises(RollError):
        entitled_units(make_village(), electorate="everybody", on=DAY)


@pytest.mark.parametrize("electorate", ["adults", "collective_members"])
def test_by_heads_all_adults_count_in_the_order_of_households(electorate):
    village = make_village()
    first, second = make_household(village), make_household(village)
    elder = make_resident(village, household=second, born_on=datetime.date(1950, 1, 1))
    younger = make_resident(village, household=first, born_on=datetime.date(1990, 1, 1))
    spouse = make_resident(village, household=second, born_on=datetime.date(1955, 1, 1))
    make_resident(village, household=first, born_on=DAY)
    make_resident(make_village())
    assert units(village, electorate) == persons(younger, elder, spouse)


def test_by_households_each_counts_once_by_its_voter():
    village = make_village()
    homes = [make_household(village), make_household(village)]
    voters = [make_resident(village, household=home) for home in homes]
    make_resident(village, household=homes[0])
    make_resident(make_village())
    found = entitled_units(village, electorate="households", on=DAY)
    assert [(unit.unit, unit.resident, unit.household) for unit in found] == [
        ("household", voters[0], homes[0]),
        ("household", voters[1], homes[1]),
    ]


def test_a_household_without_a_voter_or_with_one_who_has_left_is_named():
    village = make_village()
    home = make_household(village)
    with pytest.raises(RollError, match=str(home)):
        units(village, "households")
    voter = make_resident(village, household=home)
    assert len(units(village, "households")) == 1
    Resident.objects.filter(pk=voter.pk).update(until_on=DAY)
    with pytest.raises(RollError, match=str(home)):
        units(village, "households")


def test_a_household_is_not_voted_for_by_a_child():
    village = make_village()
    make_resident(village, born_on=DAY - datetime.timedelta(days=365))
    with pytest.raises(RollError):
        units(village, "households")


def test_a_group_meets_by_itself():
    village = make_village()
    here = make_resident(village, household=make_household(village, group=1))
    there = make_resident(village, household=make_household(village, group=2))
    group = here.household.group
    assert units(village, "group_adults", group=group) == persons(here)
    assert units(village, "group_households", group=group) == [("household", here)]
    assert units(village, "group_adults", group=there.household.group) == persons(there)
    for electorate in ("group_adults", "group_households"):
        with pytest.raises(RollError):
            units(village, electorate)


def test_the_affected_are_the_households_of_the_yard():
    village = make_village()
    yard = Yard.objects.create(village=village, slug="yard", name="大枫屋场")
    inside, outside = make_resident(village), make_resident(village)
    inside.household.yard = yard
    inside.household.save()
    assert units(village, "affected_households", yard=yard) == [("household", inside)]
    assert len(units(village, "households")) == 2
    with pytest.raises(RollError):
        units(village, "affected_households")
    assert outside.household.yard is None


def test_the_assembly_is_representatives_and_committee_each_once():
    village = make_village()
    people = [make_resident(village) for _ in range(6)]
    for person, role in zip(
        people, ["representative", "representative", "committee_chair", "committee_member"], strict=False
    ):
        appoint(person, role)
    appoint(people[0], "committee_member")  # holds both, counts once
    appoint(people[4], "supervisory_chair")
    appoint(people[5], "party_secretary")
    other = make_resident(make_village())
    appoint(other, "representative")
    assert units(village, "assembly_members") == delegates(*people[:4])


def test_terms_begin_and_end():
    village = make_village()
    past, present, future = (make_resident(village) for _ in range(3))
    terms = [
        (past, SINCE, DAY),
        (present, DAY, DAY + datetime.timedelta(days=1)),
        (future, DAY + datetime.timedelta(days=1), None),
    ]
    for person, from_on, until_on in terms:
        Appointment.objects.create(
            village=village, resident=person, role="representative", from_on=from_on, until_on=until_on
        )
    assert units(village, "assembly_members") == delegates(present)


def test_the_delegates_are_those_of_the_estate():
    village = make_village(kind="community")
    here, there = (Yard.objects.create(village=village, slug=slug, name=slug) for slug in ("one", "two"))
    people = [make_resident(village) for _ in range(3)]
    for person, yard in zip(people, (here, there), strict=False):
        Appointment.objects.create(village=village, resident=person, role="yard_delegate", yard=yard, from_on=SINCE)
    assert units(village, "delegates", yard=here) == delegates(people[0])
    with pytest.raises(RollError):
        units(village, "delegates")
