"""Word files as villages write them, each read into its chapters, articles and items."""

from __future__ import annotations

from typing import Any

import pytest
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from villagerules.reading import Reading
from villagerules.sources import read_source

from .word_files import level, list_of, made, numbered, typed


def read(content: bytes) -> Reading:
    return read_source("cungui.docx", content)[0]


def told(content: bytes) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Chapters, each with its articles' label, title and text."""
    return [
        (chapter.heading, [(one.label, one.title, one.text) for one in chapter.articles])
        for chapter in read(content).rules.chapters
    ]


def codes(content: bytes) -> list[str]:
    return [remark.code for remark in read(content).remarks]


def test_typed_numbers() -> None:
    content = typed(
        "听泉坳村村规民约",
        "泉从坳里出，话在屋场说。",
        "第一章 总则",
        "第一条 户口在本村的人都应当遵守。",
        "外出的人也算数。",
        "第二条 有下列情形的，先调解：",
        "（一）田界；",
        "（二）水路。",
        "调解不成的，按照第一条处理。",
        "第二章 附则",
        "第三条 本约自通过之日起施行。",
    )
    assert told(content) == [
        (
            "第一章　总则",
            [
                ("第一条", "", "户口在本村的人都应当遵守。\n外出的人也算数。"),
                ("第二条", "", "有下列情形的，先调解：\n（一）田界；\n（二）水路。\n调解不成的，按照第一条处理。"),
            ],
        ),
        ("第二章　附则", [("第三条", "", "本约自通过之日起施行。")]),
    ]
    reading = read(content)
    assert (reading.rules.title, reading.rules.preamble) == ("听泉坳村村规民约", "泉从坳里出，话在屋场说。")
    assert not reading.remarks


def test_full_width_spaces() -> None:
    content = typed(
        "听　泉　坳　村　村　规　民　约",
        "第 一 章　　总　　则",
        "　　第　一　条　　不乱倒垃圾。",
        "　　第１２条　不赌博。",
        "　　（ 一 ）　不打牌；",
    )
    assert told(content) == [
        ("第一章　总则", [("第一条", "", "不乱倒垃圾。"), ("第十二条", "", "不赌博。\n（一）不打牌；")])
    ]
    assert read(content).rules.title == "听泉坳村村规民约"
    assert codes(content) == ["article_gap"]


def _automatic(document: Any) -> None:
    document.add_paragraph("某村村规民约")
    list_of(
        document,
        level(0, "chineseCountingThousand", "第%1章")
        + level(1, "chineseCountingThousand", "第%2条", more='<w:lvlRestart w:val="0"/>')
        + level(2, "chineseCounting", "（%3）"),
    )
    for depth, text in (
        (0, "总则"), (1, "大家都要遵守。"), (1, "有下列情形的："), (2, "田界；"), (2, "水路。"),
        (0, "附则"), (1, "公布之日起施行。"), (1, "解释权归村民会议："), (2, "重新数起。"),
    ):  # fmt: skip
        numbered(document, text, depth)


def test_automatic_numbers_are_read_from_the_list() -> None:
    assert told(made(_automatic)) == [
        (
            "第一章　总则",
            [("第一条", "", "大家都要遵守。"), ("第二条", "", "有下列情形的：\n（一）田界；\n（二）水路。")],
        ),
        ("第二章　附则", [("第三条", "", "公布之日起施行。"), ("第四条", "", "解释权归村民会议：\n（一）重新数起。")]),
    ]
    assert codes(made(_automatic)) == []


