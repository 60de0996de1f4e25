"""Finding people and places by how their names sound."""

import functools
import unicodedata

from pypinyin import lazy_pinyin

from ui.chinese_words import fold, pieces, runs


@functools.lru_cache(maxsize=20_000)
def pinyin_keys(name: str) -> tuple[str, str]:
    """("tingquanaocun", "tqac") for 听泉坳村: full pinyin and initials, lower case, no spaces.

    Characters that are no hanzi are kept as they are.
    """
    # What is no hanzi comes as one piece, marked here, and stays whole among the initials too.
    pieces = lazy_pinyin(name, errors=lambda other: f"\0{other}")
    full = "".join(pieces)
    first = "".join(piece if piece[0] == "\0" else piece[0] for piece in pieces)
    return _bare_key(full)[:200], _bare_key(first)[:40]


def _bare_key(key: str) -> str:
    return key.replace("\0", "").replace(" ", "").lower()


def same_name(one: str, other: str) -> bool:
    """Whether two people wrote one name: full width, spaces, the middle dot in its shapes and case aside."""
    return _bare(one) == _bare(other) != ""


def _bare(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name)
    return "".join(letter for letter in plain if unicodedata.category(letter)[0] in "LMN").casefold()


@functools.lru_cache(maxsize=20_000)
def sounds_of(title: str) -> tuple[str, ...]:
    """How a title may be typed by its sound: pinyin and initials from each of its words on, of Chinese runs alone.

    cungui and cg find 听泉坳村村规民约 as tingquanao and tqa do; each is found by how it begins.
    """
    found: dict[str, None] = {}
    for run, chinese in runs(fold(title)):
        if not chinese:
            continue
        read = lazy_pinyin(run)
        start = 0
        for word in pieces(run):
            found["".join(read[start:])[:200]] = None
            found["".join(one[0] for one in read[start:])[:40]] = None
            start += len(word)
    return tuple(found)
