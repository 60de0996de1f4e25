"""How a motion was counted, on paper: by channel and sheet as its bulletin shows them to everybody, and no further."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consultation.bulletin_reads import bulletin_mark, opened_by_root
from consultation.options import YES_NO
from residents.models import Village
from ui.official_paper import Paper


def write_tally(paper: Paper, motion: Mapping[str, Any], village: Village) -> None:
    """One motion of the minutes' facts: the counts, the sentence of the arithmetic, the sheets, the way to check it."""
    named = motion.get("bulletin")
    opened = opened_by_root(village, [named] if named else []).get(named["number"]) if named else None
    ways = [channel for channel in opened.channels if channel.counts is not None] if opened else []
    if not motion["lines"]:  # it was talked about and not voted
        pass
    elif {line["key"] for line in motion["lines"]} <= {*YES_NO}:
        labels = [line["label"] for line in motion["lines"]]
        rows: list[list[object]] = [[way.label, *(way.counts or ())] for way in ways]
        rows.append(["合计", *(line["count"] for line in motion["lines"])])
        paper.table(["途径", *labels], rows, [2, *[1] * len(labels)])
    else:  # options stand one below the other: there may be many, and their words long
        shown = opened.rows if opened else []
        rows = [[row.label, *row.counts, row.total] for row in shown] or [
            [line["label"], line["count"]] for line in motion["lines"]
        ]
        paper.table(["方案", *(way.label for way in ways), "合计"], rows, [4, *[2] * len(ways), 1])
    paper.fact("结果", "：".join(filter(None, (motion["outcome_label"], motion.get("referred_to", "")))))
    paper.text(motion.get("ballots", ""))
    if motion["lines"]:
        paper.text(f"{motion['method']}，{'无记名' if motion['secret'] else '记名'}。{motion.get('arithmetic', '')}")
    paper.text(motion.get("words", ""))
    for told in opened.told_sheets if opened else ():
        paper.text(told)
    paper.text(motion.get("note", ""))
    if named:
        mark = bulletin_mark(village, named["number"], named["root"])
        paper.code(
            mark.link,
            title=f"公示单第 {mark.number} 号的总码",
            beside=[f"公示单第 {mark.number} 号，总码：", mark.fours, mark.link.split("#")[0]],
        )
