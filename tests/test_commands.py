"""The county's commands as a script calls them: one JSON object on the output, words on the error, a status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEntry
from consultation.presets import seed_presets
from residents.models import Region, Resident, VillageGroup
from residents.rights import is_operator
from tests.factories.residents import make_resident, make_user, make_village
from tests.residents.sheets import rolls

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[1]


def run(capsys, *command):
    """Status and the one object on the output."""
    status = 0
    try:
        call_command(*command)
    except SystemExit as end:
        status = end.code
    out = capsys.readouterr().out
    told, end = json.JSONDecoder().raw_decode(out)
    assert out[end:].strip() == "", "more than one object"
    return status, told


@pytest.fixture
def village():
    seed_presets()
    village = make_village()
    for number in range(1, 5):
        VillageGroup.objects.get_or_create(village=village, number=number)
    return village


def test_the_electorate_is_one_object(village, capsys):
    make_resident(village)
    make_resident(village, name="小孩", born_on=None)
    status, told = run(
        capsys, "electorate", village.code, "--body", "villagers_assembly_individual", "--on", "2026-11-23", "--json"
    )
    assert (status, set(told)) == (0, {"units", "quorum", "left_out"})
    assert (told["units"], told["quorum"]) == (1, 1)
    assert [set(line) for line in told["left_out"]] == [{"who", "reason"}]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--body", "nobody"], "没有 nobody 这种会议类型"),
        (["--body", "villagers_assembly_individual", "--on", "昨天"], "看不懂日期"),
        (["--body", "villagers_assembly_individual", "--on", "2026-02-30"], "看不懂日期"),
        (["--body", "residents_assembly_individual"], "不开"),
        (["--body", "group_meeting_household"], "小组"),
        (["--body", "group_meeting_household", "--group", "99"], "没有第 99 组"),
        (["--body", "yard_consultation", "--yard", "x"], "没有代号是 x"),
    ],
)
def test_what_the_electorate_can_not_answer_is_told(village, options, words):
    with pytest.raises(CommandError, match=words):
        call_command("electorate", village.code, *options, "--json")


def test_an_unknown_code_ends_with_status_1_and_words_on_the_error_output(tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings.test", "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}",
        "LOG_LEVEL": "ERROR",
    }  # fmt: skip
    for command in (
        ["import_regions", str(tmp_path / "no.csv"), "--json"],
        ["import_roll", "000000000000"],  # without its file
    ):
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, capture_output=True, check=False
        )
        assert done.returncode in (1, 2)
        assert done.stdout == b""
        assert done.stderr.decode().strip()
    assert done.returncode == 2  # the way of all commands to say that an argument is missing


def test_regions_are_told_in_one_object_and_the_second_time_nothing_changes(tmp_path, capsys):
    path = tmp_path / "区划.csv"
    path.write_text("代码,名称\n43,湖南省\n4399,沅川市\n439921,桐坪县\n439921101,楠溪镇\n", encoding="utf-8")
    status, told = run(capsys, "import_regions", str(path), "--json")
    assert (status, told) == (0, {"rows": 4, "add": 4, "change": 0, "unchanged": 0, "problems": []})
    status, told = run(capsys, "import_regions", str(path), "--json")
    assert (status, told["add"], told["change"], told["unchanged"]) == (0, 0, 0, 4)
    path.write_text("代码,名称\n43,湖南省\n4399211,错\n", encoding="utf-8")
    status, told = run(capsys, "import_regions", str(path), "--json")
    assert status == 1
    assert [(one["row"], one["column"]) for one in told["problems"]] == [(3, "代码")]
    assert Region.objects.count() == 4


def test_the_roll_is_told_in_one_object_with_every_field(village, tmp_path, capsys):
    path = tmp_path / "名册.xlsx"
    table = rolls.rows(rolls.people(6), tidy=True)
    path.write_bytes(rolls.as_xlsx(table))
    fields = {"rows", "add", "change", "leave", "unchanged", "problems", "notes"}
    status, told = run(capsys, "import_roll", village.code, str(path), "--json")
    assert (status, set(told), told["add"]) == (0, fields, 6)
    assert not Resident.objects.of(village).exists()
    status, told = run(capsys, "import_roll", village.code, str(path), "--json", "--confirm")
    assert (status, told["add"]) == (0, 6)
    path.write_bytes(rolls.as_xlsx(table[:4]))
    status, told = run(capsys, "import_roll", village.code, str(path), "--json", "--whole", "--confirm")
    assert (status, told["leave"]) == (0, 2)
    for remark in told["problems"] + told["notes"]:
        assert set(remark) == {"row", "column", "message"}


@pytest.mark.parametrize(
    ("cell", "column", "is_problem"),
    [
        ({"身份证号": 430481198001011234}, "身份证号", True),  # its last digits are lost
        ({"电话": 13912345678}, "电话", False),
        ({"电话": "1391234"}, "电话", True),
    ],
)
def test_numbers_typed_as_numbers(village, tmp_path, capsys, cell, column, is_problem):
    import io

    import openpyxl

    book = openpyxl.Workbook()
    headings = ["姓名", "组别", "户号", *cell]
    book.active.append(headings)
    book.active.append(["夏桂花", "1组", "1", *cell.values()])
    out = io.BytesIO()
    book.save(out)
    path = tmp_path / "名册.xlsx"
    path.write_bytes(out.getvalue())
    status, told = run(capsys, "import_roll", village.code, str(path), "--json")
    assert status == int(is_problem)
    assert [(one["row"], one["column"]) for one in told["problems"]] == ([(2, column)] if is_problem else [])


def test_the_store_of_ballot_keys_is_looked_at_and_made_anew_when_told(settings, tmp_path, capsys):
    settings.BALLOT_KEYS_DIR, settings.BALLOT_KEYS_COPY_DIR = tmp_path / "one", tmp_path / "two"
    with pytest.raises(CommandError, match="钥匙现在存不下来") as refused:
        call_command("ballot_keys")
    assert str(tmp_path / "one") in str(refused.value)
    call_command("ballot_keys", "--prepare")
    call_command("ballot_keys")
    assert "存得下" in capsys.readouterr().out


def test_a_second_operator_is_named_on_the_server_and_the_last_one_stays():
    first, second = make_user(username="yunying"), make_user(username="yunying-2")
    call_command("add_operator", "yunying")
    call_command("add_operator", "yunying-2")
    assert is_operator(first)
    assert is_operator(second)
    call_command("add_operator", "yunying", "--remove")
    assert not is_operator(first)
    with pytest.raises(CommandError, match="最后一位"):
        call_command("add_operator", "yunying-2", "--remove")
    with pytest.raises(CommandError, match="没有"):
        call_command("add_operator", "nobody")
    assert AuditEntry.objects.filter(action__in=["add_operator", "remove_operator"]).count() == 3
