"""Wordings that a rule had better not use, found for a person to look at. It never says that a text is lawful.

What is looked for is the county's list (models.RiskyWording, seeded from data/wordings.yaml); this module only reads.
Imports neither Django nor models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

GAP = 12  # characters that … may stand for
_SENTENCE = re.compile(r"[^。！？；;!?\n]+")
_CLAUSE_END = re.compile(r"[，：,:]")
# What turns a word into its opposite when it stands right before it: 不罚款, 没有任何罚款, 不得以罚款….
_DENYING = (  # untranslated: words that rules are read for
    "不得", "不准", "不许", "不能", "不可", "不应", "不宜", "不再", "不予", "不", "没有", "没", "无", "勿",
    "禁止", "严禁", "杜绝", "反对", "取消", "删去", "废止", "停止",
)  # fmt: skip
_BETWEEN = (  # untranslated: words that rules are read for
    "以", "用", "搞", "设", "设定", "设立", "收", "收取", "实行", "采取", "进行", "实施", "任何", "一切", "再",
    "随意", "擅自", "变相", "乱", "上", "列入", "加以", "对人", "是",
)  # fmt: skip
_NOT = re.compile(f"(?:{'|'.join(_DENYING)})(?:{'|'.join(_BETWEEN)})*$")


@dataclass(frozen=True)
class Wording:
    """One line of the list: any of `words`, in a sentence that has one of `beside` (where there are any) and none of
    `unless`. … in a word stands for a few characters."""

    code: str
    severity: str
    words: tuple[str, ...]
    reason: str
    source: str
    beside: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """Where in a text something stands: from `start` to before `end`, counted in characters."""

    wording: Wording
    start: int
    end: int
    words: str


def look_through(text: str, wordings: Sequence[Wording]) -> list[Found]:
    """What the list has to say to this text: each wording once, at its first place, in the order of the text."""
    listed = tuple(word for wording in wordings for word in wording.words)
    found: dict[str, Found] = {}
    for sentence in _SENTENCE.finditer(text):
        for one in _in_sentence(sentence.group(), sentence.start(), wordings, listed):
            found.setdefault(one.wording.code, one)
    return sorted(found.values(), key=lambda one: (one.start, one.end))


def _in_sentence(sentence: str, start: int, wordings: Sequence[Wording], listed: tuple[str, ...]) -> Iterator[Found]:
    for wording in wordings:
        if wording.beside and not _any(wording.beside).search(sentence):
            continue
        if wording.unless and _any(wording.unless).search(sentence):
            continue
        for place in _any(wording.words).finditer(sentence):
            if not _is_denied(sentence[: place.start()], listed):
                yield Found(wording, start + place.start(), start + place.end(), place.group())
                break


def _is_denied(before: str, listed: tuple[str, ...]) -> bool:
    """不 or the like stands right before, or before what is listed with it: 不断水断电, 不得罚款、没收财物."""
    *earlier, last = _CLAUSE_END.split(before)[-1].split("、")
    if _NOT.search(re.sub(f"(?:{_any(listed).pattern})+$", "", last)):
        return True
    return any(
        _NOT.search(item[: place.start()]) for item in earlier for place in _any(listed).finditer(item)
    )  # fmt: skip


@lru_cache(maxsize=512)
def _any(words: tuple[str, ...]) -> re.Pattern[str]:
    """Whichever of them; the longest first, so that what is shown is the whole of it."""
    ordered = sorted(words, key=len, reverse=True)
    return re.compile("|".join(re.escape(word).replace("…", f".{{0,{GAP}}}?") for word in ordered))
