"""The life of the roll: who comes, moves, leaves, speaks for a household; and any day's roll rebuilt from it."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from residents.models import Appointment, Claim, Household, Resident, RollChange
from residents.roll_changes import (
    RollChangeError,
    add_resident,
    change_resident,
    end_resident,
    join_households,
    name_representative,
    split_household,
)
from residents.roll_history import roll_on
from tests.factories.residents import appoint, make_account, make_household, make_resident, make_user, make_village

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 5, 20)


def day(number: int) -> datetime.date:
    return DAY + datetime.timedelta(days=number)


def changes(village):
    rows = RollChange.objects.of(village).order_by("pk")
    return [(row.kind, row.on, row.before, row.after) for row in rows]


def test_a_change_keeps_what_it_replaced_with_who_and_why():
    village = make_village()
    person, clerk, second = make_resident(village, name="邓建国"), make_user(), make_user()
    change_resident(person, fields={"name": "邓建中"}, on=DAY, by=clerk, confirmed_by=second, reason="户口簿更正")
    person.refresh_from_db()
    assert (person.name, person.pinyin, person.initials) == ("邓建中", "dengjianzhong", "djz")
    row = RollChange.objects.of(village).get()
    assert (row.before, row.after, row.reason) == ({"name": "邓建国"}, {"name": "邓建中"}, "户口簿更正")
    assert (row.by, row.confirmed_by, row.on) == (clerk, second, DAY)


def test_a_phone_or_an_identity_never_enters_the_history():
    village = make_village()
    person = make_resident(village)
    change_resident(
        person, fields={"phone_hash": "a" * 64, "phone_sealed": b"sealed", "identity_hash": "b" * 64}, on=DAY, by=None
    )
    assert changes(village)[0][3] == {"phone_hash": True, "phone_sealed": True, "identity_hash": True}
    assert "a" * 64 not in str(AuditEntry.objects.values_list("detail", flat=True))


def test_nothing_new_writes_nothing():
    village = make_village()
    person = make_resident(village, name="邓建国")
    change_resident(person, fields={"name": "邓建国"}, on=DAY, by=None)
    assert changes(village) == []


def test_who_leaves_takes_every_right_along():
    village = make_village()
    person = make_resident(village)
    make_resident(village, household=person.household)
    make_account(person)
    appoint(person, "representative")
    end_resident(person, on=DAY, because="moved_out", by=None)
    person.refresh_from_db()
    assert (person.until_on, person.left_because) == (DAY, "moved_out")
    assert Claim.objects.get().state == Claim.State.ENDED
    assert not Appointment.objects.of(village).current(DAY).exists()
    assert Household.objects.of(village).get().representative is None
    assert [kind for kind, *_rest in changes(village)] == ["representative", "moved_out"]


def test_where_the_last_one_leaves_the_household_ends():
    village = make_village()
    person = make_resident(village)
    end_resident(person, on=DAY, because="deceased", by=None)
    assert Household.objects.of(village).get().until_on == DAY


@pytest.mark.parametrize(("born_on", "words"), [(datetime.date(2015, 1, 1), "未满18周岁"), (None, "没有出生日期")])
def test_only_an_adult_of_the_household_speaks_for_it(born_on, words):
    village = make_village()
    home = make_household(village)
    make_resident(village, household=home)
    child = make_resident(village, household=home, born_on=born_on)
    stranger = make_resident(village)
    with pytest.raises(RollChangeError, match=words):
        name_representative(home, child, on=DAY, by=None)
    with pytest.raises(RollChangeError, match="不在这一户"):
        name_representative(home, stranger, on=DAY, by=None)


def test_a_household_splits_and_joins_again():
    village = make_village()
    head = make_resident(village)
    son = make_resident(village, household=head.household)
    new = split_household(head.household, [son], on=DAY, by=None, own_number="7-1")
    son.refresh_from_db()
    assert (son.household, new.own_number, new.number) == (new, "7-1", 2)
    with pytest.raises(RollChangeError):
        split_household(head.household, [head], on=DAY, by=None)
    join_households(head.household, new, on=day(1), by=None)
    son.refresh_from_db()
    new.refresh_from_db()
    assert (son.household, new.until_on) == (head.household, day(1))


def test_nobody_is_added_to_another_villages_household():
    village, other = make_village(), make_village()
    with pytest.raises(RollChangeError, match="不是本村"):
        add_resident(village=village, household=make_household(other), fields={"name": "邓建国"}, on=DAY, by=None)


def picture(village, on):
    """The roll of today as a test reads it itself."""
    lines = Resident.objects.of(village).on_roll(on).select_related("household")
    return sorted(
        (one.pk, one.name, one.household_id, one.household.group_id, one.household.representative_id == one.pk)
        for one in lines
    )


def rebuilt(village, on):
    return sorted(
        (line.resident_id, line.name, line.household_id, line.group_id, line.represents)
        for line in roll_on(village, on)
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(
        st.tuples(
            st.sampled_from(["add", "rename", "leave", "split", "join", "speak", "move"]),
            st.integers(0, 9),
            st.integers(0, 9),
            st.integers(0, 2),
        ),
        max_size=12,
    )
)
def test_the_roll_of_any_day_is_what_it_was_on_that_day(acts):
    village = make_village()
    people = [make_resident(village) for _number in range(3)]
    make_resident(village, household=people[0].household)
    seen, today = {}, 0
    for kind, one, other, later in acts:
        seen[today] = picture(village, day(today))
        today += later
        on = day(today)
        living = list(Resident.objects.of(village).on_roll(on).order_by("pk"))
        homes = list(Household.objects.of(village).on_roll(on).order_by("pk"))
        if not living:
            break
        person, home = living[one % len(living)], homes[other % len(homes)]
        try:
            if kind == "add":
                add_resident(
                    village=village, household=home, fields={"name": f"新人{one}", "born_on": DAY}, on=on, by=None
                )
            elif kind == "rename":
                change_resident(person, fields={"name": f"改名{other}"}, on=on, by=None)
            elif kind == "leave":
                end_resident(person, on=on, because="moved_out", by=None)
            elif kind == "split":
                split_household(person.household, [person], on=on, by=None)
            elif kind == "join":
                join_households(home, person.household, on=on, by=None)
            elif kind == "speak":
                name_representative(person.household, person, on=on, by=None)
            else:
                change_resident(person, fields={"household": home}, on=on, by=None)
        except RollChangeError:
            continue
    seen[today] = picture(village, day(today))
    for number, expected in seen.items():
        assert rebuilt(village, day(number)) == expected
