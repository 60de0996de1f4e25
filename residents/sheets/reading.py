"""Opening a sheet that somebody sent: refuse what is hostile or too large, then give its cells as they stand.

The limits are those of docs/limits.md; what passes one is told which. Workbooks are opened by a process of its own
(opener.py), so that no file can take the server's memory or bring it down.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from . import opener
from .opener import MAX_ROWS, Place, Refused, trimmed

MAX_BYTES = 5 * 1024 * 1024
LONGEST_SECONDS = 30

_ZIP, _CFB = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


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
    formulas: frozenset[Place] = frozenset()
    merged: Sequence[tuple[Place, Place]] = ()
    name: str = ""


def read_sheets(name: str, content: bytes) -> list[Sheet]:
    """The visible worksheets of a file, in their order; a CSV is one.

    `name` must end in .xlsx, .xls or .csv and the content be of that very kind. Raises SheetRefused.
    """
    if len(content) > MAX_BYTES:
        raise SheetRefused(_("表格超过 5 MB，请分成几个再上传。"), code="too_large")
    if not content.strip(b"\x00\r\n\t "):
        raise SheetRefused(_("这是一个空文件，请重新选择。"))
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if ending not in ("xlsx", "xls", "csv"):
        raise SheetRefused(_("只能上传 Excel 表格（.xlsx、.xls）或者 .csv 文件。"), code="bad_type")
    kind = {_ZIP: "xlsx", _CFB: "xls"}.get(content[:4], "csv")
    if kind == "xls" and ending == "xlsx":
        # Excel keeps a locked .xlsx in the older kind of file.
        raise SheetRefused(_wording()["password"], code="bad_type")
    if kind != ending:
        raise SheetRefused(
            _("文件内容和后缀 .%(ending)s 不符，请在 Excel 里重新保存后再上传。") % {"ending": ending}, code="bad_type"
        )
    try:
        return [Sheet(trimmed(_read_csv(content)))] if kind == "csv" else _opened(kind, content)
    except Refused as refused:
        reason = refused.args[0]
        code = "too_large" if reason in ("rows", "columns", "bomb") else "refused_file"
        raise SheetRefused(_wording()[reason], code=code) from refused


def _wording() -> dict[str, str]:
    return {
        "rows": _("表格超过 20,000 行，请分成几个再上传。"),
        "columns": _("表格超过 40 列，请删掉用不到的列再上传。"),
        "bomb": _("这个表格解开以后太大，不能打开。请只留下名册那一张表，另存后再上传。"),
        "hostile": _("表格里带有宏、外部链接或者别的文件，不能打开。请另存为普通的 .xlsx 再上传。"),
        "entities": _("这个表格里有不安全的内容，不能打开。请在 Excel 里另存为新的 .xlsx 再上传。"),
        "password": _("这个表格设了密码，打不开。请在 Excel 里去掉密码，另存后再上传。"),
        "broken": _("打不开这个表格。请在 Excel 里另存为 .xlsx，再上传。"),
        "encoding": _("看不懂这个文件的文字编码。请在 Excel 里另存为 .xlsx 再上传。"),
        "quotes": _("CSV 文件的引号不成对，请在 Excel 里另存为 .xlsx 再上传。"),
    }


def _opened(kind: str, content: bytes) -> list[Sheet]:
    """What the opener tells. Raises Refused, also when the file brought it down."""
    command = [sys.executable, "-I", str(Path(opener.__file__)), kind]
    try:
        done = subprocess.run(  # noqa: S603  our own program, with fixed arguments
            command, input=content, capture_output=True, timeout=LONGEST_SECONDS, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise Refused("bomb") from error
    answer = json.loads(done.stdout, object_hook=_as_date)
    if "refused" in answer:
        raise Refused(answer["refused"])
    return [
        Sheet(
            page["rows"],
            frozenset((row, column) for row, column in page["formulas"]),
            tuple(((top, left), (bottom, right)) for (top, left), (bottom, right) in page["merged"]),
            page["name"],
        )
        for page in answer["sheets"]
    ]


def _as_date(told: dict[str, Any]) -> Any:
    return datetime.date.fromisoformat(told["d"]) if set(told) == {"d"} else told


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
        raise Refused("encoding")
    head = text[:4000]
    mark = max(",\t;，", key=head.count)
    try:
        rows = []
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True):
            rows.append(row)
            # Excel leaves many empty lines behind; what says something is counted later, exactly.
            if len(rows) > 50 * MAX_ROWS:
                raise Refused("rows")
    except csv.Error as error:
        raise Refused("quotes") from error
    return rows
