"""The layout of GB/T 9704-2012, read from the file itself, and that no text breaks the file."""

import datetime
import io
import zipfile

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ui.numerals import chinese_number
from ui.official_paper import Paper
from ui.printable import one_line, printable

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
AT = datetime.datetime(2026, 11, 23, 9, 30, tzinfo=datetime.UTC)
MM = 1440 / 25.4  # twentieths of a point


def made(write=lambda paper: None, **fields):
    paper = Paper(**{"title": "会议记录", "author": "听泉坳村村民委员会", "made_at": AT} | fields)
    write(paper)
    return paper.content()


def part(content, name):
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return etree.fromstring(file.read(f"word/{name}"))


def names(content):
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        return file.namelist()


def values(element):
    return {etree.QName(key).localname: value for key, value in element.attrib.items()}


def one(root, path):
    (found,) = root.findall(path, {"w": W})
    return found


def style(content, key):
    return one(part(content, "styles.xml"), f"w:style[@w:styleId='{key}']")


def words(content):
    return "".join(part(content, "document.xml").itertext())


def test_the_page_is_a4_with_the_margins_of_the_standard():
    section = one(part(made(), "document.xml"), "w:body/w:sectPr")
    size, margins = values(one(section, "w:pgSz")), values(one(section, "w:pgMar"))
    assert (round(int(size["w"]) / MM), round(int(size["h"]) / MM)) == (210, 297)
    assert {side: round(int(margins[side]) / MM) for side in ("top", "bottom", "left", "right")} == {
        "top": 37, "bottom": 35, "left": 28, "right": 26,
    }  # fmt: skip
    # What is left of the page is the standard's 156 × 225 mm.
    assert round((int(size["w"]) - int(margins["left"]) - int(margins["right"])) / MM) == 156
    assert round((int(size["h"]) - int(margins["top"]) - int(margins["bottom"])) / MM) == 225


def test_a_page_holds_22_lines_of_28_characters():
    content = made()
    section = one(part(content, "document.xml"), "w:body/w:sectPr")
    margins, grid = values(one(section, "w:pgMar")), values(one(section, "w:docGrid"))
    assert grid == {"type": "lines", "linePitch": "579"}
    height = 16838 - int(margins["top"]) - int(margins["bottom"])
    assert height // int(grid["linePitch"]) == 22
    width = 11906 - int(margins["left"]) - int(margins["right"])
    closer = values(one(part(content, "styles.xml"), "w:docDefaults/w:rPrDefault/w:rPr/w:spacing"))["val"]
    character = 16 * 20 + int(closer)
    assert width // character == 28
    assert width - 28 * character < 28  # no twentieth of a point more between them would do
    # And every line of the text has that height, whatever stands in it.
    spacing = one(part(content, "styles.xml"), "w:docDefaults/w:pPrDefault/w:pPr/w:spacing")
    assert values(spacing) == {"before": "0", "after": "0", "line": "579", "lineRule": "exact"}


@pytest.mark.parametrize("key", ["Title", "Small", "Cell", "Header", "Footer"])
def test_only_running_text_stands_closer(key):
    assert values(one(style(made(), key), "w:rPr/w:spacing")) == {"val": "0"}


def look(run):
    fonts, size = run.find("w:rFonts", {"w": W}), run.find("w:sz", {"w": W})
    return values(fonts)["eastAsia"], int(values(size)["val"]) if size is not None else None


def test_the_fonts_are_named_with_their_sizes_and_with_free_ones_beside_them():
    content = made()
    assert look(one(part(content, "styles.xml"), "w:docDefaults/w:rPrDefault/w:rPr")) == ("仿宋_GB2312", 32)  # 三号
    found = {key: look(one(style(content, key), "w:rPr")) for key in ("Title", "Heading1", "Heading2")}
    assert found == {"Title": ("方正小标宋简体", 44), "Heading1": ("黑体", None), "Heading2": ("楷体_GB2312", None)}
    assert not [name for name in names(content) if "font" in name.lower() and name != "word/fontTable.xml"]
    listed = part(content, "fontTable.xml")
    instead = {
        values(font)["name"]: values(one(font, "w:altName"))["val"] for font in listed.findall("w:font", {"w": W})
    }
    assert "FangSong" in instead["仿宋_GB2312"].split(";")
    assert set(instead) >= {"方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"}


def test_running_text_starts_two_characters_in():
    content = made(lambda paper: paper.text("第一段。\n\n  第二段。"))
    indent = values(one(style(content, "Body"), "w:pPr/w:ind"))
    assert indent["firstLineChars"] == "200"
    assert [p.text for p in Document(io.BytesIO(content)).paragraphs if p.text] == ["第一段。", "第二段。"]


def test_page_numbers_stand_between_dashes_right_on_odd_pages_and_left_on_even_ones():
    content = made()
    assert part(content, "settings.xml").find("w:evenAndOddHeaders", {"w": W}) is not None
    section = one(part(content, "document.xml"), "w:body/w:sectPr")
    kinds = [values(one)["type"] for one in section.findall("w:footerReference", {"w": W})]
    assert sorted(kinds) == ["default", "even"]
    first = Document(io.BytesIO(content)).sections[0]
    for footer, side in ((first.footer, "right"), (first.even_page_footer, "left")):
        (line,) = footer._element.findall("w:p", {"w": W})
        assert line.find("w:pPr/w:jc", {"w": W}).get(f"{{{W}}}val") == side
        assert line.find("w:pPr/w:ind", {"w": W}).get(f"{{{W}}}{side}Chars") == "100"
        assert "".join(etree.fromstring(etree.tostring(line)).itertext()) == "—  PAGE 1 —"
        assert [run.tag.split("}")[1] for run in line.iter(f"{{{W}}}fldChar")] == ["fldChar"] * 3
    assert look(one(style(content, "Footer"), "w:rPr")) == ("宋体", 28)  # 四号
    assert round(int(values(one(section, "w:pgMar"))["footer"]) / MM) == 23


