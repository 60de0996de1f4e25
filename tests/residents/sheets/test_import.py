"""A committee's own sheet becomes the roll: compared first, written whole or not at all."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from residents.models import Household, Resident, RollChange, VillageGroup
from residents.phones import open_phone
from residents.roll import entitled_units
from residents.roll_history import roll_on
from residents.sheets.applying import ImportRefused, import_people
from residents.sheets.files import people_of
from residents.sheets.plan import plan_import
from tests.factories.residents import make_village

from . import rolls

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 23)


def village_of(groups: int = 4):
    village = make_village()
    for number in range(1, groups + 1):
        VillageGroup.objects.create(village=village, number=number)
    return village


def read(content: bytes, name: str = "名册.xlsx"):
    people, _headings = people_of(name, content, today=TODAY)
    return people


def plan(village, content, name="名册.xlsx", **options):
    people, headings = people_of(name, content, today=TODAY)
    return plan_import(village, people, on=TODAY, headings=headings, **options).as_json()


def write(village, content, name="名册.xlsx", **options):
    return import_people(village, read(content, name), on=TODAY, **options)


def counts(told):
    return {name: told[name] for name in ("rows", "add", "change", "leave", "unchanged")}


def said(remarks):
    return [(remark["row"], remark["column"], remark["message"]) for remark in remarks]


def roll(village):
    """The roll as people know it: household, group, name, birth, phone, who votes."""
    return sorted(
        (
            one.household.own_number or str(one.household.number),
            one.household.group.number,
            one.name,
            one.born_on,
            open_phone(one.phone_sealed),
            one.household.representative_id == one.pk,
        )
        for one in Resident.objects.of(village).on_roll(TODAY).select_related("household__group")
    )


def expected(crowd):
    heads = {}
    for one in crowd:
        heads.setdefault(one.household, one)
    return sorted(
        (str(one.household), one.group, one.name, one.born_on, one.phone, heads[one.household] is one) for one in crowd
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_untidy_sheet_becomes_the_roll_it_means(seed):
    village = village_of()
    crowd = rolls.people(60, seed=seed)
    content = rolls.as_xlsx(rolls.rows(crowd, seed=seed), title="晒谷坪村户籍人口名册（2026年）")
    told = plan(village, content)
    assert told["problems"] == []
    assert counts(told) == {"rows": 60, "add": 60, "change": 0, "leave": 0, "unchanged": 0}
    assert not Resident.objects.of(village).exists()
    write(village, content)
    assert roll(village) == expected(crowd)


@pytest.mark.parametrize(
    ("name", "write_as"),
    [
        ("a.csv", rolls.as_csv),
        ("a.csv", lambda table: rolls.as_csv(table, encoding="gb18030")),
        ("a.csv", lambda table: rolls.as_csv(table, encoding="utf-16")),
        ("a.xls", rolls.as_xls),
        ("a.XLSX", rolls.as_xlsx),
    ],
)
def test_every_kind_of_file_says_the_same(name, write_as):
    village = village_of()
    crowd = rolls.people(30)
    content = write_as(rolls.rows(crowd, tidy=name == "a.csv"))
    write(village, content, name)
    assert roll(village) == expected(crowd)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(1, 40), seed=st.integers(0, 10_000), untidy=st.integers(0, 10_000))
def test_the_same_people_again_change_nothing_however_they_are_written(size, seed, untidy):
    village = village_of()
    crowd = rolls.people(size, seed=seed)
    write(village, rolls.as_xlsx(rolls.rows(crowd, seed=seed)))
    before, changes = roll(village), RollChange.objects.of(village).count()
    again = rolls.as_xlsx(rolls.rows(crowd, seed=untidy))
    assert counts(plan(village, again, whole=True)) == {
        "rows": size, "add": 0, "change": 0, "leave": 0, "unchanged": size,
    }  # fmt: skip
    write(village, again, whole=True)
    assert roll(village) == before
    assert RollChange.objects.of(village).count() == changes


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), gone=st.sets(st.integers(0, 19), max_size=6), new=st.integers(0, 5))
def test_a_preview_is_what_happens(seed, gone, new):
    village = village_of()
    crowd = rolls.people(20, seed=seed)
    write(village, rolls.as_xlsx(rolls.rows(crowd, tidy=True)))
    stays = [one for number, one in enumerate(crowd) if number not in gone]
    late = [
        rolls.Person(900 + n, 1, f"欧阳新{'甲乙丙丁戊'[n]}", "户主", "女", datetime.date(1990, 1, 1 + n))
        for n in range(new)
    ]
    told = plan(village, rolls.as_xlsx(rolls.rows([*stays, *late], tidy=True)), whole=True)
    assert told["problems"] == []
    assert (told["add"], told["leave"], told["unchanged"]) == (new, len(gone), len(stays))
    people_before = set(Resident.objects.of(village).on_roll(TODAY).values_list("pk", flat=True))
    write(village, rolls.as_xlsx(rolls.rows([*stays, *late], tidy=True)), whole=True)
    people_after = set(Resident.objects.of(village).on_roll(TODAY).values_list("pk", flat=True))
    assert (len(people_after - people_before), len(people_before - people_after)) == (new, len(gone))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bad=st.integers(0, 9), how=st.sampled_from(["group", "date", "phone", "name"]))
def test_one_bad_row_changes_nothing(bad, how):
    village = village_of()
    table = rolls.rows(rolls.people(10), tidy=True)
    column, value = {"group": (1, "9组"), "date": (5, "1985-02-30"), "phone": (6, "12345"), "name": (2, "")}[how]
    table[bad][column] = value
    content = rolls.as_xlsx(table)
    told = plan(village, content)
    assert [remark["row"] for remark in told["problems"]][:1] == [bad + 2]
    with pytest.raises(ImportRefused):
        write(village, content)
    assert not Resident.objects.of(village).exists()
    assert not Household.objects.of(village).exists()
    assert not AuditEntry.objects.filter(village_id=village.pk, action="import_roll").exists()


def one_row(**values):
    row = dict(
        zip(rolls.HEADINGS, [1, "1组", "邓建国", "户主", "男", "1960-05-01", "13900000001", "", "", ""], strict=True)
    )
    return list({**row, **values}.values())


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("姓名", "", "没有写姓名，请补上。"),
        ("姓名", 12345, "姓名是一串数字，请核对这一列是不是姓名。"),
        ("性别", "公", "性别请写“男”或者“女”。"),
        ("出生日期", "1960-13-01", "没有这样的日期，请核对出生日期。"),
        ("出生日期", "2027-01-01", "出生日期在今天以后，请核对。"),
        ("出生日期", "1870-01-01", "出生日期早于 1900 年，请核对。"),
        ("出生日期", "六零年", "看不懂出生日期，请写成 1985-03-02 这样。"),
        ("电话", "1390000", "电话要 11 位手机号，或者带区号的座机号，请核对；没有就空着。"),
        ("组别", "7组", "本村（社区）没有“7”这个组，请核对。"),
        ("是否常住", "也许", "请写“是”或者“否”。"),
        ("备注", "长" * 201, "超过 200 个字，请写短一些。"),
    ],
)
def test_a_cell_that_cannot_stand_is_named_with_its_row_and_column(column, value, message):
    told = plan(village_of(), rolls.as_xlsx([one_row(), one_row(**{"户号": 2, "姓名": "阳桂莲", column: value})]))
    assert said(told["problems"]) == [(3, column, message)]


def test_the_same_person_twice_is_a_problem():
    told = plan(village_of(), rolls.as_xlsx([one_row(), one_row()]))
    assert said(told["problems"]) == [(3, "姓名", "和第 2 行重复，请删掉一行。")]


def test_a_namesake_in_the_same_household_is_a_problem_and_in_another_a_note():
    table = [
        one_row(),
        one_row(出生日期="1990-01-01", 电话="", 与户主关系="子"),
        one_row(户号=2, 出生日期="1971-01-01", 电话=""),
    ]
    told = plan(village_of(), rolls.as_xlsx(table))
    assert said(told["problems"]) == [(3, "姓名", "和第 2 行同户又同名，请核对是不是同一个人。")]
    assert (4, "姓名", "村里别的户有同名的人，按小组和出生年区分。") in said(told["notes"])


def test_a_shared_phone_and_an_empty_birth_date_are_notes_only():
    table = [one_row(), one_row(姓名="阳桂莲", 与户主关系="配偶", 出生日期="")]
    told = plan(village_of(), rolls.as_xlsx(table))
    assert told["problems"] == []
    assert said(told["notes"]) == [
        (3, "出生日期", "没有出生日期，补上以前不计入应到人数。"),
        (3, "电话", "和第 2 行的邓建国共用一部电话。"),
    ]


def test_an_identity_number_is_never_kept_and_knows_the_person_again():
    village = village_of()
    headings = ["姓名", "身份证号", "组别", "户号"]
    write(village, rolls.as_xlsx([["邓建国", "11010519491231002X", "1组", "1"]], headings=headings))
    person = Resident.objects.of(village).get()
    assert (person.born_on, person.gender) == (datetime.date(1949, 12, 31), "f")
    assert "11010519491231002X" not in str([list(row) for row in Resident.objects.values_list()])
    renamed = rolls.as_xlsx([["邓建中", "11010519491231002X", "1组", "1"]], headings=headings)
    assert counts(plan(village, renamed)) == {"rows": 1, "add": 0, "change": 1, "leave": 0, "unchanged": 0}


@pytest.mark.parametrize("number", [110105194912310021, 1.10105194912310e17, "1.10105E+17"])
def test_an_identity_number_typed_as_a_number_has_lost_its_end(number):
    told = plan(village_of(), rolls.as_xlsx([["邓建国", number, "1组"]], headings=["姓名", "身份证号", "组别"]))
    assert [(row, column) for row, column, _message in said(told["problems"])] == [(2, "身份证号")]
    assert "后几位已经丢了" in told["problems"][0]["message"]


def test_a_wrong_check_digit_is_told():
    told = plan(
        village_of(), rolls.as_xlsx([["邓建国", "110105194912310021", "1组"]], headings=["姓名", "身份证号", "组别"])
    )
    assert "校验位" in told["problems"][0]["message"]


def test_an_empty_cell_never_erases_what_is_known():
    village = village_of()
    write(village, rolls.as_xlsx([one_row(备注="五保户")]))
    told = plan(village, rolls.as_xlsx([one_row(电话="", 备注="", 性别="")]))
    assert counts(told) == {"rows": 1, "add": 0, "change": 0, "leave": 0, "unchanged": 1}


def test_numbers_that_begin_anew_in_each_group_are_told_apart_by_it():
    village = village_of()
    table = [one_row(), one_row(组别="2组", 姓名="阳桂莲", 电话="", 出生日期="1962-02-02")]
    write(village, rolls.as_xlsx(table))
    assert sorted(h.own_number for h in Household.objects.of(village)) == ["1-1", "2-1"]
    assert counts(plan(village, rolls.as_xlsx(table)))["unchanged"] == 2


def test_one_household_in_two_groups_is_a_slip_of_the_pen():
    table = rolls.rows(rolls.people(20), tidy=True)
    sizes = [sum(other[0] == row[0] for other in table) for row in table]
    slip = next(number for number, size in enumerate(sizes) if size > 1 and table[number][0] == table[number - 1][0])
    table[slip][1] = "1组" if table[slip][1] != "1组" else "2组"
    told = plan(village_of(), rolls.as_xlsx(table))
    assert [(row, column) for row, column, _message in said(told["problems"])] == [(slip + 2, "户号")]


def test_households_can_be_told_by_their_heads_alone():
    village = village_of()
    headings = ["姓名", "与户主关系", "出生日期", "组别"]
    table = [
        ["邓建国", "户主", "1960-05-01", "1组"],
        ["阳桂莲", "妻", "1962-02-02", "1组"],
        ["邓小满", "户主", "1985-03-03", "1组"],
        ["邓明", "子", "2015-03-03", "1组"],
    ]
    content = rolls.as_xlsx(table, headings=headings)
    write(village, content)
    homes = [
        sorted(one.name for one in home.members.all()) for home in Household.objects.of(village).order_by("number")
    ]
    assert homes == [["邓建国", "阳桂莲"], ["邓小满", "邓明"]]
    assert [unit.resident.name for unit in entitled_units(village, electorate="households", on=TODAY)] == [
        "邓建国",
        "邓小满",
    ]
    assert counts(plan(village, content))["unchanged"] == 4


def test_the_roll_before_an_import_can_be_rebuilt():
    village = village_of()
    write(village, rolls.as_xlsx([one_row()]))
    Resident.objects.of(village).update(from_on=datetime.date(2026, 1, 1))
    Household.objects.of(village).update(from_on=datetime.date(2026, 1, 1))
    RollChange.objects.of(village).update(on=datetime.date(2026, 1, 1))
    write(village, rolls.as_xlsx([one_row(出生日期="1960-06-02")]))
    assert [line.born_on for line in roll_on(village, datetime.date(2026, 6, 1))] == [datetime.date(1960, 5, 1)]
    assert [line.born_on for line in roll_on(village, TODAY)] == [datetime.date(1960, 6, 2)]
    assert [line.represents for line in roll_on(village, TODAY)] == [True]


def test_a_roll_that_changed_since_the_preview_is_not_written():
    village = village_of()
    content = rolls.as_xlsx([one_row()])
    shown = plan_import(village, read(content), on=TODAY).digest
    write(village, content)
    with pytest.raises(ImportRefused, match="有了变化"):
        write(village, content, expected=shown)
