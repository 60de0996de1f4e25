"""A program of its own that opens one workbook: `python -I opener.py xlsx|xls`, the file on stdin, JSON on stdout.

Whatever a hostile file makes a parser do, it does here: memory and time are limited, and only this process ends. It
knows neither Django nor the village. Answer: {"sheets": [{"name", "rows", "formulas", "merged"}]} with rows and columns
counted from 0 and dates as {"d": "1985-03-02"}, or {"refused": one of REFUSALS}.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import re
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from xml.sax import ContentHandler, SAXException
from xml.sax.xmlreader import AttributesImpl

import olefile
from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MAX_ROWS = 20_000
SPARE_ROWS = 20  # titles and headings above the people
MAX_COLUMNS = 40
MAX_UNPACKED = 100 * 1024 * 1024
MAX_MEMBERS = 200
MAX_RATIO = 100
MAX_LETTERS = 20_000_000
MAX_MERGED = 100_000
MEMORY = 1024 * 1024 * 1024  # of addresses; an ordinary roll takes a tenth
SECONDS = 20

REFUSALS = ("bomb", "hostile", "entities", "password", "rows", "columns", "broken")
# Beyond this a cell is no column that somebody forgot to delete; a grid that wide must not be made at all.
FARTHEST_COLUMN = 1000
_CHUNK = 256 * 1024
_ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".xlsx", ".docx", ".exe", ".bin.zip")
Place = tuple[int, int]


class Refused(Exception):
    """The one argument is one of REFUSALS."""


def opened(kind: str, content: bytes) -> list[dict[str, Any]]:
    """The visible worksheets of a workbook. Raises Refused."""
    formulas = list(_of_xlsx(content) if kind == "xlsx" else _of_xls(content))
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        pages = []
        for number, told in enumerate(book.sheets_metadata):
            if told.typ != SheetTypeEnum.WorkSheet or told.visible != SheetVisibleEnum.Visible:
                continue
            page = book.get_sheet_by_index(number)
            cells = page.to_python(skip_empty_area=False, nrows=MAX_ROWS + SPARE_ROWS + 1)
            merged = page.merged_cell_ranges or []
            if len(merged) > MAX_MERGED:
                raise Refused("bomb")
            rows = trimmed(cells)
            found = formulas[number] if number < len(formulas) else []
            near = [place for place in found if place[0] < len(rows) and place[1] < MAX_COLUMNS]
            pages.append({"name": told.name, "rows": rows, "formulas": near, "merged": merged})
    except (CalamineError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise Refused("password" if "assword" in type(error).__name__ else "broken") from error
    if sum(len(cell) for page in pages for row in page["rows"] for cell in row if isinstance(cell, str)) > MAX_LETTERS:
        raise Refused("bomb")
    return pages


def trimmed(cells: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Rows and columns up to the last that says something, within the limits. Raises Refused."""
    ends = [_end(row) for row in cells]
    height = max((number for number, end in enumerate(ends, start=1) if end), default=0)
    width = max(ends, default=0)
    if height > MAX_ROWS + SPARE_ROWS:
        raise Refused("rows")
    if width > MAX_COLUMNS:
        raise Refused("columns")
    return [list(row[:width]) for row in cells[:height]]


def _end(row: Sequence[Any]) -> int:
    for column in range(len(row), 0, -1):
        cell = row[column - 1]
        if cell is not None and (not isinstance(cell, str) or cell.strip()):
            return column
    return 0


def _of_xlsx(content: bytes) -> Iterator[list[Place]]:
    """Look at every part before anything is built of it; the formula cells of each worksheet, in the book's order."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _check_members(members, len(content))
            parts = [member for member in members if member.filename.lower().endswith((".xml", ".rels"))]
            order = _sheet_parts(archive)
            found = {}
            for member in parts:
                cells = _Cells() if member.filename in order else None
                with archive.open(member) as stream:
                    _parsed(stream.read, cells, member.file_size)
                if cells is not None:
                    found[member.filename] = cells.formulas
    except DefusedXmlException as error:
        raise Refused("entities") from error
    except (SAXException, zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise Refused("broken") from error
    yield from (found.get(name, []) for name in order)


def _check_members(members: Sequence[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked > packed * MAX_RATIO:
        raise Refused("bomb")
    names = [member.filename.lower() for member in members]
    if len(set(names)) != len(names):
        raise Refused("hostile")
    for name in names:
        if "vbaproject" in name or "externallinks/" in name or name.endswith(_ARCHIVES) or ".." in name:
            raise Refused("hostile")


def _sheet_parts(archive: zipfile.ZipFile) -> list[str]:
    """The parts that hold the worksheets, in the order of the book, as the book itself says."""
    sheets = _Sheets()
    targets = _Targets()
    for name, handler in (("xl/workbook.xml", sheets), ("xl/_rels/workbook.xml.rels", targets)):
        try:
            with archive.open(name) as stream:
                _parsed(stream.read, handler, MAX_UNPACKED)
        except KeyError as error:
            raise Refused("broken") from error
    known = set(archive.namelist())
    order = []
    for link in sheets.found:
        target = targets.found.get(link, "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        # A part under any other name would not have been looked at.
        if part not in known or not part.lower().endswith(".xml"):
            raise Refused("broken")
        order.append(part)
    return order


def _parsed(read: Callable[[int], bytes], handler: ContentHandler | None, at_most: int) -> None:
    """Run through one part of the book, of which nothing stays in memory."""
    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setContentHandler(handler or ContentHandler())
    length = 0
    while chunk := read(_CHUNK):
        length += len(chunk)
        if length > at_most:
            raise Refused("bomb")
        parser.feed(chunk)
    parser.close()


class _Sheets(ContentHandler):
    """The book's sheets by the names of their relationships (the attribute r:id, under any prefix)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  SAX names it
        if name.rpartition(":")[2] == "sheet":
            values = {key.rpartition(":")[2]: attrs[key] for key in attrs.getNames() if ":" in key}
            self.found.append(str(values.get("id", "")))


