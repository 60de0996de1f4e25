"""What pages show of bulletins: who may read which, a village's chain, one bulletin taken apart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from residents.models import Village

from .bulletin_text import code_number
from .models import Bulletin, Meeting, Motion, Sheet

SHORT = 16  # hex digits of a root that people compare by eye


def in_fours(digits: str) -> str:
    """Groups of four, as they are read aloud."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def readable(village: Village) -> QuerySet[Bulletin]:
    """The bulletins of results that were announced, oldest first, without their long texts."""
    return (
        Bulletin.objects.of(village)
        .filter(motion__state=Motion.State.PUBLISHED)
        .select_related("motion__meeting", "village")
        .defer("body")
        .order_by("number")
    )


def chain_lines(village: Village) -> Iterator[str]:
    """The village's file bulletins.jsonl, line by line: up to the first that is not announced yet."""
    due = 1
    for bulletin in readable(village).defer(None).iterator(chunk_size=20):
        if bulletin.number != due:
            return
        due += 1
        yield f"{bulletin.body}\n"


@dataclass(frozen=True)
class BulletinMark:
    """What stands beside a result: which bulletin it is, and its root to compare."""

    number: int
    root: str
    url: str

    @property
    def short(self) -> str:
        return in_fours(self.root[:SHORT])

    @property
    def fours(self) -> str:
        return in_fours(self.root)

    @property
    def link(self) -> str:
        """What the QR code carries: the page, and the root behind a '#', which no browser sends."""
        return f"{settings.PUBLIC_URL}{self.url}#{self.root}"

    @property
    def qr_url(self) -> str:
        return f"{self.url}qr.svg"


def bulletin_mark(village: Village, number: int, root: str) -> BulletinMark:
    return BulletinMark(number, root, reverse("consultation:bulletin", args=[village.slug, number]))


def mark_of(bulletin: Bulletin) -> BulletinMark:
    return bulletin_mark(bulletin.village, bulletin.number, bulletin.root)


def marks_in(meeting: Meeting) -> dict[int, BulletinMark]:
    """The standing bulletin of each motion of a meeting that has one, by the motion's key."""
    rows = (
        Bulletin.objects.of(meeting.village)
        .filter(motion__meeting=meeting, motion__state=Motion.State.PUBLISHED)
        .order_by("version")
        .values_list("motion_id", "number", "root")
    )
    return {motion: bulletin_mark(meeting.village, number, root) for motion, number, root in rows}


@dataclass(frozen=True)
class Channel:
    """One way of voting with its counts; `counts` None where they lie among those of another way."""

    label: str
    papers: int
    counts: tuple[int, ...] | None


@dataclass(frozen=True)
class Row:
    """One option with its votes by each way and in all."""

    label: str
    counts: tuple[int, ...]
    total: int


def _told(sheet: Mapping[str, Any]) -> str:
    title = f"{sheet['label']}（{sheet['place']}）" if sheet["place"] else sheet["label"]
    if sheet["method"] == Sheet.Method.HANDS:
        said = _("没有用别的办法投票、可以举手的 %(base)s 人。") % sheet
    elif sheet["method"] == Sheet.Method.PAPER:
        said = (
            _("发出 %(issued)s 张，写坏换发 %(spoiled)s 张，没有交回 %(not_returned)s 张，") % sheet
            + _("收回 %(returned)s 张；其中空白 %(blank)s 张，废票 %(invalid)s 张。") % sheet
        )
    else:
        said = _("收回 %(returned)s 张，其中空白 %(blank)s 张，废票 %(invalid)s 张。") % sheet
    few = "" if sheet["row"] is not None else _("票太少，和手机票放在一起数。")
    names = _("%(entered_by)s录入，%(confirmed_by)s核对。") % sheet
    return _("%(title)s：%(said)s") % {"title": title, "said": f"{said}{few}{names}"}


@dataclass(frozen=True)
class Opened:
    """A bulletin taken apart for its page."""

    bulletin: Bulletin
    body: dict[str, Any]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Key and words of everything that was counted, as the ballot of that day had it."""
        definition = self.body["definition"]
        return Motion(
            kind=definition["kind"], options=definition["options"], most=definition.get("most", 1)
        ).counted_parts

    @property
    def totals(self) -> tuple[int, ...]:
        return tuple(self.body["totals"][key] for key, _label in self.choices)

    @property
    def previous_in_fours(self) -> str:
        return in_fours(self.body["previous"])

    @property
    def numbers(self) -> list[str]:
        """Every ballot's twelve digits, sorted, as they stand on the wall."""
        return sorted(code_number(code) for code in self.body["codes"])

    @property
    def sheets(self) -> list[dict[str, Any]]:
        """The sheets with the words of their method and their counts in the ballot's order."""
        keys = [key for key, _label in self.choices]
        return [
            sheet
            | {
                "label": str(Sheet.Method(sheet["method"]).label),
                "row": tuple(sheet["counts"].get(key, 0) for key in keys) if sheet["counts"] else None,
            }
            for sheet in self.body["sheets"]
        ]

    @property
    def told_sheets(self) -> list[str]:
        """Each count by people in a sentence: how many papers or hands, and the two who counted."""
        return [_told(sheet) for sheet in self.sheets]

    @property
    def channels(self) -> list[Channel]:
        """How many by each way, where that may be shown by itself (docs/bulletin.md, small counts)."""
        choices = Counter(self.body["choices"]["1"])
        mixed = any(sheet["row"] is None for sheet in self.sheets)
        label = _("手机、平板和纸票（放在一起数）") if mixed else _("手机、平板和记录员代录")
        found = [Channel(label, sum(choices.values()), tuple(choices[key] for key, _label in self.choices))]
        for sheet in self.sheets:
            if sheet["row"] is not None:
                title = f"{sheet['label']}（{sheet['place']}）" if sheet["place"] else sheet["label"]
                found.append(Channel(title, sum(sheet["row"]), sheet["row"]))
        return [channel for channel in found if channel.papers or len(found) == 1]

    @property
    def rows(self) -> list[Row]:
        """The options one below the other, for there may be many."""
        channels = self.channels
        return [
            Row(
                label,
                tuple(channel.counts[place] for channel in channels if channel.counts is not None),
                self.totals[place],
            )
            for place, (_key, label) in enumerate(self.choices)
        ]


def opened_by_root(village: Village, named: Iterable[Mapping[str, Any]]) -> dict[int, Opened]:
    """Those bulletins taken apart, by number, that minutes name by number and root; one query."""
    roots = {one["number"]: one["root"] for one in named}
    found = readable(village).defer(None).filter(number__in=roots) if roots else []
    return {one.number: open_bulletin(one) for one in found if one.root == roots[one.number]}


def open_bulletin(bulletin: Bulletin) -> Opened:
    return Opened(bulletin, json.loads(bulletin.body))