def test_what_stands_in_the_header_stands_on_odd_and_even_pages():
    first = Document(io.BytesIO(made(header="草稿"))).sections[0]
    assert [first.header.paragraphs[0].text, first.even_page_header.paragraphs[0].text] == ["草稿", "草稿"]


def test_the_file_has_no_macro_no_link_that_leads_out_and_nothing_of_the_librarys_blank():
    def write(paper):
        paper.title("会议记录")
        paper.code("https://example.org/v/a/#00ff", title="总码", beside=["公示单"])

    content = made(write)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        for name in file.namelist():
            assert not name.lower().endswith((".bin", ".jpeg", ".jpg", ".thmx"))
            assert "vba" not in name.lower()
            if name.endswith(".rels"):
                assert b"TargetMode" not in file.read(name)
                assert b"hyperlink" not in file.read(name)
        assert b"example.org" not in file.read("word/document.xml")
    known = Document(io.BytesIO(content)).core_properties
    assert (known.author, known.comments, known.last_modified_by) == ("听泉坳村村民委员会", "", "")
    assert known.created == AT


def test_a_code_has_words_for_those_who_do_not_see_it():
    content = made(lambda paper: paper.code("https://example.org/", title="总码", beside=["公示单第 1 号", "0000"]))
    (picture,) = Document(io.BytesIO(content)).inline_shapes
    assert picture._inline.docPr.get("descr") == "总码"
    assert round(picture.width.mm) == 26
    assert "公示单第 1 号0000" in words(content)


def test_a_table_fills_the_line_repeats_its_headings_and_keeps_rows_whole():
    content = made(lambda paper: paper.table(["号牌", "姓名"], [(1, "张三"), (2, "李四\n代")], [1, 3], height=14))
    table = one(part(content, "document.xml"), "w:body/w:tbl")
    rows = table.findall("w:tr", {"w": W})
    widths = [int(values(column)["w"]) for column in table.findall("w:tblGrid/w:gridCol", {"w": W})]
    assert (round(sum(widths) / MM), widths[1] // widths[0]) == (156, 3)
    assert [row.find("w:trPr/w:tblHeader", {"w": W}) is not None for row in rows] == [True, False, False]
    assert all(row.find("w:trPr/w:cantSplit", {"w": W}) is not None for row in rows)
    assert round(int(values(one(rows[1], "w:trPr/w:trHeight"))["val"]) / MM) == 14
    assert [cell.text for cell in Document(io.BytesIO(content)).tables[0].rows[2].cells] == ["2", "李四\n代"]


HOSTILE = {
    "controls": "甲\x00\x01\x08\x0b\x0c\x1f乙\x7f\x85丙",
    "halves and non-characters": "甲\ud800乙\udfff丙\ufffe\uffff",
    "markup": "</w:t></w:r><w:r><w:instrText>x&amp;\"'>]]>",
    "emoji": "同意👍🏽👨‍👩‍👧",
    "rare characters": "𠀀𪚥㐂𫠠𲎯",
    "a long word": "a" * 5000,
    "directions": "\u202e三张\u2066\u2069",
    "tabs and ends": "甲\t乙\r\n丙\u2028丁",
    "nothing": "",
    "formula": "=cmd|' /C calc'!A0",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_breaks_the_file_or_leaves_its_place(text):
    def write(paper):
        paper.title(text, under=text or "副")
        paper.heading(text)
        paper.text(f"前{text}后")
        paper.fact(text, text)
        paper.addressee(text)
        paper.small(text)
        paper.closing(text, text)
        paper.table([text, "乙"], [(text, f"前{text}后")], [1, 1])
        paper.code(f"https://example.org/{one_line(text)[:20]}", title=text, beside=[text])

    content = made(write, title=text, author=text, header=text)
    again = Document(io.BytesIO(content))
    assert len(again.tables) == 2
    whole = printable(f"前{text}后")
    assert "".join(again.tables[0].rows[1].cells[1].text.split()) == "".join(whole.split())
    assert part(content, "document.xml").find(".//w:instrText", {"w": W}) is None


def test_rare_characters_and_emoji_stay_as_they_are():
    content = made(lambda paper: paper.text("𠀀𪚥家👍🏽"))
    assert "𠀀𪚥家👍🏽" in words(content)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec=None)))
def test_whatever_is_written_can_be_read_again(text):
    content = made(lambda paper: (paper.text(text), paper.table(["a"], [(text,)], [1])))
    read = Document(io.BytesIO(content)).tables[0].rows[1].cells[0].text
    assert "".join(read.split()) == "".join(printable(text).split())


def test_numerals_as_headings_carry_them():
    assert [chinese_number(number) for number in (1, 10, 12, 20, 105)] == ["一", "十", "十二", "二十", "一百零五"]
