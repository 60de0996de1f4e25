"""The tree of regions and the codes of places, from a county's own list: codes change, places stay.

Codes are those of GB/T 2260 (province 2 digits, prefecture 4, county 6) and GB/T 10114 (township 9), villages and
communities have 12. No national list is shipped: the county brings its own.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import record

from .models import PlaceCode, Region, User, Village
from .sheets import parsing
from .sheets.headings import plain
from .sheets.people import Remark
from .sheets.reading import SheetRefused, read_sheets

LEVELS = {
    2: Region.Level.PROVINCE,
    4: Region.Level.PREFECTURE,
    6: Region.Level.COUNTY,
    9: Region.Level.TOWNSHIP,
}
PARENT_DIGITS = {4: (2,), 6: (4, 2), 9: (6,), 12: (9,)}
_HEADINGS = {  # untranslated: headings as county lists write them
    "code": ("代码", "区划代码", "行政区划代码", "统计代码", "统计用区划代码", "编码"),
    "name": ("名称", "区划名称", "行政区划名称", "单位名称"),
    "from_on": ("启用日期", "启用时间", "生效日期", "启用"),
    "until_on": ("停用日期", "停用时间", "失效日期", "停用"),
    "old_code": ("原代码", "旧代码", "变更前代码"),
}


@dataclass(frozen=True)
class PlaceRow:
    """One line of a county's list; `old_code` is the code the same place had before."""

    row: int
    code: str
    name: str
    from_on: datetime.date | None = None
    until_on: datetime.date | None = None
    old_code: str = ""


@dataclass
class RegionImport:
    """What a list did, or would do; with a problem nothing was written."""

    rows: int = 0
    add: int = 0
    change: int = 0
    unchanged: int = 0
    problems: list[Remark] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        remarks = [{"row": one.row, "column": one.column, "message": one.message} for one in self.problems]
        return {
            "rows": self.rows,
            "add": self.add,
            "change": self.change,
            "unchanged": self.unchanged,
            "problems": remarks,
        }


def read_places(name: str, content: bytes) -> tuple[list[PlaceRow], list[Remark]]:
    """The lines of a CSV or Excel list with columns 代码 and 名称. Raises SheetRefused."""
    rows = read_sheets(name, content)[0].rows
    for number, row in enumerate(rows[:20]):
        columns: dict[str, int] = {}
        for column, cell in enumerate(row):
            for field_name, headings in _HEADINGS.items():
                if plain(cell) in headings:
                    columns.setdefault(field_name, column)
        if "code" in columns and "name" in columns:
            return _read_rows(rows, number, columns)
    raise SheetRefused(_("没有找到表头。请在第一行写上“代码”和“名称”。"), code="invalid")


def _read_rows(
    rows: Sequence[Sequence[Any]], heading: int, columns: dict[str, int]
) -> tuple[list[PlaceRow], list[Remark]]:
    places: list[PlaceRow] = []
    problems: list[Remark] = []
    seen: dict[str, int] = {}
    for number in range(heading + 1, len(rows)):
        cells = {name: rows[number][at] if at < len(rows[number]) else "" for name, at in columns.items()}
        said = {name: parsing.text(cell) for name, cell in cells.items()}
        if not any(said.values()):
            continue
        code, name = said["code"], said["name"]

        def problem(column: str, message: str, row: int = number + 1) -> None:
            problems.append(Remark(row, str(rows[heading][columns[column]]).strip(), message))

        if not re.fullmatch(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}", code):
            problem("code", _("代码要 2、4、6、9 或者 12 位数字，请核对。"))
        elif code in seen:
            problem("code", _("和第 %(row)s 行的代码重复，请删掉一行。") % {"row": seen[code]})
        if not name or len(name) > 60:
            problem("name", _("名称要写，最多 60 个字。"))
        dates: dict[str, datetime.date | None] = {}
        for column in ("from_on", "until_on"):
            try:
                dates[column] = _date(cells.get(column))
            except parsing.CellProblem as wrong:
                problem(column, str(wrong))
        if said.get("old_code") and len(said["old_code"]) != len(code):
            problem("old_code", _("原代码的位数要和代码一样。"))
        seen.setdefault(code, number + 1)
        places.append(
            PlaceRow(number + 1, code, name, dates.get("from_on"), dates.get("until_on"), said.get("old_code", ""))
        )
    return places, problems


