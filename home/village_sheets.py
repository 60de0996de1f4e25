"""A sheet with a township's or county's villages: read, and blank to be filled in."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from residents.models import Village
from residents.sheets import parsing
from residents.sheets.headings import plain
from residents.sheets.people import Remark
from residents.sheets.reading import Sheet, SheetRefused, read_sheets

from .village_making import VillageRow

SEARCHED_ROWS = 20
BLANK_ROWS = 60
_HEADINGS = {  # untranslated: headings as county lists write them
    "code": ("统计代码", "代码", "区划代码", "统计用区划代码", "村代码", "编码"),
    "name": ("名称", "村名", "村社区名称", "村社区", "单位名称", "村居名称"),
    "kind": ("类别", "类型", "性质"),
    "groups": ("组数", "小组数", "村民小组数", "居民小组数"),
    "slug": ("网址代号", "网址", "代号"),
    "admin": ("管理员账号", "管理员", "账号"),
}
_KINDS = {  # untranslated: words of the sheets
    "村": Village.Kind.VILLAGE, "行政村": Village.Kind.VILLAGE, "建制村": Village.Kind.VILLAGE,
    "村委会": Village.Kind.VILLAGE, "社区": Village.Kind.COMMUNITY, "居委会": Village.Kind.COMMUNITY,
    "城市社区": Village.Kind.COMMUNITY,
}  # fmt: skip


def read_villages(name: str, content: bytes) -> tuple[list[VillageRow], list[Remark]]:
    """The villages of a sheet and what is wrong with its cells. Raises SheetRefused."""
    for sheet in read_sheets(name, content):
        for number, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
            columns = _columns(row)
            if "code" in columns and "name" in columns:
                return _read_rows(sheet, number, columns)
    raise SheetRefused(
        _("没有找到表头。请在第一行写上“统计代码”“名称”“类别”“组数”，或者下载空白表来填。"), code="invalid"
    )


def _columns(row: Sequence[Any]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for column, cell in enumerate(row):
        for field, headings in _HEADINGS.items():
            if plain(cell) in headings:
                columns.setdefault(field, column)
    return columns


def _read_rows(sheet: Sheet, heading: int, columns: dict[str, int]) -> tuple[list[VillageRow], list[Remark]]:
    rows: list[VillageRow] = []
    problems: list[Remark] = []
    joined = {top for (top, _left), (bottom, _right) in sheet.merged if bottom > heading}
    for number in range(heading + 1, len(sheet.rows)):
        cells = {name: _cell(sheet.rows[number], at) for name, at in columns.items()}
        said = {name: parsing.text(cell) for name, cell in cells.items()}
        if not any(said.values()):
            continue

        def problem(column: str, message: str, row: int = number + 1) -> None:
            problems.append(Remark(row, str(sheet.rows[heading][columns[column]]).strip(), message))

        if number in joined:
            problem("code", _("有合并的单元格，请取消合并，每一行都写全。"))
        if isinstance(cells["code"], int | float) and len(said["code"]) != 12:
            problem("code", _("代码被 Excel 当成了数字，请把这一列设成“文本”格式，重新填写。"))
        groups = said.get("groups", "")
        if groups and not (groups.isdecimal() and len(groups) <= 3):
            problem("groups", _("组数要填整数，例如 12。"))
            groups = ""
        rows.append(
            VillageRow(
                row=number + 1,
                code=said["code"],
                name=said["name"].replace(" ", ""),
                kind=str(_KINDS.get(said.get("kind", ""), "")) or _kind_of(said),
                groups=int(groups or 0),
                slug=said.get("slug", "").lower(),
                admin=said.get("admin", ""),
            )
        )
    if not rows:
        raise SheetRefused(_("表里还没有村（社区），请填好再上传。"), code="invalid")
    return rows, problems


def _cell(row: Sequence[Any], at: int) -> Any:
    return row[at] if at < len(row) else None


def _kind_of(said: dict[str, str]) -> str:
    """Where nothing is written the name tells; what is written and means nothing stays a problem."""
    if said.get("kind"):
        return said["kind"]
    endings = (("社区", Village.Kind.COMMUNITY), ("村", Village.Kind.VILLAGE))  # untranslated: endings of names
    for ending, kind in endings:
        if said["name"].endswith(ending):
            return str(kind)
    return ""


def blank_village_sheet() -> bytes:
    """An empty sheet to fill in, its cells set to text so that no code loses its digits."""
    book = Workbook(write_only=True)
    page = book.create_sheet(_("村（社区）"))
    page.freeze_panes = "A2"
    for column, width in zip("ABCDEF", (16, 20, 8, 8, 20, 18), strict=True):
        page.column_dimensions[column].width = width
    labels = [headings[0] for headings in _HEADINGS.values()]
    for number, values in enumerate([labels, *([[""] * len(labels)] * BLANK_ROWS)]):
        cells = []
        for value in values:
            cell = WriteOnlyCell(page, value=value)
            cell.number_format = "@"
            if number == 0:
                cell.font = Font(bold=True)
            cells.append(cell)
        page.append(cells)
    guide = book.create_sheet(_("填表说明"))
    guide.column_dimensions["A"].width = 90
    for line in (
        _("一行一个村（社区）。统计代码 12 位，前 9 位是乡镇（街道）的代码。"),
        _("类别写“村”或者“社区”。组数写现在有几个小组，没有就空着。"),
        _("网址代号和管理员账号可以空着：代号会按拼音取，管理员以后再指定。"),
        _("已经有的村（社区）写在表里也不要紧，不会重复新建。"),
    ):
        guide.append([line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
