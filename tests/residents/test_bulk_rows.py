"""Rows written by the driver are the rows the ORM would have written."""

from __future__ import annotations

import datetime

import pytest
from django.db import transaction

from residents.bulk_rows import insert_rows, update_rows
from residents.models import Resident, RollChange
from tests.factories.residents import make_household, make_resident, make_village

pytestmark = pytest.mark.django_db
ON = datetime.date(2026, 11, 26)


def people(village, names):
    home = make_household(village)
    return [
        Resident(
            village=village, household=home, name=name, pinyin="x", initials="x", born_on=ON, phone_sealed=b"\x00\xff",
            is_head=number == 0,
        )
        for number, name in enumerate(names)
    ]  # fmt: skip


def test_rows_come_back_as_they_went_in_with_their_keys():
    village = make_village()
    before = make_resident(village)
    rows = people(village, ["甲", "乙'; DROP TABLE residents_resident; --", "丙"])
    with transaction.atomic():
        insert_rows(rows)
    found = list(Resident.objects.of(village).exclude(pk=before.pk).order_by("pk"))
    assert [(one.pk, one.name, one.is_head) for one in found] == [(row.pk, row.name, row.is_head) for row in rows]
    assert {bytes(one.phone_sealed) for one in found} == {b"\x00\xff"}
    assert len({one.ref for one in found} | {before.ref}) == 4  # the database's own default
    # And the ORM goes on after them.
    later = make_resident(village)
    assert later.pk > rows[-1].pk


def test_json_dates_and_the_databases_clock():
    village = make_village()
    person = make_resident(village)
    change = RollChange(
        village=village, resident=person, kind="added", on=ON, after={"name": "甲", "born_on": "1980-01-01"}
    )
    insert_rows([change])
    found = RollChange.objects.get()
    assert (found.after, found.on, found.before) == (change.after, ON, {})
    assert found.at is not None


def test_an_update_touches_its_fields_and_rows_alone():
    village = make_village()
    one, other, left = (make_resident(village, note="旧") for _ in range(3))
    one.note, one.name, other.note = "新", "没有写", "新"
    update_rows([one, other], ["note"])
    names = {left.name, other.name}
    assert sorted(Resident.objects.values_list("note", flat=True)) == ["新", "新", "旧"]
    assert names < set(Resident.objects.values_list("name", flat=True))
    assert "没有写" not in set(Resident.objects.values_list("name", flat=True))


def test_what_the_database_refuses_is_refused_whole():
    village = make_village()
    rows = people(village, ["甲", "乙"])
    rows[1].household_id = None
    with pytest.raises(Exception, match=r"(?i)null"), transaction.atomic():
        insert_rows(rows)
    assert not Resident.objects.of(village).exists()


def test_nothing_is_nothing():
    insert_rows([])
    update_rows([], ["name"])
