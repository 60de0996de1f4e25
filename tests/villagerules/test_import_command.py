"""manage.py import_rules: reads, and keeps only when told to."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from residents.models import Village
from tests.home.pages import make_county, make_township, make_village_page
from villagerules.models import RuleVersion, VillageRules

from .word_files import typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def village() -> Village:
    return make_village_page(make_township(make_county()), name="听泉坳村", slug="tingquanao")


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "cungui.docx"
    path.write_bytes(
        typed(
            "听泉坳村村规民约",
            "第一章 总则",
            "第一条 孝敬老人：",
            "（一）常打电话；",
            "第三条 不赌博。",
            "2020年2月20日",
        )
    )
    return path


def told(village: Village, path: Path, *options: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("import_rules", village.code, str(path), "--json", *options, stdout=out)
    return json.loads(out.getvalue())


def test_it_tells_what_it_read_and_keeps_nothing(village: Village, paper: Path) -> None:
    read = told(village, paper)
    assert read["title"] == "听泉坳村村规民约"
    assert [(one["number"], one["title"]) for one in read["chapters"]] == [(1, "总则")]
    first, second = read["chapters"][0]["articles"]
    assert (first["number"], first["text"]) == (1, "孝敬老人：\n（一）常打电话；")
    assert first["items"] == [{"paragraph": 1, "number": 1, "text": "常打电话；"}]
    assert (second["number"], second["items"]) == (3, [])
    assert "第 5 行：第三条前面少了第二条。" in read["warnings"]
    assert read["adopted_on"] == "2020-02-20"
    assert not VillageRules.objects.exists()
    out = io.StringIO()
    call_command("import_rules", village.code, str(paper), stdout=out)
    assert "没有保存" in out.getvalue()


def test_confirmed_it_is_a_draft(village: Village, paper: Path) -> None:
    assert told(village, paper, "--confirm")["saved"]["state"] == "drafting"
    version = RuleVersion.objects.get()
    assert (version.imported, version.is_public, version.article_count) == (False, False, 2)
    assert told(village, paper, "--confirm")["saved"]["version"] == 2  # of the same document


def test_in_force_it_is_published_with_its_days(village: Village, paper: Path) -> None:
    assert told(village, paper, "--in-force", "2020-03-01")["saved"]["imported"] is True
    version = RuleVersion.objects.get()
    assert version.rules.version_in_force(version.effective_on) == version
    assert version.adopted_on.isoformat() == "2020-02-20"
    assert version.rules.page.live


@pytest.mark.parametrize(
    ("lines", "options", "says"),
    [
        (["听泉坳村村规民约", "第一条"], ["--confirm"], "没有内容"),
        (["第一条 不赌博。"], ["--confirm"], "标题"),
        (["听泉坳村村规民约", "第一条 不赌博。"], ["--in-force", "2999-01-01"], "还没有到"),
        (["听泉坳村村规民约", "第一条 不赌博。"], ["--confirm", "--document", "none"], "none"),
    ],
)
def test_what_cannot_be_kept(village: Village, tmp_path: Path, lines: list[str], options: list[str], says: str) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(typed(*lines))
    with pytest.raises(CommandError, match=says):
        told(village, path, *options)
    assert not VillageRules.objects.exists()


def test_no_such_village_or_file(village: Village, paper: Path) -> None:
    with pytest.raises(CommandError, match="没有代码"):
        call_command("import_rules", "999", str(paper))
    with pytest.raises(CommandError, match="打不开文件"):
        told(village, paper.with_name("missing.docx"))
    paper.with_suffix(".doc").write_bytes(b"x")
    with pytest.raises(CommandError, match="另存为"):
        told(village, paper.with_suffix(".doc"))
