"""Word's automatic numbers: what a paragraph shows before its words stands in numbering.xml, not in the text.

ECMA-376 part 1, 17.9 (numbering) and 17.18.59 (number formats). Formats that no village uses count as bullets: nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn

from ui.numerals import DIGITS, MOST, chinese_number

LEVELS = 9
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


def _chinese(number: int) -> str:
    return chinese_number(number) if 1 <= number <= MOST else str(number)


def _digits(number: int) -> str:
    return "".join(DIGITS[int(sign)] for sign in str(number))


def _letters(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _roman(number: int) -> str:
    words = ""
    for value, sign in _ROMAN:
        words += sign * (number // value)
        number %= value
    return words


FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda number: f"{number:02d}",
    "decimalFullWidth": str,
    "decimalHalfWidth": str,
    **dict.fromkeys(
        (
            "chineseCounting", "chineseCountingThousand", "taiwaneseCounting", "taiwaneseCountingThousand",
            "japaneseCounting", "chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal",
        ),
        _chinese,
    ),
    **dict.fromkeys(("ideographDigital", "taiwaneseDigital", "japaneseDigitalTenThousand"), _digits),
    **dict.fromkeys(
        ("decimalEnclosedCircle", "decimalEnclosedCircleChinese"),
        lambda number: chr(0x2460 + number - 1) if 1 <= number <= 20 else str(number),
    ),
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
}  # fmt: skip


@dataclass
class _Level:
    format: str = "decimal"
    text: str = ""
    start: int = 1
    restarts: bool = True
    legal: bool = False  # all its numbers as 1, 2, 3


@dataclass
class _List:
    abstract: str
    starts: dict[int, int] = field(default_factory=dict)  # where this list begins anew
    levels: dict[int, _Level] = field(default_factory=dict)


def _value(element: Any, tag: str, default: str = "") -> str:
    child = element.find(qn(tag)) if element is not None else None
    return str(child.get(qn("w:val"), default)) if child is not None else default


def _whole(words: str, default: int = 0) -> int:
    return int(words) if re.fullmatch(r"-?\d{1,6}", words) else default


class Numbers:
    """Counts through one document: ask `label` for each paragraph once, in their order."""

    def __init__(self, document: Document) -> None:
        self._abstract: dict[str, dict[int, _Level]] = {}
        self._lists: dict[str, _List] = {}
        self._styled: dict[str, tuple[str, int]] = {}  # a paragraph style's list and level
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[tuple[str, int]] = set()
        try:
            root = document.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING).element  # type: ignore[attr-defined]
        except (KeyError, AttributeError):
            return
        self._read(root)
        self._read_styles(document)

    def _read(self, root: Any) -> None:
        for abstract in root.findall(qn("w:abstractNum")):
            levels = {}
            for level in abstract.findall(qn("w:lvl")):
                number = _whole(level.get(qn("w:ilvl"), ""), -1)
                if 0 <= number < LEVELS:
                    levels[number] = self._level(level)
            self._abstract[abstract.get(qn("w:abstractNumId"), "")] = levels
        for one in root.findall(qn("w:num")):
            made = _List(_value(one, "w:abstractNumId"))
            for override in one.findall(qn("w:lvlOverride")):
                number = _whole(override.get(qn("w:ilvl"), ""), -1)
                start = _value(override, "w:startOverride")
                if start:
                    made.starts[number] = _whole(start, 1)
                level = override.find(qn("w:lvl"))
                if level is not None:
                    made.levels[number] = self._level(level)
            self._lists[one.get(qn("w:numId"), "")] = made

    @staticmethod
    def _level(level: Any) -> _Level:
        return _Level(
            format=_value(level, "w:numFmt", "decimal"),
            text=_value(level, "w:lvlText"),
            start=_whole(_value(level, "w:start", "1"), 1),
            restarts=_value(level, "w:lvlRestart", "1") != "0",
            legal=level.find(qn("w:isLgl")) is not None,
        )

    def _read_styles(self, document: Document) -> None:
        own: dict[str, tuple[str, str, str]] = {}
        for style in document.styles.element.findall(qn("w:style")):
            properties = style.find(qn("w:pPr"))
            listed = properties.find(qn("w:numPr")) if properties is not None else None
            own[style.get(qn("w:styleId"), "")] = (
                _value(listed, "w:numId"), _value(listed, "w:ilvl"), _value(style, "w:basedOn"),
            )  # fmt: skip
        for name in own:
            at: str = name
            seen: set[str] = set()
            while at in own and at not in seen:
                seen.add(at)
                number, level, above = own[at]
                if number:
                    self._styled[name] = (number, _whole(level))
                    break
                at = above

    def label(self, paragraph: Any) -> str:
        """What Word shows before this paragraph (`w:p`), counted on; nothing for one without a number."""
        properties = paragraph.find(qn("w:pPr"))
        style = _value(properties, "w:pStyle")
        listed = properties.find(qn("w:numPr")) if properties is not None else None
        number, level = self._styled.get(style, ("", 0))
        if listed is not None:
            number = _value(listed, "w:numId", number)
            level = _whole(_value(listed, "w:ilvl", str(level)))
        found = self._lists.get(number)
        if found is None or not 0 <= level < LEVELS:  # list 0 takes a style's number away
            return ""
        return self._next(number, found, level)

    def _level_of(self, found: _List, level: int) -> _Level | None:
        return found.levels.get(level) or self._abstract.get(found.abstract, {}).get(level)

    def _next(self, number: str, found: _List, level: int) -> str:
        here = self._level_of(found, level)
        if here is None:
            return ""
        counts = self._counts.setdefault(found.abstract, [None] * LEVELS)
        if level in found.starts and (number, level) not in self._begun:
            counts[level] = found.starts[level]
        else:
            before = counts[level]
            counts[level] = here.start if before is None else before + 1
        self._begun.add((number, level))
        for deeper in range(level + 1, LEVELS):
            below = self._level_of(found, deeper)
            if below is None or below.restarts:
                counts[deeper] = None
        return re.sub(r"%([1-9])", lambda match: self._shown(found, int(match.group(1)) - 1, counts, here), here.text)

    def _shown(self, found: _List, level: int, counts: list[int | None], asked: _Level) -> str:
        one = self._level_of(found, level)
        if one is None:
            return ""
        count = counts[level]
        write = FORMATS["decimal" if asked.legal else one.format] if one.format in FORMATS else lambda _number: ""
        return write(one.start if count is None else count)