def test_automatic_numbers_of_a_style_of_a_list_that_begins_anew_and_of_none() -> None:
    def build(document: Any) -> None:
        document.add_paragraph("某村村规民约")
        list_of(
            document,
            level(0, "chineseCounting", "第%1条", start=3),
            lists=((90, ""), (91, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>')),
        )
        style = document.styles.add_style("条文", 1)
        style.element.get_or_add_pPr().append(parse_xml(f'<w:numPr {nsdecls("w")}><w:numId w:val="90"/></w:numPr>'))
        child = document.styles.add_style("条文加粗", 1)
        child.base_style = style
        document.add_paragraph("不赌博。", style="条文")
        document.add_paragraph("不吸毒。", style="条文加粗")
        numbered(document, "这一段不编号。", 0, number=0).style = style
        numbered(document, "不酗酒。", 0, number=91)
        numbered(document, "不斗殴。", 0, number=91)

    assert [one[:1] + one[2:] for one in told(made(build))[0][1]] == [
        ("第三条", "不赌博。"), ("第四条", "不吸毒。\n这一段不编号。"), ("第七条", "不酗酒。"), ("第八条", "不斗殴。"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "text", "label"),
    [
        ("decimal", "第%1条", "第一条"), ("decimalFullWidth", "第%1条", "第一条"), ("decimalZero", "第%1条", "第一条"),
        ("ideographDigital", "第%1条", "第一条"), ("chineseLegalSimplified", "第%1条", "第一条"),
        ("japaneseCounting", "第%1条", "第一条"), ("chineseCounting", "%1、", "第一条"), ("decimal", "%1.", "第一条"),
    ],
)  # fmt: skip
def test_formats_of_automatic_numbers(form: str, text: str, label: str) -> None:
    def build(document: Any) -> None:
        document.add_paragraph("某村村规民约")
        list_of(document, level(0, form, text))
        numbered(document, "不赌博，不放高利贷。", 0)
        numbered(document, "不乱倒垃圾，不乱堆柴草。", 0)

    assert told(made(build))[0][1][0] == (label, "", "不赌博，不放高利贷。")


def test_bullets_and_letters_are_no_articles() -> None:
    def build(document: Any) -> None:
        for line in ("某村村规民约", "第一条 应当："):
            document.add_paragraph(line)
        list_of(document, level(0, "bullet", "") + level(1, "lowerLetter", "%2)") + level(2, "upperRoman", "%3."))
        numbered(document, "孝老。", 0)
        numbered(document, "爱幼。", 1)
        numbered(document, "睦邻。", 2)

    assert told(made(build))[0][1] == [("第一条", "", "应当：\n孝老。\na)爱幼。\nI.睦邻。")]


def test_headings_by_style() -> None:
    def build(document: Any) -> None:
        document.add_heading("某村村规民约", 0)
        document.add_heading("总则", 1)
        document.add_paragraph("第一条 大家遵守。")
        document.add_heading("环境卫生", 1)
        document.add_paragraph("第二条 门前自己扫。")

    assert [heading for heading, _articles in told(made(build))] == ["第一章　总则", "第二章　环境卫生"]
    assert codes(made(build)) == ["headings"]


def test_articles_in_a_table() -> None:
    def build(document: Any) -> None:
        document.add_paragraph("某村村规民约")
        table = document.add_table(rows=3, cols=2)
        for row, cells in enumerate((("序号", "内容"), ("第一条", "不赌博。"), ("第二条", "孝老：\n（一）常打电话；"))):
            for column, words in enumerate(cells):
                table.cell(row, column).text = words

    assert told(made(build)) == [("", [("第一条", "", "不赌博。"), ("第二条", "", "孝老：\n（一）常打电话；")])]
    assert codes(made(build)) == ["table"]


def test_a_table_that_only_lays_out_and_one_with_bare_numbers() -> None:
    def build(document: Any) -> None:
        document.add_paragraph("某村村规民约")
        frame = document.add_table(rows=1, cols=1).cell(0, 0)
        frame.text = "第一条 不赌博。\n第二条 标准如下："
        inner = document.add_table(rows=2, cols=3)
        for column, words in enumerate(("红事", "二十桌", "提倡")):
            inner.cell(0, column).text = words
        inner.cell(1, 0).merge(inner.cell(1, 2)).text = "只劝不罚。"

    assert told(made(build))[0][1] == [
        ("第一条", "", "不赌博。"), ("第二条", "", "标准如下：\n红事 二十桌 提倡\n只劝不罚。"),
    ]  # fmt: skip

    def counted(document: Any) -> None:
        document.add_paragraph("某村村规民约")
        table = document.add_table(rows=2, cols=2)
        for row, words in enumerate(("不赌博。", "不打架。")):
            table.cell(row, 0).text = str(row + 1)
            table.cell(row, 1).text = words

    assert [one[0] for one in told(made(counted))[0][1]] == ["第一条", "第二条"]


def test_no_chapters_and_titles_of_articles() -> None:
    content = typed(
        "老榨坊村村规十条", "第一条 【油要真】榨油用好籽。", "第二条（客要敬）农家乐明码标价。", "第三条 水要清",
        "泔水进桶、油水过池。", "第三条之一　　车要顺　　县道边不停车。", "第四条 不打人",
    )  # fmt: skip
    assert told(content) == [
        (
            "",
            [
                ("第一条", "油要真", "榨油用好籽。"), ("第二条", "客要敬", "农家乐明码标价。"),
                ("第三条", "水要清", "泔水进桶、油水过池。"), ("第三条之一", "车要顺", "县道边不停车。"),
                ("第四条", "", "不打人"),
            ],
        )
    ]  # fmt: skip


def test_sections_that_are_no_articles() -> None:
    content = typed(
        "某村村规民约", "一、总则", "第一条 大家遵守。", "二、环境", "第二条 门前自己扫。",
        "三、收费标准见附件，另行公布。",
    )  # fmt: skip
    assert told(content) == [
        ("第一章　总则", [("第一条", "", "大家遵守。")]),
        ("第二章　环境", [("第二条", "", "门前自己扫。\n三、收费标准见附件，另行公布。")]),
    ]
    assert codes(content) == ["heading_as_chapter", "heading_as_chapter", "kept_as_text"]


@pytest.mark.parametrize(
    ("lines", "labels"),
    [
        (["一、不赌博，不打牌。", "二、孝敬老人："  , "（一）常打电话；"], ["第一条", "第二条"]),
        (["1、不赌博。", "2．孝敬老人。", "３）爱护公物。"], ["第一条", "第二条", "第三条"]),
        (["（一）不赌博。", "（二）孝敬老人。"], ["第一条", "第二条"]),
        (["不赌博，不打牌，不买码。", "孝敬老人。"], ["第一条", "第二条"]),
        (["一、家风", "1、不赌博。", "2、孝敬老人。", "二、环境", "1、门前自己扫。"], ["第一条", "第二条", "第三条"]),
    ],
)  # fmt: skip
def test_villages_that_do_not_write_articles(lines: list[str], labels: list[str]) -> None:
    rules = read(typed("某村村规民约", *lines)).rules
    assert [one.label for one in rules.articles] == labels


def test_gaps_and_repeats() -> None:
    content = typed(
        "某村村规民约", "第一章 总则", "第一条 甲。", "第三条 乙。", "第三条 丙：", "（一）丁；", "（三）戊；",
        "（三）己。", "第三章 附则", "第二条 庚。", "第八条之二 辛。",
    )  # fmt: skip
    reading = read(content)
    assert [(one.line, one.code) for one in reading.remarks] == [
        (4, "article_gap"), (5, "article_twice"), (5, "item_gap"), (5, "item_twice"), (9, "chapter_gap"),
        (10, "article_order"), (11, "article_gap"),
    ]  # fmt: skip
    assert not reading.stops
    assert [one.label for one in reading.rules.articles] == [
        "第一条", "第三条", "第三条", "第二条", "第八条之二",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["第一章 总则", "第一条 甲。", "第一章 附则", "第二条 乙。"], "chapter_twice"),
        (["第一条", "第二条 乙。"], "empty_article"),
        (["第一章 总则", "大家商量订立，写在前面的话。", "第一条 甲。"], "before_articles"),
        ([], "no_text"),
        (["第一段 起板"], "empty_stanza"),
        (["第一条 【" + "长" * 121 + "】甲。", "第一章 " + "长" * 121], "long_title"),
        ([f"第{n}条 甲" for n in range(1, 1001)], "too_many"),
    ],
)
def test_what_must_be_mended_first(lines: list[str], code: str) -> None:
    assert code in [remark.code for remark in read(typed("某村村规民约", *lines)).stops]


