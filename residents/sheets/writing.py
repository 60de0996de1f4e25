"""Sheets out: the blank one, the whole roll, and an uploaded sheet with its problems beside the rows."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from residents.models import Resident, Village
from residents.phones import open_phone

from .headings import LABELS, Layout
from .people import Remark
from .reading import Sheet

COLUMNS = (
    "household", "group", "name", "relation", "gender", "birth", "phone", "local", "lives_here", "nickname",
    "representative", "note",
)  # fmt: skip
_DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
BLANK_ROWS = 300


def guarded(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets a leading apostrophe; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_DANGEROUS) else value


def _row(page: Any, values: Iterable[Any], *, bold: bool = False) -> list[Any]:
    cells = []
    for value in values:
        cell = WriteOnlyCell(page, value=guarded(value))
        cell.number_format = "@"  # text: no identity number or phone loses its end
        if bold:
            cell.font = Font(bold=True)
        cells.append(cell)
    return cells


def _book(title: str, widths: Sequence[int]) -> tuple[Workbook, Any]:
    book = Workbook(write_only=True)
    page = book.create_sheet(title)
    page.freeze_panes = "A2"
    for number, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(number)].width = width
    return book, page


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_WIDTHS = (10, 10, 14, 12, 8, 14, 16, 12, 10, 12, 12, 24)


def blank_sheet() -> bytes:
    """An empty sheet to fill in, every cell set to text, and a page that says how."""
    book, page = _book(_("名册"), _WIDTHS)
    page.append(_row(page, [LABELS[column] for column in COLUMNS], bold=True))
    for _number in range(BLANK_ROWS):
        page.append(_row(page, [""] * len(COLUMNS)))
    guide = book.create_sheet(_("填表说明"))
    guide.column_dimensions["A"].width = 90
    for line in (
        _("一人一行，同一户的人写同一个户号。只有姓名必须填，别的知道多少填多少。"),
        _("出生日期写成 1985-03-02；只知道年月就写 1985-03。没有出生日期的人不计入应到人数。"),
        _("性别写“男”或者“女”；是否常住、是否户代表写“是”或者“否”；户籍写“本村”或者“外地”。"),
        _("不用填身份证号。填了也只用来核对是不是同一个人，系统不保存号码。"),
        _("不要合并单元格。表头可以换成你们自己的叫法，上传时可以对应。"),
    ):
        guide.append([line])
    return _saved(book)


def roll_sheet_of(village: Village, *, on: datetime.date) -> bytes:
    """The roll of that day, phones in full, as it can be imported again without changing anything."""
    book, page = _book(_("名册"), _WIDTHS)
    page.append(_row(page, [LABELS[column] for column in COLUMNS], bold=True))
    lines = Resident.objects.of(village).on_roll(on).select_related("household__group")
    for one in lines.order_by("household__number", "-is_head", "born_on", "pk").iterator(chunk_size=2000):
        home = one.household
        page.append(  # untranslated: the words of the sheet
            _row(
                page,
                [
                    home.own_number or str(home.number),
                    str(home.group),
                    one.name,
                    one.relation_to_head,
                    {"m": "男", "f": "女"}.get(one.gender, ""),
                    one.born_on.isoformat() if one.born_on else "",
                    open_phone(bytes(one.phone_sealed)),
                    "本村" if one.is_local else "外地",
                    "是" if one.lives_here else "否",
                    one.nickname,
                    "是" if home.representative_id == one.pk else "",
                    one.note,
                ],
            )
        )
    return _saved(book)


def problem_sheet(sheet: Sheet, layout: Layout, problems: Sequence[Remark], notes: Sequence[Remark]) -> bytes:
    """The sheet as it was sent, with what is wrong with each row in a column of its own, to mend and send again."""
    said: dict[int, list[str]] = {}
    for kind, remarks in ((_("问题"), problems), (_("提醒"), notes)):
        for one in remarks:
            words = _("%(kind)s：%(column)s %(message)s") % {
                "kind": kind,
                "column": one.column,
                "message": one.message,
            }
            said.setdefault(one.row, []).append(words)
    book, page = _book(_("名册"), [14] * len(layout.headings))
    for number, row in enumerate(sheet.rows):
        told = [_("问题")] if number == layout.row else ["\n".join(said.get(number + 1, []))]
        values = [value.isoformat()[:10] if isinstance(value, datetime.date) else value for value in row]
        page.append(_row(page, [*values, *told], bold=number == layout.row))
    return _saved(book)
