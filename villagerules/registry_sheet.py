"""The register of rules as a workbook, one line for each document."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from residents.sheets.writing import guarded
from ui.dates import plain_date
from ui.printable import printable

from .registry import Line

A4 = 9  # among the paper sizes of the file format
HEAD = 3  # the row of the headings
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_WIDTHS = (16, 16, 16, 26, 8, 12, 18, 12, 12, 18, 12, 16, 12, 10, 12, 24, 20, 40)


def registry_sheet(lines: Sequence[Line], *, title: str, on: datetime.date) -> bytes:
    """Days are days and numbers numbers; no text is ever run as a formula."""
    book = Workbook(write_only=True)
    page = book.create_sheet(_("村规台账"))
    page.freeze_panes = f"A{HEAD + 1}"
    page.print_title_rows = f"{HEAD}:{HEAD}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", A4
    page.page_setup.fitToHeight, page.sheet_properties.pageSetUpPr.fitToPage = 0, True
    for number, width in enumerate(_WIDTHS, start=1):
        page.column_dimensions[get_column_letter(number)].width = width
    made = _("%(day)s导出，按当天的情况。") % {"day": plain_date(on)}
    page.append([_cell(page, title, font=Font(bold=True, size=16), wrap=False)])
    page.append([_cell(page, made, wrap=False)])
    page.append([_cell(page, heading, font=Font(bold=True)) for heading in _headings()])
    for line in lines:
        page.append([_cell(page, value) for value in _row(line)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(page: Any, value: Any, *, font: Font | None = None, wrap: bool = True) -> Any:
    if isinstance(value, str):
        value = guarded(printable(value))
    cell = WriteOnlyCell(page, value=value)
    cell.number_format = "yyyy-mm-dd" if isinstance(value, datetime.date) else "@" if isinstance(value, str) else "0"
    if wrap:
        cell.alignment = _WRAPPED
    if font is not None:
        cell.font = font
    return cell


def _headings() -> list[str]:
    return [
        _("乡镇（街道）"), _("村（社区）"), _("类别"), _("名称"), _("现行版次"), _("施行日期"), _("表决机关"),
        _("表决日期"),
        _("备案日期"), _("备案号"), _("最迟备案日"), _("正在办的"), _("上次年检"), _("年检结果"), _("下次年检最迟"),
        _("责令改正"), _("要办的"), _("网址"),
    ]  # fmt: skip


def _row(line: Line) -> Iterable[Any]:
    version, check = line.in_force, line.checked
    orders = [
        (_("%(day)s，已改正") if one.done else _("%(day)s，未完成")) % {"day": one.on.isoformat()}
        for one in line.corrections
    ]
    return [
        line.village.region.name,
        line.village.name,
        str(line.rules.get_kind_display()) if line.rules else "",
        line.title,
        version.number if version else None,
        version.effective_on if version else None,
        line.adopted_by,
        version.adopted_on if version else None,
        version.filed_on if version else None,
        version.filing_number if version else "",
        line.filing_due,
        str(line.making.get_state_display()) if line.making else "",
        check.on if check else None,
        str(check.get_result_display()) if check else "",
        line.check_due,
        "\n".join(orders),
        "、".join(line.state_words),
        f"{settings.PUBLIC_URL}{version.get_absolute_url()}" if version else "",
    ]