def test_chapters_that_number_their_articles_anew() -> None:
    content = typed(
        "某村村规民约", "第一章 总则", "第一条 甲。", "第二条 乙。", "第二章 环境", "第一条 丙。", "第二条 丁。",
    )  # fmt: skip
    assert codes(content) == ["restarts"]


def test_citations_stay_text() -> None:
    content = typed(
        "某村村规民约", "第一条 按照第二条处理。", "第二条 违反", "第一条的，批评教育。", "第三条规定的情形除外。",
        "第三条 情节见第一条第二款第（三）项。",
    )  # fmt: skip
    assert [(one.label, one.text) for one in read(content).rules.articles] == [
        ("第一条", "按照第二条处理。"), ("第二条", "违反第一条的，批评教育。\n第三条规定的情形除外。"),
        ("第三条", "情节见第一条第二款第（三）项。"),
    ]  # fmt: skip


def test_a_convention_without_a_preamble_begins_with_its_first_article() -> None:
    content = typed("橘灯里社区居民公约", "第一条 不乱倒垃圾。", "第二条 违反本公约", "第一条的，批评教育。")
    assert [(one.label, one.text) for one in read(content).rules.articles] == [
        ("第一条", "不乱倒垃圾。"), ("第二条", "违反本公约第一条的，批评教育。"),
    ]  # fmt: skip


