"""The minutes on paper: what the page of the minutes shows its reader, a page to sign, and the lists as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from consultation.minutes import arrivals, later_results, named_ballots
from consultation.models import Attendance, Meeting, Minutes
from consultation.signing import page_rows
from consultation.wording import majority_in_words
from ui.dates import plain_date
from ui.numerals import chinese_number
from ui.official_paper import Paper

from .tallies import write_tally

DRAFT = "草稿（没有签字，不作依据）"


def minutes_paper(minutes: Minutes, *, inside: bool, sees_arrivals: bool) -> bytes:
    """The minutes as .docx. `inside` adds who said what and who voted what in the open votes, `sees_arrivals` who was
    there by name. Residents' names are no matter for the public (PIPL art. 25)."""
    with translation.override("zh-hans"):
        meeting, facts = minutes.meeting, minutes.facts
        paper = paper_of(minutes, f"{meeting.title}记录")
        paper.title(f"{meeting.title}记录")
        write_facts(paper, facts, meeting)
        sections = Sections(paper)
        if minutes.proceedings.strip():
            sections.next("会议经过")
            paper.text(minutes.proceedings if inside else "谁说了什么，只给本村（社区）的人看。")
        if facts.get("motions"):
            sections.next("表决情况")
            write_motions(paper, facts["motions"], meeting)
        if minutes.opinion.strip():
            sections.next("协商意见")
            paper.text(minutes.opinion)
        write_addenda(paper, sections, minutes)
        write_signatures(paper, minutes, inside=inside)
        if sees_arrivals:
            _write_arrivals(paper, arrivals(meeting))
        if inside:
            _write_named(paper, named_ballots(meeting))
        return paper.content()


class Sections:
    """一、二、三、 however many there are."""

    def __init__(self, paper: Paper) -> None:
        self._paper, self._number = paper, 0

    def next(self, title: str) -> None:
        self._number += 1
        self._paper.heading(f"{chinese_number(self._number)}、{title}")


def paper_of(minutes: Minutes, title: str) -> Paper:
    """An empty paper with what its header says: the draft that it is, or the checksum of what was signed."""
    village = minutes.meeting.village
    return Paper(
        title=title,
        author=f"{village.name}{village.committee_name}",
        made_at=minutes.signed_at or timezone.now(),
        header=header_of(minutes),
    )


def header_of(minutes: Minutes) -> str:
    """What stands above every page: that it is a draft, that not all have signed yet, what was signed."""
    if not minutes.digest:
        return DRAFT
    signed = f"签字时校验值 {minutes.digest}"
    return f"还没有签齐　{signed}" if minutes.state == Minutes.State.CHECKED else signed


def write_facts(paper: Paper, facts: dict[str, Any], meeting: Meeting) -> None:
    """Time, place, people, numbers, and by which rule they were enough."""
    basis, unit = in_brackets(facts.get("basis", "")), facts["unit"]
    paper.fact("时间", facts["time"])
    paper.fact("地点", facts["place"])
    for one in facts.get("places", ()):
        paper.fact("分会场", f"{one['place']}（{one['present']} {unit}）")
    paper.fact("会议", f"{facts['body']}{basis}")
    for label, key in (("主持", "chair"), ("记录", "recorder"), ("计票", "teller"), ("监票", "scrutineer")):
        if facts.get(key):
            paper.fact(label, facts[key])
    paper.fact("应到", f"{facts['entitled']} {unit}")
    paper.fact(
        "实到",
        f"{facts['present']} {unit}（其中女 {facts['women']}），{quorum_words(facts, meeting)}",
    )
    if ways := _ways(facts.get("methods", {})):
        paper.fact("签到方式", ways)
    paper.fact("缺席", facts["absent"])
    if meeting.procedure["binding"]:
        paper.fact("通过条件", f"{majority_in_words(meeting.procedure)}{basis}")
    for label, key in (("列席", "invited"), ("立即召开的原因", "urgent_reason"), ("远程参加的依据", "remote_basis")):
        if facts.get(key):
            paper.fact(label, facts[key])


