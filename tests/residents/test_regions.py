"""A county's own list of regions: a tree by codes, whose places stay when codes change."""

import datetime
import json

import pytest
from django.core.management import call_command

from audit.models import AuditEntry
from residents.models import PlaceCode, Region
from residents.regions import import_regions, read_places
from tests.factories.residents import make_village

pytestmark = pytest.mark.django_db

LIST = """行政区划（示例）
代码,名称,启用日期
98,湘楚省,
9801,云溪市,
980103,青石县,2020-01-01
980103101,沙坪镇,2020/1/1
"""


def take(text: str, encoding: str = "utf-8"):
    return import_regions(*read_places("a.csv", text.encode(encoding)))


def tree():
    return {one.code: (one.name, one.level, one.parent.code if one.parent else None) for one in Region.objects.all()}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_becomes_a_tree(encoding):
    told = take(LIST, encoding)
    assert told.as_json() == {"rows": 4, "add": 4, "change": 0, "unchanged": 0, "problems": []}
    assert tree() == {
        "98": ("湘楚省", "province", None),
        "9801": ("云溪市", "prefecture", "98"),
        "980103": ("青石县", "county", "9801"),
        "980103101": ("沙坪镇", "township", "980103"),
    }
    assert AuditEntry.objects.filter(action="import_regions").count() == 1


def test_the_order_of_lines_does_not_matter_and_again_changes_nothing():
    lines = LIST.splitlines()
    take("\n".join([*lines[:2], *reversed(lines[2:])]))
    before = tree()
    assert take(LIST).as_json() == {"rows": 4, "add": 0, "change": 0, "unchanged": 4, "problems": []}
    assert tree() == before


def test_a_place_keeps_its_rows_when_its_code_changes():
    take(LIST)
    village = make_village(region=Region.objects.get(code="980103101"))
    told = take("代码,名称,启用日期,原代码\n980103102,沙坪街道,2026-01-01,980103101\n")
    assert (told.change, told.problems) == (1, [])
    village.refresh_from_db()
    assert (village.region.code, village.region.name) == ("980103102", "沙坪街道")
    assert {one.code: (one.from_on, one.until_on) for one in PlaceCode.objects.filter(region=village.region)} == {
        "980103101": (datetime.date(2020, 1, 1), datetime.date(2026, 1, 1)),
        "980103102": (datetime.date(2026, 1, 1), None),
    }


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("98010,云溪,", "代码"),
        ("9802,,", "名称"),
        ("98,重复省,", "代码"),
        ("970101101,无上级镇,", "代码"),
        ("980104,白石县,不知道", "启用日期"),
        ("980103101001,没有的村,", "代码"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_written(line, column):
    told = take(f"{LIST}{line}\n")
    assert [(one.row, one.column) for one in told.problems] == [(7, column)]
    assert not Region.objects.exists()


def test_the_command_tells_in_json_and_by_its_status(tmp_path, capsys):
    path = tmp_path / "regions.csv"
    path.write_text(LIST)
    call_command("import_regions", str(path), "--json")
    assert json.loads(capsys.readouterr().out)["add"] == 4
    path.write_text(LIST + "1,坏,\n")
    with pytest.raises(SystemExit) as end:
        call_command("import_regions", str(path), "--json")
    assert end.value.code == 1
