"""A ranking to take away: the whole as JSON, the same as .csv and as a workbook, and the script that checks them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from residents.sheets.writing import guarded
from ui.printable import printable

from .models import Ranking
from .ranking import shown
from .result_words import fraction

SCRIPT = Path(__file__).parent / "data" / "recompute_ranking.py"


@cache
def script_text() -> bytes:
    """recompute_ranking.py as it is."""
    return SCRIPT.read_bytes()


@cache
def script_hash() -> str:
    """SHA-256 of the script, printed beside the download."""
    return hashlib.sha256(script_text()).hexdigest()


def results_of(ranking: Ranking) -> list[dict[str, Any]]:
    """Its lines as they are published, first place first."""
    return [
        {
            "key": one.entry.key, "place": one.place, "final": one.final, "expert": one.expert, "public": one.public,
            "award": one.award.name if one.award else "",
        }
        for one in ranking.results.select_related("entry", "award")
    ]  # fmt: skip


def as_json(ranking: Ranking) -> str:
    """{"document" (locked.py), "digest", "version", "reason", "results"}."""
    whole = {
        "document": ranking.document, "digest": ranking.digest, "version": ranking.version, "reason": ranking.reason,
        "results": results_of(ranking),
    }  # fmt: skip
    return json.dumps(whole, ensure_ascii=False, indent=1)


def lines_of(ranking: Ranking) -> Iterator[list[Any]]:
    """The whole, line by line; what a line is, its first cell says. The script reads these words, so they stay."""
    document = ranking.document
    formula = document["formula"]
    keys = [one["key"] for one in formula["criteria"]]
    yield ["格式", document["schema"], ranking.digest, ranking.version]  # untranslated: read by the script
    yield ["评选", document["contest"]["slug"], document["contest"]["title"]]  # untranslated: read by the script
    for one in formula["criteria"]:
        yield ["评分项", one["key"], one["label"], one["most"]]  # untranslated: read by the script
    for name in ("expert_share", "public_method", "expert_method", "tie_rule"):
        yield ["算法", name, formula[name]]  # untranslated: read by the script
    for one in document["awards"]:
        yield ["奖项", one["name"], one["count"]]  # untranslated: read by the script
    for one in document["entries"]:
        counts = [one["raw"], one["removed"], one["votes"]]
        yield ["申报", one["key"], one["title"], one["village"], *counts]  # untranslated: read by the script
    for one in document["entries"]:
        for sheet in one["sheets"]:
            marks = [sheet["marks"][key] for key in keys]
            yield ["评分", one["key"], sheet["judge"], *marks]  # untranslated: read by the script
    for one in results_of(ranking):
        scores = [one["final"], one["expert"], one["public"]]
        rounded = [shown(fraction(score)) for score in scores]
        yield ["结果", one["key"], one["place"], *scores, one["award"], *rounded]  # untranslated: read by the script


def as_csv(ranking: Ranking) -> str:
    """With the mark that lets Excel read it as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    for line in lines_of(ranking):
        writer.writerow([guarded(printable(cell)) if isinstance(cell, str) else cell for cell in line])
    return "\ufeff" + out.getvalue()


def as_xlsx(ranking: Ranking) -> bytes:
    """Two pages: the ranking for people, and the lines of the .csv."""
    book = Workbook(write_only=True)
    page = book.create_sheet(_("排名"))
    entries = {one["key"]: one for one in ranking.document["entries"]}
    heads = [
        _("名次"), _("申报"), _("村（社区）"), _("总分"), _("专家分"), _("公众分"), _("有效票"), _("奖项"),
        _("总分（精确）"),
    ]  # fmt: skip
    page.append([_cell(page, head) for head in heads])
    for one in results_of(ranking):
        entry = entries[one["key"]]
        scores = [float(shown(fraction(one[name]))) for name in ("final", "expert", "public")]
        row = [one["place"], entry["title"], entry["village"], *scores, entry["votes"], one["award"], one["final"]]
        page.append([_cell(page, value) for value in row])
    all_lines = book.create_sheet(_("全部数据"))
    for line in lines_of(ranking):
        all_lines.append([_cell(all_lines, value) for value in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(page: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return WriteOnlyCell(page, value=value)
    cell = WriteOnlyCell(page, value=guarded(printable(value)))
    cell.number_format = "@"
    return cell
