"""What one line of a village's paper is by its number: a chapter, an article, an item, a plain line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from .numbering import read_number
from .structure import clean_line

TITLE_MOST = 120
HEADING_MOST = 20  # signs; a longer numbered line says something itself
_NUM = r"[零〇○一二两三四五六七八九十百千廿卅0-9０-９ ]{1,12}"  # untranslated: numerals
_UNIT = re.compile(rf"^第({_NUM})(章|编|篇|节|段)(.*)$")  # untranslated: words of the papers
_ARTICLE = re.compile(  # untranslated: words of the papers
    rf"^第({_NUM})条(?!件|例|文|款)(?: ?之 ?([一二三四五六七八九十0-9]{{1,3}})(?![的款项规]))?(.*)$"
)
_SECTION = re.compile(r"^([零一二三四五六七八九十百]{1,5}) ?[、.．] ?(.*)$")  # untranslated: numerals
_DIGIT = re.compile(r"^([0-9０-９]{1,3}) ?(?:[、．)）]|[.](?![0-9])) ?(.*)$")
_ITEM = re.compile(r"^[（(] ?([零〇一二三四五六七八九十百]{1,5}) ?[）)] ?(.*)$")  # untranslated: numerals
_ENCLOSED = {chr(0x3220 + n): f"（{sign}）" for n, sign in enumerate("一二三四五六七八九十")}  # untranslated: numerals
_BRACKETED = re.compile(r"^【([^【】]{1,120})】$")
_STOPS = "。；！？.;!?：:，,、"
# A line that goes on with a citation is no article: 按照 / 第二条处理.
_CITES = re.compile(  # untranslated: words
    r"(按照|依照|根据|违反|参照|适用|依据|属于|符合|本约|公约|前款|、|和|或者?|及)$"
)
_GOES_ON = re.compile(r"^(规定|的|之规定|所|第|、|，|,)")  # untranslated: words
# So may an article begin, where the line above was at its end: 第四条办理红白事…
_MAY_GO_ON = re.compile(r"^(处理|办理|执行|和|或|及|至|到)")  # untranslated: words


class Kind(StrEnum):
    BLANK = "blank"
    PLAIN = "plain"
    CHAPTER = "chapter"  # 第一章
    SECTION = "section"  # 第一节, for which we have no place
    STANZA = "stanza"  # 第一段
    ARTICLE = "article"  # 第一条
    HEADED = "headed"  # 一、
    DIGIT = "digit"  # 1.
    ITEM = "item"  # （一）
    BRACKETED = "bracketed"  # 【…】 on a line of its own


@dataclass(frozen=True)
class Line:
    """`at` counts from 1 as an editor does; `words` is what follows the number."""

    at: int
    kind: Kind
    whole: str
    words: str = ""
    number: int = 0
    inserted: int = 0
    raw: str = ""
    joins: bool = False  # goes on with the line above, which was broken in the middle of a citation

    @property
    def is_heading(self) -> bool:
        """Short, and no sentence."""
        return 0 < len(self.words) <= HEADING_MOST and not any(stop in self.words for stop in _STOPS)


@dataclass(frozen=True)
class Remark:
    """Something odd about a line: a code and its figures; what `stops` must be mended before the text can be kept."""

    line: int  # from 1; 0 for the whole text
    code: str
    values: dict[str, object] = field(default_factory=dict)
    stops: bool = False


def read_lines(text: str) -> list[Line]:
    """Every line of a text, by its number alone."""
    found: list[Line] = []
    before = above = None
    for at, raw in enumerate(text.split("\n"), start=1):
        line = _line(at, raw, above)
        found.append(line)
        if line.kind != Kind.BLANK:
            # The first line is a title: 某社区居民公约 / 第一条 is no citation.
            before, above = line, line if before is not None else None
    return found


def _line(at: int, raw: str, before: Line | None) -> Line:
    """`before` is the line above that a citation could have been broken off."""
    whole = clean_line(raw)
    for sign, words in _ENCLOSED.items():
        if whole.startswith(sign):
            whole = words + whole[1:]
    if not whole:
        return Line(at, Kind.BLANK, "")
    for kind, pattern in (
        (Kind.ARTICLE, _ARTICLE), (Kind.CHAPTER, _UNIT), (Kind.HEADED, _SECTION), (Kind.DIGIT, _DIGIT),
        (Kind.ITEM, _ITEM),
    ):  # fmt: skip
        found = pattern.match(re.sub(r"^第 ", "第", whole))  # untranslated: part of the papers
        if found is None:
            continue
        try:
            number = read_number(found.group(1))
        except ValueError:
            continue
        groups = found.groups()
        if kind == Kind.ARTICLE:
            if before is not None and _CITES.search(before.whole):
                return Line(at, Kind.PLAIN, whole, whole, raw=raw, joins=True)
            if _goes_on(groups[2], before):
                break
            inserted = read_number(groups[1]) if groups[1] else 0
            return Line(at, kind, whole, groups[2].lstrip(" 、.．:：，"), number, inserted, raw)
        if kind == Kind.CHAPTER:
            kind = {"节": Kind.SECTION, "段": Kind.STANZA}.get(groups[1], kind)  # untranslated: words of the papers
            if kind != Kind.CHAPTER and groups[2] and not groups[2].startswith(" "):
                break  # 第一段路, 第二节课
            return Line(at, kind, whole, heading(groups[2]), number, raw=raw)
        return Line(at, kind, whole, groups[1].strip(), number, raw=raw)
    bracketed = _BRACKETED.match(whole)
    if bracketed is not None:
        return Line(at, Kind.BRACKETED, whole, bracketed.group(1).strip())
    return Line(at, Kind.PLAIN, whole, whole, raw=raw)


def _goes_on(words: str, before: Line | None) -> bool:
    """Whether what follows 第四条 makes it a citation. Behind a space it is what the article says."""
    if _GOES_ON.match(words):
        return True
    return _MAY_GO_ON.match(words) is not None and (before is None or not is_sentence(before.whole))


def heading(words: str) -> str:
    """总 则 with the spaces that lay it out, as 总则."""
    plain = words.strip(" 、.．:：")
    parts = plain.split(" ")
    return "".join(parts) if all(len(part) == 1 for part in parts) else plain


def is_sentence(words: str) -> bool:
    return words.endswith(("。", "；", "！", "？", ";", "!", "?", "：", ":", "，", ","))


def following(lines: Sequence[Line], place: int) -> Line | None:
    """The next line that says something."""
    return next((lines[n] for n in range(place + 1, len(lines)) if lines[n].kind != Kind.BLANK), None)


def preceding(lines: Sequence[Line], place: int) -> Line | None:
    """The last line before that says something."""
    return next((lines[n] for n in range(place - 1, -1, -1) if lines[n].kind != Kind.BLANK), None)
