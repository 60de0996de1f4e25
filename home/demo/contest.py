"""The campaign's pages: announcement, calendar, criteria, results and the editions before."""

from __future__ import annotations

import datetime
from typing import Any

from contest.models import ContestIndexPage, ContestPage
from home.models import HomePage
from home.villages import add_page

from .files import Days


def _table(caption: str, headings: list[str], rows: list[list[str]]) -> tuple[str, dict[str, Any]]:
    return ("table", {"caption": caption, "headings": headings, "rows": [{"cells": cells} for cells in rows]})


def _day(day: datetime.date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def _stage_rows(stages: list[dict[str, Any]], days: Days) -> list[list[str]]:
    rows = []
    for stage in stages:
        if "date" in stage:
            when = _day(days.date(stage["date"]))
        else:
            when = f"{_day(days.date(stage['opens']))}至{_day(days.date(stage['closes']))}"
        rows.append([stage["label"], when])
    return rows


def _results(document: dict[str, Any], names: dict[str, str]) -> list[list[str]]:
    ranked = [entry for entry in document.get("entries", []) if entry.get("result", {}).get("rank")]
    ranked.sort(key=lambda entry: entry["result"]["rank"])
    return [
        [
            str(entry["result"]["rank"]),
            names.get(entry["village"], ""),
            entry["title"],
            f"{entry['result']['expert_score']:.2f}",
            f"{entry['result']['public_score']:.2f}",
            f"{entry['result']['final_score']:.2f}",
            entry["result"].get("award") or "",
        ]
        for entry in ranked
    ]


def load_contest(document: dict[str, Any], names: dict[str, str], days: Days) -> None:
    """The edition of the file with its published results. `names` are village names by slug."""
    home = HomePage.objects.get()
    index = ContestIndexPage.objects.first() or add_page(
        home, ContestIndexPage(title="寻找最美村规", slug="contest", summary="好规矩，大家找、大家评、大家学。")
    )
    contest = document["contest"]
    if ContestPage.objects.filter(slug=contest["slug"]).exists():
        return
    criteria = [[c["label"], str(c["max"]), c["description"]] for c in contest["criteria"]]
    body = [
        ("heading", "评什么"),
        ("paragraph", f"<p>{contest['scope']}</p>"),
        ("heading", "申报条件"),
        ("paragraph", "<ul>" + "".join(f"<li>{line}</li>" for line in contest["eligibility"]) + "</ul>"),
        ("heading", "日程"),
        _table("", ["阶段", "时间"], _stage_rows(contest["stages"], days)),
        ("heading", "评分"),
        _table("", ["项目", "满分", "看什么"], criteria),
        (
            "paragraph",
            f"<p>总分 = 专家分 × {contest['weights']['expert']}% + 公众分 × {contest['weights']['public']}%。"
            f"{contest['recusal_rule']}。</p>",
        ),
    ]
    results = _results(document, names)
    if results:
        body += [
            ("heading", "结果"),
            _table("", ["名次", "村（社区）", "申报题目", "专家分", "公众分", "总分", "称号"], results),
        ]
    first, last = contest["stages"][0], contest["stages"][-1]
    add_page(
        index,
        ContestPage(
            title=contest["title"],
            slug=contest["slug"],
            organiser="、".join(contest["organizer"]),
            opens_on=days.date(first.get("date") or first.get("opens")),
            closes_on=days.date(last.get("date") or last.get("closes")),
            body=body,
        ),
    )


def load_open_contest(document: dict[str, Any], names: dict[str, str], days: Days) -> None:
    """The small edition whose vote is running while the demo is looked at."""
    row = document["open_demo"]
    if ContestPage.objects.filter(slug=row["slug"]).exists():
        return
    lines = [[names.get(entry["village"], ""), entry["line"]] for entry in row["entries"]]
    when = row["relative"]
    add_page(
        ContestIndexPage.objects.get(),
        ContestPage(
            title=row["title"],
            slug=row["slug"],
            summary="把心里的邻里公约写成一句话。",
            opens_on=days.after(when["submission_opens"]),
            closes_on=days.after(when["voting_closes"]),
            body=[
                ("paragraph", "<p>用一句话说出你心里的邻里公约。</p>"),
                ("heading", "入选的话"),
                _table("", ["村（社区）", "一句话"], lines),
            ],
        ),
    )
    for past in document["past"]:
        awarded = [[names.get(a["village"], ""), a["title"], a["award"]] for a in past["awarded"]]
        add_page(
            ContestIndexPage.objects.get(),
            ContestPage(
                title=past["title"], slug=past["slug"], body=[_table("", ["村（社区）", "作品", "称号"], awarded)]
            ),
        )
