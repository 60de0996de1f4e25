"""The yearly ledger as a workbook: meetings, topics, and how its figures were counted."""

from __future__ import annotations

import io
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from openpyxl import Workbook

from residents.sheets.printed import TITLE, add_page, cell, plain
from ui.dates import plain_date
from ui.printable import printable

from .ledger import Ledger, MeetingLine, TopicLine


def ledger_sheet(ledger: Ledger) -> bytes:
    """The workbook; numbers and days are such, and no text is ever run as a formula."""
    book = Workbook(write_only=True)
    author = f"{ledger.village.name}{ledger.village.committee_name}"
    book.properties.creator = book.properties.lastModifiedBy = printable(author)
    named = {"village": ledger.village.name, "year": ledger.year}
    title = _("%(village)s %(year)s 年议事协商台账") % named
    add_page(
        book, _("会议和协商"), title, _made(ledger), _MEETING_WIDTHS, _meeting_headings(),
        (_meeting_row(number, line) for number, line in enumerate(ledger.meetings, 1)),
        _("这一年没有开过会，也没有协商过。"),
    )  # fmt: skip
    add_page(
        book, _("议题"), _("%(village)s %(year)s 年提出的议题") % named, _made(ledger), _TOPIC_WIDTHS,
        _topic_headings(), (_topic_row(line) for line in ledger.topics), _("这一年没有人提出议题。"),
    )  # fmt: skip
    _figures(book, title, ledger)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _made(ledger: Ledger) -> str:
    return _("%(day)s导出，按当天的情况。") % {"day": plain_date(ledger.on)}


_MEETING_WIDTHS = (6, 8, 12, 18, 8, 24, 28, 18, 8, 8, 12, 44, 12, 36, 36, 10, 30)


def _meeting_headings() -> list[str]:
    return [
        _("序号"), _("编号"), _("日期"), _("类别"), _("性质"), _("名称"), _("议题"), _("地点"), _("应到"), _("实到"),
        _("单位"), _("结果"), _("状态"), _("协商意见"), _("落实情况"), _("意见条数"), _("网址"),
    ]  # fmt: skip


def _meeting_row(number: int, line: MeetingLine) -> list[Any]:
    meeting = line.meeting
    state = str(meeting.get_state_display())
    if meeting.state_reason:
        state = _("%(state)s：%(reason)s") % {"state": state, "reason": meeting.state_reason}
    return [
        number,
        meeting.number,
        line.on,
        line.kind,
        _("决定") if line.binding else _("协商"),
        meeting.title,
        "\n".join(line.topics),
        meeting.place,
        line.entitled,
        line.present,
        line.unit,
        "\n".join(line.results),
        state,
        line.opinion,
        "\n".join(
            _("%(title)s：%(state)s %(url)s")
            % {"title": one.title, "state": one.get_state_display(), "url": _address(one.get_absolute_url())}
            for one in line.follow_ups
        ),
        None,  # what was said aloud is not counted by the portal; somebody writes it in
        _address(meeting.get_absolute_url()),
    ]


_TOPIC_WIDTHS = (8, 12, 30, 18, 24, 8, 16, 24, 44, 12, 8, 12, 8, 12, 30)


def _topic_headings() -> list[str]:
    return [
        _("编号"), _("提出日期"), _("题目"), _("类别"), _("法律规定由谁定"), _("附议户数"), _("状态"),
        _("转给谁（并入）"), _("答复和理由"), _("答复日期"), _("用了几天"), _("最迟答复日"), _("逾期"), _("上会"),
        _("网址"),
    ]  # fmt: skip


def _topic_row(line: TopicLine) -> list[Any]:
    topic = line.topic
    into = topic.merged_into
    return [
        topic.number,
        line.on,
        line.title,
        str(topic.category),
        str(topic.get_reserved_for_display()) if topic.reserved_for else "",
        line.seconds,
        str(topic.get_state_display()),
        _("%(number)s 号议题") % {"number": into.number} if into else topic.sent_to,
        topic.reason,
        line.ended_on,
        line.days,
        topic.answer_by,
        _("是") if line.late else "",
        "、".join(_("第 %(number)s 号") % {"number": number} for number in line.meetings),
        _address(topic.get_absolute_url()),
    ]


def _address(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"


def _figures(book: Workbook, title: str, ledger: Ledger) -> None:
    """The year's sums, and what was left out or has to be written in by hand."""
    page = book.create_sheet(_("说明"))
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 60, 12
    page.append([plain(page, title, TITLE)])
    for label, number in (
        (_("会议和协商"), len(ledger.meetings)),
        (_("其中协商"), ledger.consultations),
        (_("有结果的表决事项"), ledger.motions),
        (_("其中通过"), ledger.carried),
        (_("提出的议题"), len(ledger.topics)),
        (_("其中已经答复"), ledger.answered),
        (_("其中答复晚了，或者过了期限还没有答复"), ledger.late),
        (_("落实事项"), len(ledger.follow_ups)),
        (_("其中办好了"), ledger.done),
    ):
        page.append([cell(page, label), cell(page, number)])
    page.append([])
    for words in (
        _("会议按开会那天、议题按提出那天算在哪一年；筹备中的会议不列。延期、取消的会议列出来，状态里写明原因。"),
        _("结果是现在作数的：更正过的按更正后的写。没有宣布的结果、没有签字的协商意见不写。"),
        _("无记名表决只有合计数。台账里没有居民的姓名。"),
        _("还没有答复的议题，题目是提出人自己的话，只给本村（社区）的人看；报送前请看一看。"),
        _("“意见条数”网站不统计，请按会议记录手工填写。"),
    ):
        page.append([cell(page, words)])
