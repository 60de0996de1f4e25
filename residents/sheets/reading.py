"""Opening a sheet that somebody sent: refuse what is hostile or too large, then give its cells as they stand.

The limits are those of docs/limits.md ("Roll sheets"); each has a name here and is told when it is passed.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse
from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 40
MAX_UNPACKED = 100 * 1024 * 1024
MAX_MEMBERS = 200
MAX_RATIO = 100
MAX_SHEETS = 50
# Title rows and headings above the people.
SPARE_ROWS = 20

_ZIP, _CFB = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".xlsx", ".docx", ".exe")


class SheetRefused(Exception):
    """The file can't be read or must not be; the message says what to do. `code` is one of ui.answers."""

    def __init__(self, message: str, *, code: str = "refused_file") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


@dataclass(frozen=True)
class Sheet:
    """One worksheet: cells by row and column, both from 0.

    `formulas` are cells whose value was computed, `merged` the ranges ((row, column), (row, column)) that were joined.
    """

    rows: Sequence[Sequence[Any]]
    formulas: frozenset[tuple[int, int]] = frozenset()
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=tuple)


def read_sheets(name: str, content: bytes) -> list[Sheet]:
    """The worksheets of a file, in their order; a CSV is one.

    `name` must end in .xlsx, .xls or .csv and the content be of that very kind. Raises SheetRefused.
    """
    if len(content) > MAX_BYTES:
        raise SheetRefused(_("表格超过 5 MB，请分成几个再上传。"), code="too_large")
    if not content:
        raise SheetRefused(_("这是一个空文件，请重新选择。"))
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if ending not in ("xlsx", "xls", "csv"):
        raise SheetRefused(_("只能上传 Excel 表格（.xlsx、.xls）或者 .csv 文件。"), code="bad_type")
    kind = {_ZIP: "xlsx", _CFB[:4]: "xls"}.get(content[:4], "csv")
    if kind != ending:
        raise SheetRefused(
            _("文件内容和后缀 .%(ending)s 不符，请在 Excel 里重新保存后再上传。") % {"ending": ending}, code="bad_type"
        )
    if kind == "csv":
        return [_checked(Sheet(_read_csv(content)))]
    formulas = _look_into(content) if kind == "xlsx" else []
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names[:MAX_SHEETS]
        sheets = []
        for number, _name in enumerate(names):
            page = book.get_sheet_by_index(number)
            height, width = page.height, page.width
            if height > MAX_ROWS + SPARE_ROWS and not _is_blank_below(page):
                raise SheetRefused(_("表格超过 20,000 行，请分成几个再上传。"), code="too_large")
            rows = page.to_python(skip_empty_area=False, nrows=MAX_ROWS + SPARE_ROWS)
            merged = tuple(page.merged_cell_ranges or ())
            found = formulas[number] if number < len(formulas) else frozenset()
            sheets.append(_checked(Sheet(rows, found, merged)))
            del height, width
    except SheetRefused:
        raise
    except (CalamineError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise SheetRefused(_("打不开这个表格。请在 Excel 里另存为 .xlsx（不加密码），再上传。")) from error
    return sheets


def _is_blank_below(page: Any) -> bool:
    """Formatting alone makes a sheet look taller than it is."""
    for number, row in enumerate(page.iter_rows()):
        if number >= MAX_ROWS + SPARE_ROWS and any(value not in ("", None) for value in row):
            return False
    return True


def _checked(sheet: Sheet) -> Sheet:
    width = max((_used(row) for row in sheet.rows), default=0)
    if width > MAX_COLUMNS:
        raise SheetRefused(_("表格超过 40 列，请删掉用不到的列再上传。"), code="too_large")
    height = max((number for number, row in enumerate(sheet.rows, start=1) if _used(row)), default=0)
    if height > MAX_ROWS + SPARE_ROWS:
        raise SheetRefused(_("表格超过 20,000 行，请分成几个再上传。"), code="too_large")
    rows = [list(row[:width]) for row in sheet.rows[:height]]
    return Sheet(rows, sheet.formulas, sheet.merged)


def _used(row: Sequence[Any]) -> int:
    """How many columns up to the last that says something."""
    for column in range(len(row), 0, -1):
        value = row[column - 1]
        if value is not None and str(value).strip():
            return column
    return 0


def _read_csv(content: bytes) -> list[list[str]]:
    """UTF-8 with or without its mark, UTF-16 with it, or GB18030; comma, tab or semicolon."""
    text = None
    codes = ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for code in codes:
        try:
            text = content.decode(code)
            break
        except UnicodeDecodeError:
            continue
    if text is None or "\x00" in text:
        raise SheetRefused(_("看不懂这个文件的文字编码。请在 Excel 里另存为 .xlsx 再上传。"))
    head = text[:4000]
    mark = max(",\t;", key=head.count)
    try:
        rows = [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)]
    except csv.Error as error:
        raise SheetRefused(_("CSV 文件的引号不成对，请在 Excel 里另存为 .xlsx 再上传。")) from error
    return rows


def _look_into(content: bytes) -> list[frozenset[tuple[int, int]]]:
    """Refuse a hostile xlsx before anything opens it; the formula cells of each worksheet, in the order."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _refuse_bombs(members, len(content))
            sheets = sorted(
                (m for m in members if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", m.filename)),
                key=lambda m: int(re.sub(r"\D", "", m.filename)),
            )
            for member in members:
                if member.filename.endswith((".xml", ".rels")) and member not in sheets:
                    for _event, element in iterparse(archive.open(member), forbid_dtd=True):
                        element.clear()
            return [_formulas(archive, member) for member in sheets]
    except DefusedXmlException as error:
        raise SheetRefused(_("这个表格里有不安全的内容，不能打开。请在 Excel 里另存为新的 .xlsx 再上传。")) from error
    except (ParseError, zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise SheetRefused(_("打不开这个表格。请在 Excel 里另存为 .xlsx（不加密码），再上传。")) from error


def _refuse_bombs(members: Sequence[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked > packed * MAX_RATIO:
        raise SheetRefused(_("这个表格解开以后太大，不能打开。请只留下名册那一张表，另存后再上传。"))
    for member in members:
        name = member.filename.lower()
        if "vbaproject" in name or "externallinks/" in name or name.endswith(_ARCHIVES) or ".." in name:
            raise SheetRefused(_("表格里带有宏、外部链接或者别的文件，不能打开。请另存为普通的 .xlsx 再上传。"))


def _formulas(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> frozenset[tuple[int, int]]:
    found = set()
    with archive.open(member) as stream:
        for _event, element in iterparse(stream, forbid_dtd=True):
            tag = element.tag.rsplit("}", 1)[-1]
            if tag == "c":
                if any(child.tag.rsplit("}", 1)[-1] == "f" for child in element):
                    place = _place(element.get("r", ""))
                    if place is not None:
                        found.add(place)
            elif tag == "row":
                element.clear()
    return frozenset(found)


def _place(reference: str) -> tuple[int, int] | None:
    """(0, 27) for AB1."""
    match = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1