def in_brackets(source: str) -> str:
    return f"（{source}）" if source else ""


def quorum_words(facts: dict[str, Any], meeting: Meeting) -> str:
    """How many had to come and who says so: the law, or the place itself where the law is silent."""
    source = meeting.procedure.get("quorum_basis") or facts.get("basis", "")
    return f"{facts['quorum']}为 {facts['required']}{in_brackets(source)}"


def _ways(methods: dict[str, int]) -> str:
    labels = dict(Attendance.Method.choices)
    return "，".join(f"{labels.get(method, method)} {number}" for method, number in methods.items())


def write_motions(paper: Paper, motions: Sequence[dict[str, Any]], meeting: Meeting) -> None:
    for place, motion in enumerate(motions, 1):
        paper.heading(f"（{chinese_number(place)}）{motion['text']}", level=2)
        write_tally(paper, motion, meeting.village)


def write_addenda(paper: Paper, sections: Sections, minutes: Minutes) -> None:
    """What came after the signatures, told as such: results, then words."""
    village = minutes.meeting.village
    if later := later_results(minutes):
        sections.next("补记：签字以后的结果和更正")
        for place, motion in enumerate(later, 1):
            paper.heading(f"（{chinese_number(place)}）{motion['text']}", level=2)
            reason = f"原因：{motion['reason']}" if motion["reason"] else ""
            paper.text(f"{plain_date(motion['on'])}作出，代替上面同一事项的结果。{reason}")
            write_tally(paper, motion, village)
    if written := list(minutes.addenda.all()):
        sections.next("补记：签字以后补充的话")
        for one in written:
            paper.heading(f"（{chinese_number(one.number)}）第 {one.number} 号补记", level=2)
            paper.text(one.text)
            paper.text(
                f"{one.writer_name} {plain_date(village.local_date(one.written_at))}写，"
                f"{one.confirmer_name} {plain_date(village.local_date(one.confirmed_at))}确认。"
            )
            paper.small(f"校验值：{one.digest}")


def write_signatures(paper: Paper, minutes: Minutes, *, inside: bool = False) -> None:
    """A page of its own: who signed in the portal, and room for hands, thumbs and the seal."""
    village = minutes.meeting.village
    paper.heading("签字页", new_page=True)
    paper.small("")
    rows = [[label, "\n".join(words), "", ""] for label, words in page_rows(minutes, inside=inside)]
    paper.table(["", "在网站上签字、核对", "签名（按手印）", "日期"], rows, [3, 4, 5, 3], height=14)
    if minutes.digest:
        paper.small(f"签字时校验值：{minutes.digest}")
    paper.small(f"网上的会议记录：{settings.PUBLIC_URL}{minutes.meeting.address('minutes')}")
    paper.closing(f"{village.name}{village.committee_name}（盖章）", "　　年　　月　　日")


def _write_arrivals(paper: Paper, people: Sequence[dict[str, Any]]) -> None:
    paper.heading("附：到会名单", new_page=True)
    paper.small("只给会议人员和监督委员会核对、归档用，不要张贴。")
    rows = [
        [one["number"], one["name"], f"{one['group']}组" if one["group"] else "", one["method"], ""] for one in people
    ]
    paper.table(["号牌", "姓名", "组别", "签到方式", "备注"], rows, [2, 4, 2, 3, 4])


def _write_named(paper: Paper, named: Sequence[dict[str, Any]]) -> None:
    if not named:
        return
    paper.heading("附：记名表决名单", new_page=True)
    paper.small("只给本村（社区）的人看，不要张贴。")
    for place, group in enumerate(named, 1):
        paper.heading(f"（{chinese_number(place)}）{group['text']}", level=2)
        rows = [[line["label"], len(line["names"]), "、".join(line["names"])] for line in group["lines"]]
        paper.table(["选择", "人数", "姓名"], rows, [2, 1, 8])
