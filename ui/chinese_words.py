"""Chinese text taken apart for searching: no spaces tell where a word ends, so words come from a dictionary (rjieba).

An index keeps three kinds of tokens of a text: `WORD` + each word of the dictionary, each pair of neighbouring
characters, and what is not Chinese as it stands. A word finds 理事会 but not 办理事项 when 理事 is asked; a pair finds
both, and what the dictionary does not know. The last character of a run stands alone: `X*` finds every text with X.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable

import rjieba

WORD = "j"  # before each word, so that a word of two characters is no pair
# Hanzi with the extensions that names are written in, and the repeating and zero signs.
_HANZI = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"([{_HANZI}]+)|([^\W_{_HANZI}]+)")


def fold(text: str) -> str:
    """As texts are compared: full width and compatibility forms as plain ones (NFKC), lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def runs(folded: str) -> list[tuple[str, bool]]:
    """Stretches of one kind in a folded text, in order, with whether they are Chinese; signs and spaces divide them."""
    return [(found[0], bool(found[1])) for found in _RUN.finditer(folded)]


def learn(names: Iterable[str]) -> None:
    """Take names (of villages and groups) into this process's dictionary, as words that are kept whole."""
    for name in names:
        folded = fold(name)
        if len(folded) > 1 and all(chinese for _run, chinese in runs(folded)):
            rjieba.add_word(folded, None, None)  # as often as it takes to stay whole
    _cut.cache_clear()


@functools.lru_cache(maxsize=2048)
def _cut(run: str) -> tuple[str, ...]:
    return tuple(rjieba.cut(run, False))


def pieces(run: str) -> tuple[str, ...]:
    """A Chinese run as the dictionary divides it; characters it knows no word for stand alone."""
    return _cut(run)


def words_of(run: str) -> list[str]:
    """The words of two characters and more that somebody asks for with this run."""
    return [word for word in pieces(run) if len(word) > 1]


def pairs_of(run: str) -> list[str]:
    """Every two neighbouring characters, each pair once."""
    return list(dict.fromkeys(map("".join, itertools.pairwise(run))))


def words_in(folded: str) -> set[str]:
    """The words that a folded text has, those inside longer words too (红白 in 红白理事会), and its other runs."""
    found: set[str] = set()
    for run, chinese in runs(folded):
        found.update((word for word in rjieba.cut_for_search(run, False) if len(word) > 1) if chinese else [run])
    return found


def tokens(text: str) -> list[str]:
    """What an index keeps of a text, each token once."""
    found: dict[str, None] = {}
    for run, chinese in runs(fold(text)):
        if not chinese:
            found[run] = None
            continue
        found |= dict.fromkeys(WORD + word for word in rjieba.cut_for_search(run, False) if len(word) > 1)
        found |= dict.fromkeys(pairs_of(run))
        found[run[-1]] = None
    return list(found)
