"""What changed between two versions of rules, article by article, with the characters that changed marked.

An article is the same one by its lineage, whatever number it has; `moved` says that it stands in another order among
those that stayed, `renumbered` that only its number is another. Imports neither Django nor models.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from diff_match_patch import diff_match_patch

_WORD = re.compile(r"[零〇一二两三四五六七八九十百千万]+|[0-9.]+|.", re.DOTALL)  # untranslated: numerals
_FIRST_SIGN = 0x10000  # above everything that is no character by itself


class Kind(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Piece:
    """An article or a stanza of one version. `label` is 第十二条, `part` the title of its chapter, `anchor` its id on a
    page."""

    lineage: Hashable
    label: str
    title: str
    text: str
    part: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Span:
    """A run of characters: in both (0), only in the old text (-1), only in the new one (1)."""

    side: int
    text: str


@dataclass(frozen=True)
class Change:
    """What became of one piece. One of `old` and `new` may be missing, never both."""

    kind: Kind
    old: Piece | None
    new: Piece | None
    title: tuple[Span, ...] = ()
    text: tuple[Span, ...] = ()
    moved: bool = False

    @property
    def renumbered(self) -> bool:
        return self.old is not None and self.new is not None and self.old.label != self.new.label

    @property
    def regrouped(self) -> bool:
        """It stands in another chapter."""
        return self.old is not None and self.new is not None and self.old.part != self.new.part

    @property
    def untouched(self) -> bool:
        """Same words in the same place; a number that others pushed on is no change of it."""
        return self.kind is Kind.SAME and not self.moved and not self.regrouped

    @property
    def before(self) -> tuple[Span, ...]:
        """The old text, with what went marked."""
        return tuple(span for span in self.text if span.side <= 0)

    @property
    def after(self) -> tuple[Span, ...]:
        """The new text, with what came marked."""
        return tuple(span for span in self.text if span.side >= 0)


def compare(old: Sequence[Piece], new: Sequence[Piece]) -> list[Change]:
    """Every piece of both versions, in the new order; what is gone stands where it stood, behind what it followed.

    A lineage stands once in each version; ValueError where it does not.
    """
    was = _by_lineage(old)
    place = {lineage: number for number, lineage in enumerate(was)}
    is_now = _by_lineage(new)
    stayed = [piece.lineage for piece in new if piece.lineage in was]
    in_order = _longest_rise([place[lineage] for lineage in stayed])
    found: list[Change] = []
    gone = [piece for piece in old if piece.lineage not in is_now]
    waiting = list(gone)
    reached = -1  # how far the old version was gone through by what kept its order
    for piece in new:
        before = was.get(piece.lineage)
        keeps = before is not None and place[piece.lineage] in in_order
        if keeps:
            reached = place[piece.lineage]
            while waiting and place[waiting[0].lineage] < reached:
                found.append(_gone(waiting.pop(0)))
        found.append(_came(piece) if before is None else _stayed(before, piece, moved=not keeps))
    return [*found, *map(_gone, waiting)]


def spans_of(old: str, new: str) -> tuple[Span, ...]:
    """The difference of two texts in characters, joined to runs that people can read; a number is one sign.

    The spans of side 0 and -1 are the old text, those of 0 and 1 the new one.
    """
    signs: dict[str, str] = {}
    matcher = diff_match_patch()
    matcher.Diff_Timeout = 0  # the same answer however busy the machine is
    found = matcher.diff_main(_in_signs(old, signs), _in_signs(new, signs), False)
    matcher.diff_cleanupSemantic(found)
    words = {sign: word for word, sign in signs.items()}
    return tuple(Span(side, "".join(words[sign] for sign in run)) for side, run in found)


def _in_signs(text: str, signs: dict[str, str]) -> str:
    """One sign for each number or other character: 二十 to 十八 is another number, not a 二 less and an 八 more."""
    return "".join(signs.setdefault(word, chr(_FIRST_SIGN + len(signs))) for word in _WORD.findall(text))


def _by_lineage(pieces: Sequence[Piece]) -> dict[Hashable, Piece]:
    found = {piece.lineage: piece for piece in pieces}
    if len(found) != len(pieces):
        raise ValueError("a lineage stands twice in one version")
    return found


def _came(piece: Piece) -> Change:
    return Change(Kind.ADDED, None, piece, spans_of("", piece.title), spans_of("", piece.text))


def _gone(piece: Piece) -> Change:
    return Change(Kind.REMOVED, piece, None, spans_of(piece.title, ""), spans_of(piece.text, ""))


def _stayed(old: Piece, new: Piece, *, moved: bool) -> Change:
    same = (old.title, old.text) == (new.title, new.text)
    kind = Kind.SAME if same else Kind.CHANGED
    return Change(kind, old, new, spans_of(old.title, new.title), spans_of(old.text, new.text), moved)


def _longest_rise(numbers: Sequence[int]) -> set[int]:
    """A longest rising subsequence of different numbers: the most that can be said to have kept their order."""
    ends: list[int] = []  # the smallest number on which a rise of each length ends
    before: dict[int, int | None] = {}
    for number in numbers:
        length = bisect.bisect_left(ends, number)
        before[number] = ends[length - 1] if length else None
        ends[length : length + 1] = [number]
    kept: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        kept.add(last)
        last = before[last]
    return kept