def _date(cell: Any) -> datetime.date | None:
    """A day in any of the ways a sheet writes it; future days are allowed. Raises CellProblem."""
    try:
        found: datetime.date | None = parsing.birth(cell, today=datetime.date(2200, 1, 1)).value
    except parsing.CellProblem:
        raise parsing.CellProblem(_("看不懂日期，请写成 2026-01-01 这样。")) from None
    return found


@transaction.atomic
def import_regions(
    places: Sequence[PlaceRow], problems: Sequence[Remark] = (), *, by: User | None = None
) -> RegionImport:
    """Write regions level by level, and the codes of villages that exist; all of it or nothing.

    A line with an old code renumbers the place that has it; a line whose code has ended only closes that code. The same
    list again changes nothing.
    """
    told = RegionImport(rows=len(places), problems=list(problems))
    if told.problems:
        return told
    for place in sorted(places, key=lambda place: (len(place.code), place.row)):
        if len(place.code) == 12:
            _take_village(place, told)
        else:
            _take_region(place, told)
    if told.problems:
        transaction.set_rollback(True)
        return RegionImport(rows=told.rows, problems=told.problems)
    if told.add or told.change:
        record(action="import_regions", subject=_("行政区划"), actor=by, add=told.add, change=told.change)
    return told


def _parent(code: str) -> Region | None:
    for digits in PARENT_DIGITS.get(len(code), ()):
        found = Region.objects.filter(code=code[:digits]).first()
        if found is not None:
            return found
    return None


def _take_region(place: PlaceRow, told: RegionImport) -> None:
    level = LEVELS[len(place.code)]
    region = Region.objects.filter(code=place.code).first()
    if region is None and place.old_code:
        region = Region.objects.filter(code=place.old_code, level=level).first()
        if region is None:
            told.problems.append(Remark(place.row, _("原代码"), _("没有代码是这个的区划，请核对。")))
            return
    parent = _parent(place.code)
    if parent is None and level != Region.Level.PROVINCE:
        told.problems.append(Remark(place.row, _("代码"), _("表里和系统里都没有它的上级，请先补上。")))
        return
    if region is None:
        region = Region.objects.create(code=place.code, level=level, name=place.name, parent=parent)
        told.add += 1
        _note_code(place, region=region)
        return
    new = {"code": place.code, "name": place.name, "parent": parent}
    changed = [name for name, value in new.items() if getattr(region, name) != value]
    for name in changed:
        setattr(region, name, new[name])
    if changed:
        region.save(update_fields=changed)
    noted = _note_code(place, region=region)
    _count(told, bool(changed) or noted)


def _take_village(place: PlaceRow, told: RegionImport) -> None:
    """A village's code and name; villages themselves are made with their pages, not by a list of codes."""
    village = Village.objects.filter(code=place.old_code or place.code).first()
    village = village or Village.objects.filter(code=place.code).first()
    if village is None:
        told.problems.append(Remark(place.row, _("代码"), _("还没有这个村（社区）。请先新建，再导入它的代码。")))
        return
    changed = [name for name in ("code", "name") if getattr(village, name) != getattr(place, name)]
    for name in changed:
        setattr(village, name, getattr(place, name))
    if changed:
        village.save(update_fields=changed)
    _count(told, _note_code(place, village=village) or bool(changed))


def _count(told: RegionImport, changed: bool) -> None:
    told.change += changed
    told.unchanged += not changed


def _note_code(place: PlaceRow, **of: Any) -> bool:
    """Keep a code with the days it is valid; whether anything was new."""
    noted, made = PlaceCode.objects.get_or_create(
        code=place.code, **of, defaults={"from_on": place.from_on, "until_on": place.until_on}
    )
    changed = made
    for name in ("from_on", "until_on"):
        said = getattr(place, name)
        if said is not None and getattr(noted, name) != said:
            setattr(noted, name, said)
            changed = True
    if changed and not made:
        noted.save()
    if place.old_code and place.from_on is not None:
        PlaceCode.objects.update_or_create(code=place.old_code, **of, defaults={"until_on": place.from_on})
    return changed