def test_articles_may_begin_with_what_citations_go_on_with() -> None:
    content = typed(
        "某村村规民约", "第一条 办理红白事，先登记。", "第二条　到村里办事不送礼。", "第三条办理丧事，从俭。",
        "第四条和邻居商量，按", "第三条办理。",
    )  # fmt: skip
    assert [(one.label, one.text) for one in read(content).rules.articles] == [
        ("第一条", "办理红白事，先登记。"), ("第二条", "到村里办事不送礼。"), ("第三条", "办理丧事，从俭。"),
        ("第四条", "和邻居商量，按\n第三条办理。"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("above", "below", "body", "on"),
    [
        (["（2026年2月20日村民会议通过）"], [], "villagers_assembly", "2026-02-20"),
        ([], ["听泉坳村村民代表大会", "二〇二六年二月二十日"], "villagers_representative_assembly", "2026-02-20"),
        (["（2019年3月5日村民会议通过 2026年2月20日修订）"], [], "villagers_assembly", "2026-02-20"),
        ([], ["橘灯里社区居民会议　　2026.2.20"], "residents_assembly", "2026-02-20"),
        ([], ["听泉坳村村民委员会", "2026年2月20日"], "", "2026-02-20"),
        ([], ["听泉坳村全体村民", "　年　月　日"], "villagers_assembly", None),
    ],
)
def test_who_adopted_it_and_when(above: list[str], below: list[str], body: str, on: str | None) -> None:
    reading = read(typed("某村村规民约", *above, "第一条 不赌博。", *below))
    assert reading.adoption.body == body
    assert (reading.adoption.on.isoformat() if reading.adoption.on else None) == on
    assert [one.text for one in reading.rules.articles] == ["不赌博。"]


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("本约自2026年4月1日起施行。", "2026-04-01"), ("本约自村民会议通过之日起施行。", "2026-02-20"),
        ("本约从大家签字起算数。", None),
    ],
)  # fmt: skip
def test_from_what_day_it_is_in_force(words: str, day: str | None) -> None:
    adoption = read(typed("某村村规民约", "（2026年2月20日村民会议通过）", f"第一条 {words}")).adoption
    assert (adoption.effective_on.isoformat() if adoption.effective_on else None) == day


