"""A4 papers in the layout of GB/T 9704-2012 as .docx: margins, grid, fonts, page numbers.

The standard's fonts are not free, so they are named and never shipped; each has a free one named beside it in the font
table. Everything is built from code: no template, no macro, no link that leads out of the file.
"""

from __future__ import annotations

import datetime
import io
import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import segno
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Twips
from docx.table import Table

from .printable import one_line, printable

TITLE_FONT = "方正小标宋简体"  # untranslated: name of a font
BODY_FONT = "仿宋_GB2312"  # untranslated: name of a font
HEADING_FONT = "黑体"  # untranslated: name of a font
SUBHEADING_FONT = "楷体_GB2312"  # untranslated: name of a font
SONG = "宋体"  # untranslated: name of a font
# What a machine takes that has not got the standard's own, by the names under which it may be there.
_INSTEAD = {
    TITLE_FONT: "FZXiaoBiaoSong-B05S;Noto Serif CJK SC;SimSun",
    BODY_FONT: "FangSong_GB2312;FangSong;Noto Serif CJK SC",
    HEADING_FONT: "SimHei;Noto Sans CJK SC",
    SUBHEADING_FONT: "KaiTi_GB2312;KaiTi;Noto Serif CJK SC",
    SONG: "SimSun;Noto Serif CJK SC",
}

# In twentieths of a point, as the file has them.
PAGE = (11906, 16838)  # A4
TOP, BOTTOM, LEFT, RIGHT = 2098, 1984, 1587, 1474  # 37, 35, 28, 26 mm
TEXT_WIDTH = PAGE[0] - LEFT - RIGHT
LINE = 579  # 28.95 points: 22 lines on the 225 mm between the margins
# 28 characters on 156 mm: how much closer they stand than the 16 points of their size. Said as spacing and not as
# a grid of characters: LibreOffice reckons such a grid from another size than Word and sets 21 to a line.
CLOSER = math.floor(TEXT_WIDTH / 28 - 320)
INDENT = round(TEXT_WIDTH / 14)  # two characters
FOOTER = 1304  # 23 mm: the page number then stands 7 mm below the text

_NS = nsdecls("w")


def _fonts(east: str) -> str:
    return f'<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman" w:eastAsia="{east}"/>'


