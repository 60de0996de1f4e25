"""`manage.py import_roll`: what scripts of a county get."""

import json

import pytest
from django.core.management import CommandError, call_command

from residents.models import Resident, VillageGroup
from tests.factories.residents import make_village
from tests.residents.sheets import rolls

pytestmark = pytest.mark.django_db


@pytest.fixture
def village():
    village = make_village()
    for number in range(1, 5):
        VillageGroup.objects.create(village=village, number=number)
    return village


def run(village, path, capsys, *options):
    status = 0
    try:
        call_command("import_roll", village.code, str(path), "--json", *options)
    except SystemExit as end:
        status = end.code
    return status, json.loads(capsys.readouterr().out)


def test_without_confirming_it_only_tells(village, tmp_path, capsys):
    path = tmp_path / "名册.xlsx"
    path.write_bytes(rolls.as_xlsx(rolls.rows(rolls.people(12), tidy=True)))
    status, told = run(village, path, capsys)
    assert status == 0
    assert set(told) == {"rows", "add", "change", "leave", "unchanged", "problems", "notes"}
    assert (told["rows"], told["add"]) == (12, 12)
    assert not Resident.objects.of(village).exists()


def test_confirmed_it_writes_and_the_second_time_nothing_changes(village, tmp_path, capsys):
    path = tmp_path / "名册.csv"
    path.write_bytes(rolls.as_csv(rolls.rows(rolls.people(12), tidy=True), encoding="gb18030"))
    assert run(village, path, capsys, "--confirm")[1]["add"] == 12
    status, told = run(village, path, capsys, "--confirm", "--whole")
    assert (status, told["add"], told["change"], told["leave"], told["unchanged"]) == (0, 0, 0, 0, 12)


def test_a_problem_stops_it_all_with_status_1(village, tmp_path, capsys):
    table = rolls.rows(rolls.people(5), tidy=True)
    table[3][1] = "九组"
    path = tmp_path / "名册.xlsx"
    path.write_bytes(rolls.as_xlsx(table))
    status, told = run(village, path, capsys, "--confirm")
    assert status == 1
    assert [(one["row"], one["column"]) for one in told["problems"]] == [(5, "组别")]
    assert not Resident.objects.of(village).exists()


def test_who_is_missing_from_the_whole_roll_leaves(village, tmp_path, capsys):
    table = rolls.rows(rolls.people(8), tidy=True)
    path = tmp_path / "名册.xlsx"
    path.write_bytes(rolls.as_xlsx(table))
    run(village, path, capsys, "--confirm")
    path.write_bytes(rolls.as_xlsx(table[:6]))
    assert run(village, path, capsys)[1]["leave"] == 0
    assert run(village, path, capsys, "--whole")[1]["leave"] == 2
    run(village, path, capsys, "--whole", "--confirm")
    assert Resident.objects.of(village).filter(left_because="moved_out").count() == 2


def test_a_file_that_can_not_be_read_is_one_problem_of_no_row(village, tmp_path, capsys):
    path = tmp_path / "名册.docx"
    path.write_bytes(b"PK")
    status, told = run(village, path, capsys)
    assert (status, told["problems"][0]["row"], told["rows"]) == (1, 0, 0)


def test_a_village_or_file_that_is_not_there_is_told(village, tmp_path):
    with pytest.raises(CommandError, match="没有代码是"):
        call_command("import_roll", "000000000000", str(tmp_path / "a.xlsx"))
    with pytest.raises(CommandError, match="读不到文件"):
        call_command("import_roll", village.code, str(tmp_path / "a.xlsx"))