def test_a_rhyme_in_stanzas() -> None:
    content = typed(
        "渔灯湾村渔鼓唱本", "渔鼓一敲响叮咚", "各位乡亲听分明", "上岸安家新日子", "几条规矩记在心", "",
        "长江十年要禁捕", "电网地笼莫再提", "湾里清清养莲藕", "谁往水里倒垃圾",
    )  # fmt: skip
    rules = read(content).rules
    assert rules.style == "rhyme"
    assert [(one.number, one.lines[0], len(one.lines)) for one in rules.stanzas] == [
        (1, "渔鼓一敲响叮咚", 4), (2, "长江十年要禁捕", 4),
    ]  # fmt: skip


def test_a_rhyme_with_names_and_soft_line_breaks() -> None:
    def build(document: Any) -> None:
        document.add_paragraph("某村三字经")
        for name, verses in (
            ("【孝老】", ["爹娘恩", "记在心", "常问候", "莫离分"]),
            ("【睦邻】", ["好邻里", "胜远亲", "有难处", "大家帮"]),
        ):
            document.add_paragraph(name)
            paragraph = document.add_paragraph()
            for n, verse in enumerate(verses):
                run = paragraph.add_run(verse)
                if n + 1 < len(verses):
                    run.add_break(WD_BREAK.LINE)

    rules = read(made(build)).rules
    assert [(one.title, len(one.lines)) for one in rules.stanzas] == [("孝老", 4), ("睦邻", 4)]


def test_articles_with_a_rhyme_before_them_are_articles() -> None:
    content = typed(
        "某村村规民约", "渔鼓一敲响叮咚", "各位乡亲听分明", "上岸安家新日子", "几条规矩记在心", "第一条 不赌博。"
    )
    rules = read(content).rules
    assert (rules.style, rules.preamble.count("\n")) == ("articles", 3)


def test_contents_are_left_out() -> None:
    content = typed(
        "某村村规民约", "目　录", "第一章 总则……1", "第二章 附则……2", "第一章 总则", "第一条 甲。", "第二章 附则",
        "第二条 乙。",
    )  # fmt: skip
    assert [heading for heading, _articles in told(content)] == ["第一章　总则", "第二章　附则"]
    assert codes(content) == ["contents"]


def test_words_in_changes_and_boxes() -> None:
    def build(document: Any) -> None:
        document.add_paragraph("某村村规民约")
        paragraph = document.add_paragraph("第一条 不")
        for tag, inner in (
            ("ins", "<w:t>赌博</w:t>"),
            ("del", "<w:delText>打牌</w:delText>"),
            ("moveFrom", "<w:t>走</w:t>"),
        ):
            paragraph._p.append(
                parse_xml(f'<w:{tag} {nsdecls("w")} w:id="1" w:author="x"><w:r>{inner}</w:r></w:{tag}>')
            )
        paragraph.add_run("。")
        box = document.add_paragraph()
        box._p.append(
            parse_xml(
                f"<w:r {nsdecls('w')}><w:pict><w:txbxContent><w:p><w:r><w:t>框里的字</w:t></w:r></w:p></w:txbxContent>"
                "</w:pict></w:r>"
            )
        )
        note = document.add_paragraph("第二条 见注。")
        note._p.append(parse_xml(f'<w:r {nsdecls("w")}><w:footnoteReference w:id="1"/></w:r>'))
        assert paragraph._p.find(qn("w:ins")) is not None

    assert [one[2] for one in told(made(build))[0][1]] == ["不赌博。", "见注。"]
    assert codes(made(build)) == ["text_boxes", "tracked", "notes"]
