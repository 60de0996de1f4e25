"""Rules in rhyme: whether a text is one, and its stanzas."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from .endings import take_ending
from .lines import TITLE_MOST, Kind, Line, Remark, following
from .structure import RulesText, StanzaText

VERSE_MOST = 20  # signs of a line of verse, without its stops


def _measure(line: Line) -> tuple[int, ...]:
    return tuple(len(part) for part in re.split("[，。；！？、,.;!? ]+", line.whole) if part)


def is_rhyme(lines: Sequence[Line]) -> bool:
    """Stanzas by name, or no numbers but lines of one measure."""
    kinds = Counter(line.kind for line in lines)
    if kinds[Kind.STANZA]:
        return not kinds[Kind.ARTICLE]
    if kinds[Kind.ARTICLE] or kinds[Kind.CHAPTER]:
        return False
    lines, _signature = take_ending(list(lines), verses=False)
    verses = [line for line in lines if line.kind == Kind.PLAIN]
    numbered = [n for n, line in enumerate(lines) if line.kind in (Kind.HEADED, Kind.DIGIT, Kind.ITEM)]
    for n in numbered:
        below = following(lines, n)
        if below is None or below.kind != Kind.PLAIN or not lines[n].is_heading:
            return False
    if len(verses) < 4:
        return False
    short = sum(1 for line in verses if sum(_measure(line)) <= VERSE_MOST)
    _same, often = Counter(_measure(line) for line in verses).most_common(1)[0]
    return short * 20 >= len(verses) * 17 and often * 5 >= len(verses) * 3


def read_stanzas(rules: RulesText, lines: Sequence[Line], remarks: list[Remark]) -> None:
    """A stanza begins with its name or, where none has one, after an empty line."""
    named = any(line.kind in (Kind.STANZA, Kind.BRACKETED) or _names(lines, n) for n, line in enumerate(lines))
    before: list[str] = []
    open_stanza: StanzaText | None = None
    for n, line in enumerate(lines):
        if line.kind == Kind.BLANK:
            if not named:
                open_stanza = None
            continue
        if named and (line.kind in (Kind.STANZA, Kind.BRACKETED) or _names(lines, n)):
            title = line.words
            if line.kind == Kind.STANZA and title.startswith("【") and title.endswith("】"):
                title = title[1:-1]
            open_stanza = StanzaText(len(rules.stanzas) + 1, [], title)
            rules.stanzas.append(open_stanza)
            if line.number and line.number != open_stanza.number:
                remarks.append(Remark(line.at, "renumbered", {"label": line.whole[:20], "number": open_stanza.number}))
        elif open_stanza is None and named:
            before.append(line.whole)
        else:
            if open_stanza is None:
                open_stanza = StanzaText(len(rules.stanzas) + 1, [])
                rules.stanzas.append(open_stanza)
            open_stanza.lines.append(line.whole)
        if len(line.words) > TITLE_MOST and line.kind != Kind.PLAIN:
            remarks.append(Remark(line.at, "long_title", {"most": TITLE_MOST}, stops=True))
    rules.preamble = "\n".join(before)
    for stanza in rules.stanzas:
        if not stanza.lines:
            remarks.append(Remark(0, "empty_stanza", {"number": stanza.number}, stops=True))


def _names(lines: Sequence[Line], place: int) -> bool:
    """一、护水 above verses."""
    line, below = lines[place], following(lines, place)
    numbered = line.kind in (Kind.HEADED, Kind.DIGIT, Kind.ITEM)
    return numbered and line.is_heading and below is not None and below.kind == Kind.PLAIN
