"""Files that must not be opened, and sheets that hide what they mean."""

from __future__ import annotations

import datetime
import io
import re
import zipfile

import openpyxl
import pytest

from residents.sheets.files import people_of
from residents.sheets.reading import MAX_BYTES, SheetRefused, read_sheets

from . import rolls

TODAY = datetime.date(2026, 11, 23)
ROW = [1, "1组", "邓建国", "户主", "男", "1960-05-01", "13900000001", "", "", ""]


def refused(content: bytes, name: str = "名册.xlsx") -> SheetRefused:
    with pytest.raises(SheetRefused) as caught:
        people_of(name, content, today=TODAY)
    return caught.value


def repacked(content: bytes, **members: bytes) -> bytes:
    """The same workbook with members replaced or added (dots in names written as __, slashes as ___)."""
    out = io.BytesIO()
    changed = {name.replace("___", "/").replace("__", "."): data for name, data in members.items()}
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            if member.filename not in changed:
                new.writestr(member, old.read(member))
        for name, data in changed.items():
            new.writestr(name, data)
    return out.getvalue()


GOOD = rolls.as_xlsx([ROW])


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("名册.exe", b"MZ", "bad_type"),
        ("名册", GOOD, "bad_type"),
        ("名册.xls", GOOD, "bad_type"),
        ("名册.csv", GOOD, "bad_type"),
        ("名册.xlsx", "姓名,性别\n邓建国,男".encode(), "bad_type"),
        ("名册.xlsx", b"", "refused_file"),
        ("名册.xlsx", GOOD[: len(GOOD) // 2], "refused_file"),
        ("名册.csv", b"\xff" * 100, "refused_file"),
        ("名册.csv", '姓名,性别\n"邓建国,男'.encode(), "refused_file"),
        ("名册.csv", b"a" * (MAX_BYTES + 1), "too_large"),
        ("名册.csv", "甲,乙\n1,2".encode(), "invalid"),
    ],
)
def test_what_is_no_sheet_is_refused_in_words(name, content, code):
    error = refused(content, name)
    assert error.code == code
    assert error.message.endswith("。")


def test_a_file_that_unpacks_to_much_more_is_refused():
    assert "太大" in refused(repacked(GOOD, xl___media___image1__bin=b"\0" * 30_000_000)).message


def test_too_many_members_are_refused():
    many = {f"xl___more___{n}__txt": b"x" for n in range(201)}
    assert "太大" in refused(repacked(GOOD, **many)).message


@pytest.mark.parametrize(
    "member", ["xl___vbaProject__bin", "xl___externalLinks___externalLink1__xml", "xl___embeddings___a__zip"]
)
def test_macros_links_and_archives_inside_are_refused(member):
    assert "宏" in refused(repacked(GOOD, **{member: b"<a/>"})).message


def test_entities_are_refused_wherever_they_stand():
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        page = archive.read("xl/worksheets/sheet1.xml").decode()
    bomb = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]>'
    start = page.index("<worksheet")
    assert (
        "不安全"
        in refused(repacked(GOOD, xl___worksheets___sheet1__xml=(page[:start] + bomb + page[start:]).encode())).message
    )
    strings = f'<?xml version="1.0"?>{bomb}<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    assert "不安全" in refused(repacked(GOOD, xl___sharedStrings__xml=strings.encode())).message


def test_a_sheet_may_have_twenty_thousand_rows_and_no_more():
    header, line = "姓名,组别\n", "邓建国,1组\n"
    assert len(read_sheets("a.csv", (header + line * 20_000).encode())[0].rows) == 20_001
    assert "20,000" in refused((header + line * 20_001).encode(), "a.csv").message


def test_a_sheet_may_have_forty_columns_and_no_more():
    assert "40" in refused(("姓名,组别" + ",x" * 39).encode(), "a.csv").message


def test_a_merged_cell_below_the_headings_is_a_problem_of_its_rows():
    book = openpyxl.load_workbook(io.BytesIO(rolls.as_xlsx([ROW, [*ROW[:2], None, *ROW[3:]]])))
    book.active.merge_cells("C2:C3")
    people, _headings = people_of("a.xlsx", rolls.saved(book), today=TODAY)
    assert [(one.row, one.column) for one in people.problems if "合并" in one.message] == [(2, "姓名"), (3, "姓名")]


def test_a_formula_counts_as_the_value_it_had_and_is_remarked_on_in_used_columns_only():
    wide = rolls.as_xlsx([[*ROW, "算出来的"]], headings=[*rolls.HEADINGS, "别的"])
    with zipfile.ZipFile(io.BytesIO(wide)) as archive:
        page = archive.read("xl/worksheets/sheet1.xml").decode()
    for place, value in (("C2", "邓建中"), ("K2", "没用到")):  # as Excel writes it: the formula and its last value
        page, changed = re.subn(
            f'<c r="{place}"[^>]*>.*?</c>', f'<c r="{place}" t="str"><f>A1</f><v>{value}</v></c>', page
        )
        assert changed == 1
    people, _headings = people_of("a.xlsx", repacked(wide, xl___worksheets___sheet1__xml=page.encode()), today=TODAY)
    assert [one.name for one in people.people] == ["邓建中"]
    assert [(one.row, one.column) for one in people.notes if "公式" in one.message] == [(2, "姓名")]


def test_headings_are_found_below_titles_and_with_hints_in_brackets():
    book = openpyxl.Workbook()
    page = book.active
    page.append(["晒谷坪村名册"])
    page.append(["填表人：", "阳桂莲", "", "2026年"])
    page.append(["序号", "姓 名*", "组别（第几组）", "联系电话", "出生年月（如1985.03）"])
    page.append([1, "邓建国", "三组", 13900000001.0, "1960.05"])
    people, headings = people_of("a.xlsx", rolls.saved(book), today=TODAY)
    person = people.people[0]
    assert (person.name, person.group, person.phone, person.born_on) == (
        "邓建国",
        3,
        "13900000001",
        datetime.date(1960, 5, 1),
    )
    assert headings["birth"] == "出生年月（如1985.03）"
    assert [note.message for note in people.notes] == ["只有年月，按当月 1 日登记。"]


def test_the_worksheet_with_the_roll_is_found_among_others():
    book = openpyxl.load_workbook(io.BytesIO(GOOD))
    book.create_sheet("填表说明", 0).append(["请按下表填写", "姓名要写全"])
    people, _headings = people_of("a.xlsx", rolls.saved(book), today=TODAY)
    assert [one.name for one in people.people] == ["邓建国"]


def test_a_column_of_heads_may_name_them():
    content = rolls.as_xlsx(
        [["邓建国", "邓建国", "1组"], ["阳桂莲", "邓建国", "1组"]], headings=["姓名", "户主", "组别"]
    )
    people, _headings = people_of("a.xlsx", content, today=TODAY)
    assert [one.head_name for one in people.people] == ["邓建国", "邓建国"]


def test_columns_can_be_set_by_hand():
    content = rolls.as_xlsx([["邓建国", "1960-05-01", "3"]], headings=["姓名", "性别", "其他"])
    people, _headings = people_of("a.xlsx", content, today=TODAY, mapping={"0": "name", "1": "birth", "2": "group"})
    assert (people.people[0].born_on, people.people[0].group) == (datetime.date(1960, 5, 1), 3)
