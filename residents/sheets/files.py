"""From a file to its people: the worksheet that holds a roll, its headings, its rows."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from django.utils.translation import gettext as _

from .headings import LABELS, Layout, find_layout, with_mapping
from .people import People, read_people
from .reading import Sheet, SheetRefused, read_sheets


def roll_sheet(name: str, content: bytes) -> tuple[Sheet, Layout]:
    """The worksheet with the most headings of a roll. Raises SheetRefused, also when none has any."""
    best: tuple[Sheet, Layout] | None = None
    for sheet in read_sheets(name, content):
        layout = find_layout(sheet.rows)
        if layout is not None and (best is None or len(layout.columns) > len(best[1].columns)):
            best = sheet, layout
    if best is None:
        raise SheetRefused(
            _("没有找到表头。请在第一行写上“姓名”“性别”“出生日期”“组别”“户号”等，或者下载空白表来填。"), code="invalid"
        )
    return best


def people_of(
    name: str, content: bytes, *, today: datetime.date, mapping: Mapping[str, str] | None = None
) -> tuple[People, dict[str, str]]:
    """The people of a file and what it calls each field. `mapping` sets columns by hand. Raises SheetRefused."""
    sheet, layout = roll_sheet(name, content)
    if mapping is not None:
        layout = with_mapping(layout, mapping)
    headings = {field: layout.heading(field) for field in LABELS}
    return read_people(sheet, layout, today=today), headings