class _Targets(ContentHandler):
    """Where each relationship leads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  SAX names it
        if name.rpartition(":")[2] == "Relationship":
            self.found[str(attrs.get("Id"))] = str(attrs.get("Target", ""))


class _Cells(ContentHandler):
    """The formula cells of a worksheet, and whether a cell that says something lies beyond the limits."""

    def __init__(self) -> None:
        super().__init__()
        self.formulas: list[Place] = []
        self.row = self.column = -1
        self.inside = False
        self.columns: dict[str, int] = {}

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  SAX names it
        tag = name.rpartition(":")[2]
        if tag == "c":
            self._place(attrs.get("r"))
        elif tag == "row":
            said = attrs.get("r")
            self.row = int(said) - 1 if said and said.isdecimal() else self.row + 1
            self.column = -1
        elif tag == "f":
            if self.row <= MAX_ROWS + SPARE_ROWS and self.column < MAX_COLUMNS:
                self.formulas.append((self.row, self.column))
        else:
            self.inside = tag in ("v", "t")

    def _place(self, reference: str | None) -> None:
        if reference is None:
            self.column += 1
            return
        letters = reference.rstrip("0123456789")
        if letters not in self.columns:
            if re.fullmatch("[A-Z]{1,3}", letters) is None:
                raise Refused("broken")
            number = 0
            for letter in letters:
                number = number * 26 + ord(letter) - 64
            self.columns[letters] = number - 1
        self.column = self.columns[letters]
        self.row = int(reference[len(letters) :] or 0) - 1

    def characters(self, content: str) -> None:
        if self.inside and content.strip():
            if self.row >= MAX_ROWS + SPARE_ROWS:
                raise Refused("rows")
            if self.column >= FARTHEST_COLUMN:
                raise Refused("columns")

    def endElement(self, name: str) -> None:  # noqa: N802  SAX names it
        self.inside = False


# Records of BIFF8, the format of .xls ([MS-XLS] 2.3).
_BEGIN, _END, _FORMULA, _LOCKED = 0x0809, 0x000A, 0x0006, 0x002F


def _of_xls(content: bytes) -> Iterator[list[Place]]:
    """Refuse macros and passwords; the formula cells of each worksheet, in the book's order."""
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as file:
            streams = {"/".join(path).lower() for path in file.listdir(streams=True, storages=True)}
            if "encryptedpackage" in streams:
                raise Refused("password")
            if any("vba" in name for name in streams):
                raise Refused("hostile")
            name = next((name for name in ("workbook", "book") if file.exists(name)), None)
            if name is None:
                raise Refused("broken")
            data = file.openstream(name).read()
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise Refused("broken") from error
    yield from _formulas_of(data)[1:]  # the first part tells of the book itself


def _formulas_of(data: bytes) -> list[list[Place]]:
    parts: list[list[Place]] = []
    depth = place = 0
    while place + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, place)
        place += 4
        if kind == _BEGIN:
            depth += 1
            if depth == 1:
                parts.append([])
        elif kind == _END:
            depth = max(0, depth - 1)
        elif kind == _LOCKED:
            raise Refused("password")
        elif kind == _FORMULA and depth == 1 and length >= 4 and place + 4 <= len(data):
            parts[-1].append(struct.unpack_from("<HH", data, place))
        place += length
    return parts


def plain(cell: Any) -> Any:
    """A cell as JSON."""
    if isinstance(cell, datetime.datetime):
        return {"d": cell.date().isoformat()}
    if isinstance(cell, datetime.date):
        return {"d": cell.isoformat()}
    return str(cell)


def limit() -> None:
    """Memory and time of this process, where the system knows such limits."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415  there is none on Windows

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    limit()
    try:
        answer: dict[str, Any] = {"sheets": opened(sys.argv[1], sys.stdin.buffer.read())}
    except Refused as refused:
        answer = {"refused": refused.args[0]}
    sys.stdout.write(json.dumps(answer, ensure_ascii=True, default=plain, separators=(",", ":")))


if __name__ == "__main__":
    main()
