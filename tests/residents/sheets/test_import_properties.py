"""What holds for every roll and every sheet, however messy."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from residents.models import Household, Resident, RollChange
from residents.sheets.applying import ImportRefused, import_people
from residents.sheets.plan import plan_import
from residents.sheets.preview import Preview, preview_of
from residents.sheets.sealing import open_people, seal_people

from . import rolls
from .test_import import TODAY, read, roll, village_of

pytestmark = pytest.mark.django_db
calmly = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SEEDS = st.integers(0, 10_000)


def sheet(crowd, seed, **options):
    return read(rolls.as_xlsx(rolls.rows(crowd, seed=seed, **options), title="花名册"))


def rows_of(village):
    """Every row of the roll, whole."""
    return (
        sorted(Resident.objects.of(village).values_list()),
        sorted(Household.objects.of(village).values_list()),
        sorted(RollChange.objects.of(village).values_list("pk", "kind", "on")),
    )


@calmly
@given(seed=SEEDS, gone=st.sets(st.integers(0, 14), max_size=5), moved=st.sets(st.integers(0, 14), max_size=4))
def test_the_whole_roll_lists_by_name_who_leaves_and_a_part_lets_nobody_leave(seed, gone, moved):
    village = village_of()
    crowd = rolls.people(15, seed=seed)
    import_people(village, sheet(crowd, seed), on=TODAY)
    stays = [
        replace(one, phone="13700000000") if number in moved else one
        for number, one in enumerate(crowd)
        if number not in gone
    ]
    part = plan_import(village, sheet(stays, seed + 1), on=TODAY)
    assert part.leave == []
    whole = preview_of(plan_import(village, sheet(stays, seed + 1), on=TODAY, whole=True))
    assert sorted(one.name for one in whole.leaving) == sorted(crowd[number].name for number in gone)
    assert whole.change == len({number for number in moved if number not in gone})
    before = {one[2:4] for one in roll(village)}
    import_people(village, sheet(stays, seed + 1), on=TODAY, whole=True, expected=whole.digest)
    after = {one[2:4] for one in roll(village)}
    assert before - after == {(crowd[n].name, crowd[n].born_on) for n in gone} - {(s.name, s.born_on) for s in stays}


@calmly
@given(seed=SEEDS, again=SEEDS)
def test_what_was_previewed_survives_sealing_and_happens_line_by_line(seed, again):
    village = village_of()
    crowd = rolls.people(12, seed=seed)
    import_people(village, sheet(crowd[:6], seed), on=TODAY)
    people = open_people(seal_people(sheet(crowd, again)))
    plan = plan_import(village, people, on=TODAY)
    shown = Preview.from_json(preview_of(plan).as_json())
    assert shown == preview_of(plan)
    changed = {step.resident.pk: dict(step.fields) for step in plan.change}
    lines = Resident.objects.of(village).count()
    import_people(village, people, on=TODAY, expected=shown.digest)
    assert Resident.objects.of(village).count() - lines == shown.add == 6
    for pk, fields in changed.items():
        line = Resident.objects.get(pk=pk)
        for name, value in fields.items():
            if name == "household":
                assert line.household.number == value.number
            elif name != "phone_sealed":  # sealed anew each time
                assert getattr(line, name) == value
    assert {one.name for one in shown.added} <= {one[2] for one in roll(village)}


@calmly
@given(seed=SEEDS, bad=st.integers(0, 11), how=st.sampled_from(["group", "date", "phone", "gender", "twice", "merged"]))
def test_one_bad_row_leaves_a_roll_that_is_there_as_it_is(seed, bad, how):
    village = village_of()
    crowd = rolls.people(12, seed=seed)
    import_people(village, sheet(crowd[:8], seed), on=TODAY)
    before = rows_of(village)
    table = rolls.rows(crowd, seed=seed)
    wrong = {"group": (1, "99组"), "date": (5, "1985-02-30"), "phone": (6, "12345"), "gender": (4, "公")}
    if how == "twice":
        table.insert(bad, list(table[bad]))
    elif how in wrong:
        column, value = wrong[how]
        table[bad][column] = value
    content = rolls.as_xlsx(table)
    if how == "merged":
        import io

        import openpyxl

        book = openpyxl.load_workbook(io.BytesIO(content))
        book.active.merge_cells(start_row=bad + 2, end_row=bad + 3, start_column=3, end_column=3)
        content = rolls.saved(book)
    people = read(content)
    assert plan_import(village, people, on=TODAY, whole=True).problems
    with pytest.raises(ImportRefused):
        import_people(village, people, on=TODAY, whole=True)
    assert rows_of(village) == before


@calmly
@given(seed=SEEDS, noise=st.lists(st.sampled_from(["", " ", "\u3000", None]), min_size=1, max_size=30))
def test_empty_rows_anywhere_mean_nothing(seed, noise):
    village = village_of()
    crowd = rolls.people(8, seed=seed)
    table = rolls.rows(crowd, seed=seed)
    for number, blank in enumerate(noise):
        table.insert((seed + number * 7) % (len(table) + 1), [blank] * len(rolls.HEADINGS))
    import_people(village, read(rolls.as_xlsx(table)), on=TODAY)
    assert Resident.objects.of(village).count() == 8
    assert plan_import(village, sheet(crowd, seed), on=TODAY, whole=True).unchanged == 8
    assert datetime.date(1900, 1, 1) < min(line[3] for line in roll(village))
