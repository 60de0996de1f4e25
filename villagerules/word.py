"""A village's rules out of a Word file: its words line by line, with the numbers that Word itself sets before them.

Only .docx, read here and thrown away: neither the file nor its pictures are kept.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import docx
from django.utils.translation import gettext as _
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from lxml import etree

from ui.office_files import WORD, Broken, Hostile, OfficeFileRefused, TooMuch, look_through

from .errors import FileRefused
from .lines import Kind, heading, read_lines
from .numbering import chapter_label
from .reading import MOST_LETTERS, Remark
from .structure import clean_line
from .word_numbers import Numbers

LARGEST_BYTES = 20 * 1024 * 1024
MAX_XML = 20 * 1024 * 1024  # of all parts that are text; a long paper has one
ACCEPTED = ".docx"
_OLD = (".doc", ".wps", ".wpt", ".rtf", ".dot", ".odt")
_MACROS = (".docm", ".dotm")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_COUNTING = re.compile(r"^(序号|条号|条目|编号|条款)$")  # untranslated: headings of tables
_NUMBER_CELL = re.compile(r"^[0-9０-９]{1,3}$|^[一二三四五六七八九十百]{1,5}$")  # untranslated: numerals
_LABEL_CELL = re.compile(r"^第 ?[^条章]{1,8} ?[条章]$")  # untranslated: words of the papers


@dataclass
class WordText:
    text: str
    remarks: list[Remark] = field(default_factory=list)


def read_word(name: str, content: bytes) -> WordText:
    """The words of a .docx by name and content alike. Raises FileRefused: too_large, bad_type, refused_file."""
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if len(content) > LARGEST_BYTES:
        raise FileRefused("too_large", _("文件太大，最多 20 MB。请把里面的图片删掉再存，或者把文字复制出来粘贴。"))
    if ending in _MACROS:
        raise _with_macros()
    if ending in _OLD:
        raise _old()
    if ending != ".docx":
        raise FileRefused("bad_type", _("只收 Word 文件（.docx）。别的文件请把文字复制出来，粘贴在下面。"))
    if content.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise FileRefused("refused_file", _("文件加了密码。请在 Word 或者 WPS 里去掉密码，另存以后再上传。"))
        raise _old()
    try:
        look_through(content, WORD)
        with zipfile.ZipFile(io.BytesIO(content)) as parcel:
            if sum(one.file_size for one in parcel.infolist() if one.filename.lower().endswith(".xml")) > MAX_XML:
                raise TooMuch
        document = docx.Document(io.BytesIO(content))
        read = _Body(document)
    except OfficeFileRefused as error:
        raise _refused(error) from error
    except (OpcError, KeyError, ValueError, AttributeError, etree.XMLSyntaxError, zipfile.BadZipFile) as error:
        raise _refused(Broken()) from error
    if len(read.text) > MOST_LETTERS:
        raise FileRefused("too_large", _("文件里的文字太多，最多 20 万字。请只留村规的正文。"))
    return WordText(read.text, read.remarks)


def _old() -> FileRefused:
    return FileRefused(
        "bad_type",
        _("这是老格式（.doc、.wps 等）。请用 Word 或者 WPS 打开，点“另存为”，格式选“Word 文档（.docx）”，再上传。"),
    )


def _with_macros() -> FileRefused:
    return FileRefused(
        "refused_file",
        _("文件里有宏、外部链接或者套着别的文件，不能收。请另存为不带宏的 .docx，或者把文字复制出来粘贴。"),
    )


def _refused(error: OfficeFileRefused) -> FileRefused:
    if isinstance(error, Hostile):
        return _with_macros()
    if isinstance(error, TooMuch):
        return FileRefused(
            "refused_file", _("文件里的东西太多，不能收。请把图片删掉另存一份，或者把文字复制出来，粘贴在下面。")
        )
    return FileRefused(
        "refused_file", _("这个文件打不开，可能没有传完，或者不是 Word 文件。请在电脑上打开看看，再上传一次。")
    )


class _Body:
    """The lines of a document, top to bottom."""

    def __init__(self, document: Any) -> None:
        self.lines: list[str] = []
        self.remarks: list[Remark] = []
        self._outline: dict[int, int] = {}  # by index of the line: the level of its heading style
        self._levels = _outline_levels(document)
        self._numbers = Numbers(document)
        body = document.element.body
        self._blocks(body)
        self._name_chapters()
        self._say_what_is_left(body)
        self.text = "\n".join(self.lines)

    def _blocks(self, parent: Any) -> None:
        for block in parent:
            if block.tag == qn("w:p"):
                self._paragraph(block)
            elif block.tag == qn("w:tbl"):
                self._table(block)
            elif block.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:smartTag"), qn("w:customXml")):
                self._blocks(block)

    def _words(self, paragraph: Any) -> list[str]:
        """Its lines, the first with its number; none for an entry of a table of contents."""
        properties = paragraph.find(qn("w:pPr"))
        style = properties.find(qn("w:pStyle")) if properties is not None else None
        if style is not None and self._levels.get(style.get(qn("w:val")), (None, False))[1]:
            return []
        label = self._numbers.label(paragraph)
        lines = "".join(_texts(paragraph)).split("\n")
        if label and any(line.strip() for line in lines):
            lines[0] = (
                f"{label.rstrip()}\u3000{lines[0]}" if label.rstrip()[-1:] not in "、.．）)" else label + lines[0]
            )
        return lines

    def _paragraph(self, paragraph: Any) -> None:
        lines = self._words(paragraph)
        level = _outline_of(paragraph, self._levels)
        if level is not None:
            self._outline[len(self.lines)] = level
        self.lines.extend(lines or [])
        if len(lines) > 1:  # several lines of one paragraph: a stanza
            self.lines.append("")

    def _table(self, table: Any) -> None:
        said = False
        for row in table.iter(qn("w:tr")):
            if next(row.iterancestors(qn("w:tbl"))) is not table:
                continue  # of a table within this one, which its own cell tells
            cells = [self._cell(cell) for cell in row.findall(qn("w:tc"))]
            cells = [cell for cell in cells if cell]
            if not cells:
                continue
            if len(cells) == 1:
                self.lines.extend(cells[0])
                continue
            if not said:
                self.remarks.append(Remark(len(self.lines) + 1, "table"))
                said = True
            first, *others = cells
            begins = clean_line(first[0])
            if _COUNTING.match(heading(begins)):
                continue
            if len(first) == 1 and _LABEL_CELL.match(begins):
                self.lines.append(f"{begins}\u3000{others[0][0]}")
                self.lines.extend(line for cell in others for line in cell[cell is others[0] :])
            elif len(first) == 1 and _NUMBER_CELL.match(begins):
                self.lines.append(f"{begins}、" + "\u3000".join("".join(cell) for cell in others))
            else:
                self.lines.append("\u3000".join(" ".join(cell) for cell in cells))

    def _cell(self, cell: Any) -> list[str]:
        properties = cell.find(qn("w:tcPr"))
        merged = properties.find(qn("w:vMerge")) if properties is not None else None
        if merged is not None and merged.get(qn("w:val")) != "restart":
            return []  # goes on from the row above
        lines = [line for paragraph in cell.iter(qn("w:p")) for line in self._words(paragraph)]
        return [line for line in lines if line.strip()]

    def _name_chapters(self) -> None:
        """Headings by their style alone become chapters, where the paper numbers none."""
        read = read_lines(self.text_so_far())
        if any(line.kind in (Kind.CHAPTER, Kind.SECTION, Kind.STANZA) for line in read):
            return
        first = next((n for n, line in enumerate(read) if line.kind != Kind.BLANK), 0)
        plain = {
            n: level
            for n, level in self._outline.items()
            if n > first and n < len(read) and read[n].kind == Kind.PLAIN and read[n].is_heading
        }
        if not plain:
            return
        highest = min(plain.values())
        chosen = sorted(n for n, level in plain.items() if level == highest)
        for number, n in enumerate(chosen, start=1):
            self.lines[n] = f"{chapter_label(number)}\u3000{heading(read[n].whole)}"
        self.remarks.append(Remark(chosen[0] + 1, "headings"))

    def text_so_far(self) -> str:
        return "\n".join(self.lines)

    def _say_what_is_left(self, body: Any) -> None:
        pictures = sum(1 for _one in body.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}blip"))
        pictures += sum(1 for _one in body.iter("{urn:schemas-microsoft-com:vml}imagedata"))
        if pictures:
            self.remarks.append(Remark(0, "pictures", {"count": pictures}))
        for code, tags in (
            ("text_boxes", ("w:txbxContent",)), ("tracked", ("w:ins", "w:del", "w:moveFrom")),
            ("notes", ("w:footnoteReference", "w:endnoteReference")),
        ):  # fmt: skip
            if any(next(body.iter(qn(tag)), None) is not None for tag in tags):
                self.remarks.append(Remark(0, code))


_SKIPPED = {
    qn("w:del"), qn("w:moveFrom"), qn("w:txbxContent"), qn("w:pPr"), qn("w:rPr"),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}  # fmt: skip


def _texts(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag in _SKIPPED:
            continue
        if child.tag == qn("w:t"):
            # A line end in here is no line end to Word.
            yield re.sub(r"[\r\n\x85\u2028\u2029\x0b\x0c\x1c-\x1e]", " ", child.text or "")
        elif child.tag == qn("w:tab"):
            yield "\t"
        elif child.tag == qn("w:noBreakHyphen"):
            yield "-"
        elif child.tag == qn("w:cr") or (child.tag == qn("w:br") and child.get(qn("w:type")) is None):
            yield "\n"
        else:
            yield from _texts(child)


def _outline_levels(document: Any) -> dict[str, tuple[int | None, bool]]:
    """By style: the level of a heading from 0 (None: no heading), and whether it is of a table of contents."""
    own: dict[str, tuple[str, str, str]] = {}
    for style in document.styles.element.findall(qn("w:style")):
        values = []
        for path in ("w:name", "w:basedOn"):
            child = style.find(qn(path))
            values.append(child.get(qn("w:val"), "") if child is not None else "")
        level = style.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
        own[style.get(qn("w:styleId"), "")] = (
            values[0].lower(), values[1], level.get(qn("w:val"), "") if level is not None else "",
        )  # fmt: skip
    found: dict[str, tuple[int | None, bool]] = {}
    for key in own:
        at, seen = key, set()
        while at in own and at not in seen:
            seen.add(at)
            name, above, level = own[at]
            if level.isdigit() or re.fullmatch(r"heading [1-9]", name):
                found[key] = (int(level) if level.isdigit() else int(name[-1]) - 1, False)
                break
            if re.fullmatch(r"toc [1-9]", name):
                found[key] = (None, True)
                break
            at = above
    return found


def _outline_of(paragraph: Any, levels: dict[str, tuple[int | None, bool]]) -> int | None:
    properties = paragraph.find(qn("w:pPr"))
    if properties is None:
        return None
    own = properties.find(qn("w:outlineLvl"))
    if own is not None and own.get(qn("w:val"), "").isdigit() and int(own.get(qn("w:val"))) < 9:
        return int(own.get(qn("w:val")))
    style = properties.find(qn("w:pStyle"))
    return levels.get(style.get(qn("w:val")), (None, False))[0] if style is not None else None
