"""Pages of a workbook to print and hand in: a title, headings on every sheet, rows; nothing runs as a formula."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from ui.printable import printable

from .writing import guarded

A4 = 9  # among the paper sizes of the file format
HEAD = 3  # the row of the headings, under the title and what the page is
_MOST = 5000  # characters in a cell: an opinion in full, and far below what a spreadsheet holds
_WRAPPED = Alignment(wrap_text=True, vertical="top")
TITLE = Font(bold=True, size=16)


def cell(page: Any, value: Any, *, font: Font | None = None) -> Any:
    """Numbers and days are such, whatever is text stays text."""
    if isinstance(value, str):
        value = guarded(printable(value)[:_MOST])
    made = WriteOnlyCell(page, value=value)
    made.alignment = _WRAPPED
    made.number_format = "yyyy-mm-dd" if isinstance(value, datetime.date) else "@" if isinstance(value, str) else "0"
    if font is not None:
        made.font = font
    return made


def plain(page: Any, text: str, font: Font | None = None) -> Any:
    """A line that runs on over the columns beside it."""
    made = cell(page, text, font=font)
    made.alignment = Alignment(wrap_text=False)
    return made


def add_page(
    book: Workbook,
    name: str,
    title: str,
    made: str,
    widths: Sequence[int],
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    empty: str,
) -> None:
    """A page to print across: title, day, headings that stay in sight and stand on every sheet, then the rows."""
    page = book.create_sheet(name)
    page.freeze_panes = f"A{HEAD + 1}"
    page.print_title_rows = f"{HEAD}:{HEAD}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", A4
    page.page_setup.fitToHeight, page.sheet_properties.pageSetUpPr.fitToPage = 0, True
    for number, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(number)].width = width
    page.append([plain(page, title, TITLE)])
    page.append([plain(page, made)])
    page.append([cell(page, heading, font=Font(bold=True)) for heading in headings])
    written = False
    for row in rows:
        page.append([cell(page, value) for value in row])
        written = True
    if not written:
        page.append([plain(page, empty)])
