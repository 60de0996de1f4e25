"""The council's year as a workbook: each event by its number in the register, without anybody's name, and the sums."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook

from residents.models import Village
from residents.sheets.printed import add_page
from ui.dates import plain_date
from ui.printable import printable

from .models import CeremonyEvent

_WIDTHS = (8, 24, 12, 12, 10, 10, 10, 10, 10, 10, 12, 12, 14, 12)


def events_sheet(village: Village, *, year: int, today: datetime.date) -> Workbook:
    """All events of a year; whose they are stands in the register alone."""
    book = Workbook(write_only=True)
    book.properties.creator = book.properties.lastModifiedBy = printable(f"{village.name}{village.committee_name}")
    lines = CeremonyEvent.objects.of(village).filter(on__year=year).select_related("village", "kind")
    lines = lines.prefetch_related("helpers").order_by("on", "number")
    add_page(
        book,
        _("红白事登记"),
        _("%(village)s %(year)s 年红白事登记") % {"village": village.name, "year": year},
        _("%(day)s导出。没有姓名、户号；是谁家的，请按编号查登记簿。标准是提倡的，多了不处罚。")
        % {"day": plain_date(today)},
        _WIDTHS,
        [
            _("编号"), _("什么事"), _("哪一天"), _("提前几天登记"), _("打算几桌"), _("打算几天"), _("打算礼金"),
            _("办了几桌"), _("办了几天"), _("礼金"), _("打算花"), _("花了"), _("在提倡标准以内"), _("理事会去了几人"),
        ],
        map(_row, lines),
        _("这一年没有登记。"),
    )  # fmt: skip
    return book


def _row(event: CeremonyEvent) -> list[Any]:
    within = {True: _("是"), False: _("多一些"), None: ""}[event.within]
    return [
        event.number, str(event.kind), event.on, event.lead_days, event.planned_tables, event.planned_days,
        event.planned_gift, event.tables, event.days, event.gift, event.planned_cost, event.cost,
        _("不办了") if event.called_off_at else within, len(event.helpers.all()),
    ]  # fmt: skip
