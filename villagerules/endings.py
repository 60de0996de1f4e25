"""Who adopted rules and when, as papers say it below the title or at the end; from what day they are in force."""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import dataclass

from .lines import Kind, Line
from .numbering import read_number

_SIGNS = r"零〇○一二三四五六七八九十0-9０-９"  # untranslated: numerals
_DATE = re.compile(  # untranslated: words of the papers
    rf"([{_SIGNS}]{{4}}) ?[年.\-/．] ?([{_SIGNS}]{{1,3}}) ?[月.\-/．] ?([{_SIGNS}]{{1,3}}) ?日?"
)
_ONLY_DATE = re.compile(rf"^{_DATE.pattern}$|^ ?年 ?月 ?日$")  # untranslated: words of the papers
_BODY = re.compile(  # untranslated: words of the papers
    r"^[^。，；：]{2,40}(委员会|会议|大会|理事会|议事会|党支部|党总支|人民政府|办事处|全体(村民|居民|住户|业主))$"
)
_NOTE = re.compile(r"(通过|修订|修正|讨论|表决|施行|实施|生效)")  # untranslated: words of the papers
_EFFECTIVE = re.compile(  # untranslated: words of the papers
    rf"(?:{_DATE.pattern}|自 ?\S{{0,12}}(?:通过|公布|发布|签订|颁布))之?日?起(?:正式)?(?:施行|实施|生效|执行)"
)
_ADOPTED = re.compile(rf"({_DATE.pattern})[^，。；0-9]{{0,40}}(?:通过|修订|修正)")  # untranslated: words of the papers
# In this order: a meeting of representatives is no meeting of all.
_BODIES = (  # untranslated: names of bodies on the papers
    (re.compile("村民代表(会议|大会)"), "villagers_representative_assembly"),
    (re.compile("居民代表(会议|大会)"), "residents_representative_assembly"),
    (re.compile("小组(会议|大会|全体)"), "group_meeting"),
    (re.compile("村民(会议|大会)|全体村民"), "villagers_assembly"),
    (re.compile("居民(会议|大会)|全体居民"), "residents_assembly"),
    (re.compile("小区.{0,6}(会|业主)|全体业主"), "estate_consultation"),
    (re.compile("全体住户|院落.{0,6}会|屋场.{0,6}会"), "yard_consultation"),
)
_TRAILING_MOST = 6


@dataclass(frozen=True)
class Adoption:
    """What a paper says of its own adoption; empty where it says nothing."""

    body: str = ""  # a code as in RuleVersion.adopted_by
    on: datetime.date | None = None
    effective_on: datetime.date | None = None


def read_date(words: str) -> datetime.date | None:
    """The last whole date in the words; None without one, or when there is no such day."""
    found = None
    for match in _DATE.finditer(words):
        try:
            year = read_number(match.group(1)) if len(match.group(1)) == 4 else 0
            found = datetime.date(year, read_number(match.group(2)), read_number(match.group(3)))
        except ValueError:
            continue
    return found


def read_body(words: str) -> str:
    return next((code for pattern, code in _BODIES if pattern.search(words)), "")


def is_note(line: Line) -> bool:
    """（2020年3月5日村民会议通过） below a title or at the end."""
    plain = line.whole
    if not _NOTE.search(plain) or len(plain) > 120:
        return False
    if plain.startswith(("（", "(")) and plain.endswith(("）", ")")):
        return True
    return _DATE.match(plain) is not None and plain.endswith(("通过", "修订", "修正"))  # untranslated: words


def take_ending(lines: list[Line], *, verses: bool) -> tuple[list[Line], list[Line]]:
    """The lines without the signature at their end, and the signature."""
    end = len(lines)
    taken = 0
    while end and taken < _TRAILING_MOST:
        line = lines[end - 1]
        if line.kind != Kind.BLANK:
            if line.kind != Kind.PLAIN and not is_note(line):
                break
            parts = line.whole
            without_date = _DATE.sub("", parts).strip()
            dated = bool(_ONLY_DATE.match(parts)) or (_DATE.search(parts) and _BODY.match(without_date))
            named = _BODY.match(parts) and (not verses or taken or end < 2 or lines[end - 2].kind == Kind.BLANK)
            if not (dated or named or is_note(line)):
                break
            taken += 1
        end -= 1
    if not taken:
        return lines, []
    return lines[:end], [line for line in lines[end:] if line.kind != Kind.BLANK]


def adoption_of(notes: list[Line], texts: list[str]) -> Adoption:
    """From the notes and the signature, and from 自…起施行 in the texts of articles."""
    body, on = "", None
    for line in notes:
        body = body or read_body(line.whole)
        adopted = [found.group(1) for found in _ADOPTED.finditer(line.whole)]
        told = adopted[-1] if adopted else "" if _EFFECTIVE.search(line.whole) else line.whole
        on = read_date(told) or on
    effective = None
    for text in [*(line.whole for line in notes), *texts]:
        found = _EFFECTIVE.search(unicodedata.normalize("NFC", text))
        if found is not None:
            effective = read_date(found.group(0)) or on
    return Adoption(body, on, effective)