def _style(key: str, name: str, *, paragraph: str = "", east: str = "", size: int = 0) -> str:
    sized = f'<w:spacing w:val="0"/><w:sz w:val="{size}"/><w:szCs w:val="{size}"/>' if size else ""
    run = (_fonts(east) if east else "") + sized
    return (
        f'<w:style w:type="paragraph" w:customStyle="{int(key not in _BUILT_IN)}" w:styleId="{key}">'
        f'<w:name w:val="{name}"/><w:basedOn w:val="Normal"/><w:qFormat/>'
        f"<w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


_BUILT_IN = {"Title", "Heading1", "Heading2", "Header", "Footer"}
_TIGHT = '<w:spacing w:before="0" w:after="0" w:line="{}" w:lineRule="exact"/>'
_LOOSE = '<w:spacing w:before="60" w:after="60" w:line="240" w:lineRule="auto"/>'
_FIRST = f'<w:ind w:firstLineChars="200" w:firstLine="{INDENT}"/>'
_STYLES = (
    f"<w:styles {_NS}><w:docDefaults><w:rPrDefault><w:rPr>{_fonts(BODY_FONT)}"
    f'<w:spacing w:val="{CLOSER}"/>'
    '<w:sz w:val="32"/><w:szCs w:val="32"/><w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr>'
    f"</w:rPrDefault><w:pPrDefault><w:pPr>{_TIGHT.format(LINE)}</w:pPr></w:pPrDefault></w:docDefaults>"
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
    # A word longer than a line is broken anywhere instead of running over the margin.
    '<w:pPr><w:widowControl w:val="0"/><w:wordWrap w:val="0"/><w:jc w:val="both"/></w:pPr></w:style>'
    '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
    '<w:name w:val="Default Paragraph Font"/></w:style>'
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr>'
    '<w:tblInd w:w="0" w:type="dxa"/></w:tblPr></w:style>'
    + _style("Title", "Title", paragraph='<w:keepNext/><w:spacing w:after="289"/><w:jc w:val="center"/>',
             east=TITLE_FONT, size=44)
    + _style("Subtitle1", "Paper Subtitle", paragraph='<w:spacing w:after="289"/><w:jc w:val="center"/>',
             east=SUBHEADING_FONT)
    + _style("Heading1", "heading 1", paragraph=f'<w:keepNext/>{_FIRST}<w:outlineLvl w:val="0"/>', east=HEADING_FONT)
    + _style("Heading2", "heading 2", paragraph=f'<w:keepNext/>{_FIRST}<w:outlineLvl w:val="1"/>',
             east=SUBHEADING_FONT)
    + _style("Body", "Paper Body", paragraph=_FIRST)
    + _style("Addressee", "Paper Addressee")
    + _style("Closing", "Paper Closing", paragraph='<w:ind w:rightChars="400" w:right="1264"/><w:jc w:val="right"/>')
    + _style("Small", "Paper Small", paragraph=f'<w:snapToGrid w:val="0"/>{_LOOSE}', size=21)
    + _style("Cell", "Paper Cell", paragraph=f'<w:snapToGrid w:val="0"/>{_TIGHT.format(400)}', size=24)
    + _style("CellHead", "Paper Cell Head",
             paragraph=f'<w:keepNext/><w:snapToGrid w:val="0"/>{_TIGHT.format(400)}<w:jc w:val="center"/>',
             east=HEADING_FONT, size=24)
    + _style("Picture", "Paper Picture", paragraph=f'<w:snapToGrid w:val="0"/>{_LOOSE}<w:jc w:val="left"/>', size=21)
    + _style("Header", "header", paragraph=f'<w:snapToGrid w:val="0"/>{_TIGHT.format(280)}<w:jc w:val="center"/>',
             east=SONG, size=18)
    + _style("Footer", "footer", paragraph=f'<w:snapToGrid w:val="0"/>{_TIGHT.format(280)}', east=SONG, size=28)
    + "</w:styles>"
)  # fmt: skip

_EDGES = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


def _text(text: str) -> str:
    return f'<w:t xml:space="preserve">{escape(text)}</w:t>'


def _run(text: str, *, east: str = "") -> str:
    look = f"<w:rPr>{_fonts(east)}</w:rPr>" if east else ""
    return f"<w:r>{look}{_text(text)}</w:r>"


def _paragraph(style: str, runs: str, *, looks: str = "", ns: str = "") -> str:
    return f'<w:p{ns}><w:pPr><w:pStyle w:val="{style}"/>{looks}</w:pPr>{runs}</w:p>'


def _field(code: str) -> str:
    """A number that the program which opens the file fills in."""
    parts = ("begin", "separate", "end")
    begin, separate, end = (f'<w:r><w:fldChar w:fldCharType="{part}"/></w:r>' for part in parts)
    return f'{begin}<w:r><w:instrText xml:space="preserve"> {code} </w:instrText></w:r>{separate}{_run("1")}{end}'


class Paper:
    """A paper that grows from top to bottom; `content` is the file."""

    def __init__(self, *, title: str, author: str, made_at: datetime.datetime, header: str = "") -> None:
        self._document = Document()
        self._body = self._document.element.body
        self._strip()
        self._lay_out()
        self._number_pages()
        if header:
            self._head(one_line(header))
        known = self._document.core_properties
        known.title, known.author, known.last_modified_by = one_line(title)[:250], one_line(author)[:250], ""
        known.comments, known.language, known.revision = "", "zh-CN", 1
        # Of the paper, not of the moment somebody took it away.
        known.created = known.modified = made_at.astimezone(datetime.UTC).replace(tzinfo=None)

    def _strip(self) -> None:
        """Take away what the library's own blank file brings along: pictures, numberings, a theme, English styles."""
        part = self._document.part
        for key, relation in list(part.rels.items()):
            if relation.reltype.rsplit("/", 1)[-1] not in ("styles", "settings", "fontTable", "webSettings"):
                part.rels.pop(key)
        rels = part.package.rels
        for key, relation in list(rels.items()):
            if relation.reltype not in (RELATIONSHIP_TYPE.OFFICE_DOCUMENT, RELATIONSHIP_TYPE.CORE_PROPERTIES):
                rels.pop(key)
        styles = self._document.styles.element
        for child in list(styles):
            styles.remove(child)
        styles.extend(list(parse_xml(_STYLES)))
        settings = self._document.settings.element
        for name in ("w:savePreviewPicture", "w:themeFontLang", "w:clrSchemeMapping", "w:rsids"):
            for child in settings.findall(qn(name)):
                settings.remove(child)
        fonts = part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
        listed = "".join(
            f'<w:font w:name="{name}"><w:altName w:val="{instead}"/><w:charset w:val="86"/></w:font>'
            for name, instead in _INSTEAD.items()
        )
        fonts._blob = f'<?xml version="1.0" encoding="UTF-8"?><w:fonts {_NS}>{listed}</w:fonts>'.encode()

    def _lay_out(self) -> None:
        section = self._document.sections[0]
        section.page_width, section.page_height = Twips(PAGE[0]), Twips(PAGE[1])
        section.top_margin, section.bottom_margin = Twips(TOP), Twips(BOTTOM)
        section.left_margin, section.right_margin = Twips(LEFT), Twips(RIGHT)
        section.gutter, section.header_distance, section.footer_distance = Twips(0), Twips(851), Twips(FOOTER)
        for old in section._sectPr.findall(qn("w:docGrid")):
            section._sectPr.remove(old)
        section._sectPr.append(parse_xml(f'<w:docGrid {_NS} w:type="lines" w:linePitch="{LINE}"/>'))

    def _number_pages(self) -> None:
        """— 1 — outside: right on odd pages, left on even ones, a character from the edge."""
        self._document.settings.odd_and_even_pages_header_footer = True
        section = self._document.sections[0]
        number = _run("— ") + _field("PAGE") + _run(" —")
        for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
            looks = f'<w:ind w:{side}Chars="100" w:{side}="280"/><w:jc w:val="{side}"/>'
            self._only(footer, _paragraph("Footer", number, looks=looks, ns=f" {_NS}"))

    def _head(self, text: str) -> None:
        section = self._document.sections[0]
        for header in (section.header, section.even_page_header):
            self._only(header, _paragraph("Header", _run(text), ns=f" {_NS}"))

    @staticmethod
    def _only(place: Any, paragraph: str) -> None:
        place.is_linked_to_previous = False
        for child in list(place._element):
            place._element.remove(child)
        place._element.append(parse_xml(paragraph))

    def _add(self, xml: str) -> Any:
        element = parse_xml(xml)
        self._body.sectPr.addprevious(element)
        return element

    def _line(self, style: str, runs: str, *, looks: str = "") -> None:
        self._add(_paragraph(style, runs, looks=looks, ns=f" {_NS}"))

    def title(self, text: str, *, under: str = "") -> None:
        self._line("Title", _run(one_line(text)))
        if under:
            self._line("Subtitle1", _run(one_line(under)))

    def heading(self, text: str, *, level: int = 1, new_page: bool = False) -> None:
        """一、 of the first level, （一） of the second."""
        self._line(f"Heading{level}", _run(one_line(text)), looks="<w:pageBreakBefore/>" if new_page else "")

    def text(self, text: str) -> None:
        """Running text: a paragraph for every line that says something."""
        for line in printable(text).split("\n"):
            if line.strip():
                self._line("Body", _run(line.strip().replace("\t", " ")))

    def fact(self, label: str, text: object) -> None:
        self._line("Body", _run(f"{one_line(label)}：", east=HEADING_FONT) + _run(one_line(text)))

    def labelled(self, label: str, text: object) -> None:
        """第一条　… with its number as a heading."""
        self._line("Body", _run(f"{one_line(label)}\u3000", east=HEADING_FONT) + _run(one_line(text)))

    def addressee(self, text: str) -> None:
        self._line("Addressee", _run(f"{one_line(text)}："))

    def small(self, text: str) -> None:
        for line in printable(text).split("\n"):
            self._line("Small", _run(line.strip()))

    def closing(self, *lines: str) -> None:
        """Who writes and when, to the right, kept together."""
        self._line("Body", "")
        for line in lines:
            self._line("Closing", _run(one_line(line)), looks="<w:keepNext/>")

    def table(
        self, headings: Sequence[str], rows: Iterable[Sequence[object]], widths: Sequence[int], *, height: int = 0
    ) -> None:
        """Its columns share the line as `widths` says; the headings stand again on each page; `height` in mm."""
        whole = sum(widths)
        columns = [TEXT_WIDTH * width // whole for width in widths]
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in columns)
        tall = f'<w:trHeight w:val="{round(height * 1440 / 25.4)}" w:hRule="atLeast"/>' if height else ""

        def row(cells: Sequence[object], style: str, looks: str) -> str:
            made = "".join(
                f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
                + "".join(_paragraph(style, _run(line.strip())) for line in printable(cell).split("\n"))
                + "</w:tc>"
                for width, cell in zip(columns, cells, strict=True)
            )
            return f"<w:tr><w:trPr><w:cantSplit/>{looks}</w:trPr>{made}</w:tr>"

        body = "".join(row(cells, "Cell", tall) for cells in rows)
        self._add(
            f'<w:tbl {_NS}><w:tblPr><w:tblW w:w="{sum(columns)}" w:type="dxa"/><w:tblBorders>{_EDGES}</w:tblBorders>'
            f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
            f"{row(headings, 'CellHead', '<w:tblHeader/>')}{body}</w:tbl>"
        )
        self._line("Small", "")  # two tables in a row would become one

    def code(self, link: str, *, title: str, beside: Sequence[str]) -> None:
        """A QR code with its words beside it; what is in it stands in the picture only, never as a link."""
        narrow = round(30 * 1440 / 25.4)
        words = "".join(_paragraph("Picture", _run(one_line(line))) for line in beside)
        empty = _paragraph("Picture", "")
        cells = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>{inside}</w:tc>'
            for width, inside in ((narrow, empty), (TEXT_WIDTH - narrow, words or empty))
        )
        made = self._add(
            f'<w:tbl {_NS}><w:tblPr><w:tblW w:w="{TEXT_WIDTH}" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr>'
            f'<w:tblGrid><w:gridCol w:w="{narrow}"/><w:gridCol w:w="{TEXT_WIDTH - narrow}"/></w:tblGrid>'
            f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr></w:tbl>"
        )
        picture = io.BytesIO()
        segno.make(link, error="m", micro=False).save(picture, kind="png", scale=6, border=4)
        place = Table(made, self._document).cell(0, 0).paragraphs[0]
        shape = place.add_run().add_picture(picture, width=Mm(26))
        shape._inline.docPr.set("descr", one_line(title))
        self._line("Small", "")

    def content(self) -> bytes:
        out = io.BytesIO()
        self._document.save(out)
        return out.getvalue()
