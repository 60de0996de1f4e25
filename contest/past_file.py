"""A whole past contest as a file (schema contest/1): what stands in it, and everything that is wrong with it.

Knows no database; what is wrong is told with its place in the file, all of it at once.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.validators import slug_re
from django.utils.translation import gettext as _

from .models import Contest, Entry, EntryCheck, Stage

SCHEMA = "contest/1"
HALF = Decimal("0.5")
TITLE_MOST = 120
_TOP = {"schema", "contest", "entries", "objections", "open_demo", "past"}
_CONTEST = {
    "slug", "title", "organizer", "status", "scope", "eligibility", "weights", "public_score_method",
    "expert_score_method", "criteria", "judges", "recusal_rule", "voting", "awards", "stages", "form", "time_zone",
    "kinds", "months_in_force", "predecessor_counts", "must_be_filed", "entries_per_village", "grace_seconds",
    "tie_rule",
}  # fmt: skip
_ENTRY = {
    "id", "village", "rules", "title", "line", "statement", "attachments", "review", "scores", "votes", "result",
    "status", "note",
}  # fmt: skip
_LISTS = {
    "criteria": Mapping, "awards": Mapping, "stages": Mapping, "judges": str, "organizer": str, "eligibility": str,
    "kinds": str,
}  # fmt: skip
_OBJECTION = {"raised_on", "entry", "by", "content", "handling", "status", "answered_on", "outcome"}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where in the file, and what."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}：{self.message}"  # untranslated: place and sentence


def faults_in(document: Any) -> list[Fault]:
    """All that is wrong with it in itself; empty for a file that can be brought in, as far as the file can tell."""
    if not isinstance(document, Mapping) or document.get("schema") != SCHEMA:
        return [Fault("schema", _("文件开头要写 schema: %(schema)s。") % {"schema": SCHEMA})]
    contest, entries = document.get("contest"), document.get("entries") or []
    if not isinstance(contest, Mapping) or not isinstance(entries, list):
        return [Fault("contest", _("要有 contest（评选的设置）和 entries（申报，一个列表）。"))]
    found = [*_shape("contest", contest, _LISTS), *_shape("", document, {"objections": Mapping})]
    found = found or [*_unknown("", document, _TOP), *_unknown("contest", contest, _CONTEST), *_settings(contest)]
    if found:  # what is below can't be read by settings that are wrong
        return found
    keys: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        where = f"entries[{number}]"
        if not isinstance(entry, Mapping):
            found.append(Fault(where, _("一件申报要写成几行“项目: 内容”。")))
            continue
        key = str(entry.get("id", ""))
        where = f"entries[{number}]（{key}）"  # untranslated: a place in the file
        if not slug_re.match(key) or len(key) > 30 or key in keys:
            found.append(Fault(where, _("id 要用字母、数字，不能和别的申报相同。")))
        keys.add(key)
        found += _unknown(where, entry, _ENTRY)
        found += [*_shape(where, entry, {"review": Mapping, "scores": Mapping})] or _entry(where, entry, contest)
    for number, one in enumerate(document.get("objections") or [], start=1):
        found += _objection(f"objections[{number}]", one, keys)
    return found


def _shape(where: str, row: Mapping[str, Any], lists: Mapping[str, type]) -> Iterator[Fault]:
    """What is read as a list has to be one, of what it is a list of."""
    for name, kind in lists.items():
        value = row.get(name) or []
        if not isinstance(value, list) or not all(isinstance(one, kind) for one in value):
            yield Fault(f"{where}.{name}".lstrip("."), _("要写成列表，每一项前面一个短横“-”。"))


def _unknown(where: str, row: Mapping[str, Any], known: set[str]) -> Iterator[Fault]:
    for name in row.keys() - known:
        yield Fault(f"{where}.{name}".lstrip("."), _("不认识这一项，请检查拼写。"))


def _settings(contest: Mapping[str, Any]) -> Iterator[Fault]:
    for name in ("slug", "title", "status", "organizer", "weights", "stages", "awards"):
        if not contest.get(name):
            yield Fault(f"contest.{name}", _("没有写。"))
            return
    if not slug_re.match(str(contest["slug"])):
        yield Fault("contest.slug", _("只能用字母、数字和连字符。"))
    if contest["status"] not in Contest.State.values:
        yield Fault("contest.status", _("要是这几个之一：%(known)s。") % {"known": ", ".join(Contest.State.values)})
    weights = contest["weights"]
    shares: list[Any] = [weights.get("expert"), weights.get("public")] if isinstance(weights, Mapping) else []
    if not all(_is_whole(one) for one in shares) or sum(shares) != 100 or not shares:
        yield Fault("contest.weights", _("expert 和 public 要是整数，加起来是 100。"))
    for name, known in (
        ("public_score_method", Contest.PublicMethod.values), ("expert_score_method", Contest.ExpertMethod.values),
        ("tie_rule", Contest.TieRule.values), ("form", Contest.Form.values),
    ):  # fmt: skip
        if name in contest and contest[name] not in known:
            yield Fault(f"contest.{name}", _("要是这几个之一：%(known)s。") % {"known": ", ".join(known)})
    yield from _rows(contest, "criteria", "key", {"max"})
    yield from _rows(contest, "awards", "name", {"count"})
    yield from _rows(contest, "stages", "key", set())
    judges = contest.get("judges") or []
    if len(set(judges)) != len(judges):
        yield Fault("contest.judges", _("同一位评委写了两次。"))
    for number, one in enumerate(contest["stages"], start=1):
        yield from _stage(f"contest.stages[{number}]", one)


def _rows(contest: Mapping[str, Any], name: str, key: str, numbers: set[str]) -> Iterator[Fault]:
    seen = set()
    rows = contest.get(name) or []
    for number, row in enumerate(rows, start=1):
        where = f"contest.{name}[{number}]"
        if not isinstance(row, Mapping) or not row.get(key):
            yield Fault(where, _("没有写 %(name)s。") % {"name": key})
            continue
        if row[key] in seen:
            yield Fault(where, _("“%(name)s”写了两次。") % {"name": row[key]})
        seen.add(row[key])
        for one in numbers:
            if not _is_whole(row.get(one)) or row[one] < 1:
                yield Fault(f"{where}.{one}", _("要是 1 以上的整数。"))


def _stage(where: str, row: Mapping[str, Any]) -> Iterator[Fault]:
    if row.get("key") not in Stage.Key.values:
        yield Fault(f"{where}.key", _("要是这几个之一：%(known)s。") % {"known": ", ".join(Stage.Key.values)})
    if not row.get("label"):
        yield Fault(where, _("没有写 %(name)s。") % {"name": "label"})
    dates: list[Any] = [row.get("date")] if "date" in row else [row.get("opens"), row.get("closes")]
    if not all(isinstance(one, datetime.date) for one in dates):
        yield Fault(where, _("要写 date，或者 opens 和 closes，格式是 2026-07-10。"))
    elif len({isinstance(one, datetime.datetime) for one in dates}) == 1 and dates[0] > dates[-1]:
        yield Fault(where, _("结束比开始还早。"))


def _entry(where: str, entry: Mapping[str, Any], contest: Mapping[str, Any]) -> Iterator[Fault]:
    if not entry.get("village"):
        yield Fault(where, _("没有写是哪个村（village）。"))
    if not (entry.get("title") or entry.get("line")) or len(str(entry.get("title") or "")) > TITLE_MOST:
        yield Fault(where, _("要有题目（title）或者一句话（line），最多 %(most)s 个字。") % {"most": TITLE_MOST})
    status = entry.get("status")
    if status not in Entry.State.values:
        yield Fault(f"{where}.status", _("要是这几个之一：%(known)s。") % {"known": ", ".join(Entry.State.values)})
    stages = {one["key"] for one in contest["stages"]}
    for number, one in enumerate(entry.get("review") or [], start=1):
        yield from _review(f"{where}.review[{number}]", one, stages)
    yield from _scores(where, entry, contest)
    yield from _votes(f"{where}.votes", entry.get("votes"))
    on_show = status in Entry.ON_SHOW
    if on_show and contest["weights"]["expert"] and not entry.get("scores"):
        yield Fault(where, _("专家分要计入总分，可是没有评分（scores）。"))
    if on_show and contest["weights"]["public"] and entry.get("votes") is None:
        yield Fault(where, _("公众分要计入总分，可是没有票数（votes）。"))


def _review(where: str, row: Mapping[str, Any], stages: set[str]) -> Iterator[Fault]:
    if row.get("stage") not in stages or row.get("stage") not in Stage.CHECKS:
        yield Fault(f"{where}.stage", _("评选没有这个审核阶段。"))
    if row.get("result") not in EntryCheck.Result.values:
        yield Fault(
            f"{where}.result", _("要是这几个之一：%(known)s。") % {"known": ", ".join(EntryCheck.Result.values)}
        )
    elif row["result"] in ("returned", "rejected") and not row.get("note"):
        yield Fault(where, _("退回或者不通过，要写原因（note）。"))
    if not isinstance(row.get("date"), datetime.date):
        yield Fault(f"{where}.date", _("日期格式是 2026-07-10。"))


def _scores(where: str, entry: Mapping[str, Any], contest: Mapping[str, Any]) -> Iterator[Fault]:
    most = {one["key"]: Decimal(str(one["max"])) for one in contest.get("criteria") or []}
    seen = set()
    for number, sheet in enumerate(entry.get("scores") or [], start=1):
        judge = sheet.get("judge")
        at = f"{where}.scores[{number}]（{judge}）"  # untranslated: a place in the file
        if judge not in (contest.get("judges") or []):
            yield Fault(at, _("评委名单（contest.judges）里没有这个人。"))
        if judge in seen:
            yield Fault(at, _("同一位评委给同一件打了两次分。"))
        seen.add(judge)
        yield from _unknown(at, sheet, {"judge", "total", "note", *most})
        marks = {name: _mark(sheet.get(name)) for name in most}
        for name, mark in marks.items():
            if mark is None or not 0 <= mark <= most[name] or mark % HALF:
                yield Fault(
                    f"{at}.{name}", _("要是 0 到 %(most)s 的数，可以有半分。") % {"most": f"{most[name].normalize():f}"}
                )
        whole = sum((mark for mark in marks.values() if mark is not None), Decimal(0))
        if "total" in sheet and _mark(sheet["total"]) != whole:
            yield Fault(
                f"{at}.total", _("各项加起来是 %(whole)s，不是 %(total)s。") % {"whole": whole, "total": sheet["total"]}
            )


def _votes(where: str, votes: Any) -> Iterator[Fault]:
    if votes is None or (_is_whole(votes) and votes >= 0):
        return
    numbers: list[Any] = [votes.get(name) for name in ("raw", "removed", "valid")] if isinstance(votes, Mapping) else []
    if not numbers or not all(_is_whole(one) and one >= 0 for one in numbers):
        yield Fault(where, _("票数要写成一个整数，或者 raw、removed、valid 三个整数。"))
    elif numbers[0] - numbers[1] != numbers[2]:
        yield Fault(
            where,
            _("收到 %(raw)s 票，剔除 %(removed)s 票，应当剩 %(left)s 票，写的却是 %(valid)s 票。")
            % {"raw": numbers[0], "removed": numbers[1], "left": numbers[0] - numbers[1], "valid": numbers[2]},
        )


def _objection(where: str, row: Any, entries: set[str]) -> Iterator[Fault]:
    if not isinstance(row, Mapping):
        yield Fault(where, _("一条异议要写成几行“项目: 内容”。"))
        return
    yield from _unknown(where, row, _OBJECTION)
    if row.get("entry") is not None and row["entry"] not in entries:
        yield Fault(f"{where}.entry", _("没有这件申报。"))
    if not isinstance(row.get("raised_on"), datetime.date):
        yield Fault(f"{where}.raised_on", _("日期格式是 2026-07-10。"))
    if row.get("status") not in ("open", "closed"):
        yield Fault(f"{where}.status", _("要是这几个之一：%(known)s。") % {"known": "open, closed"})
    for name in ("content", "by", *(("handling",) if row.get("status") == "closed" else ())):
        if not row.get(name):
            yield Fault(where, _("没有写 %(name)s。") % {"name": name})


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _mark(value: Any) -> Decimal | None:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    found = Decimal(str(value)) if known else None
    return found if found is not None and found.is_finite() else None
