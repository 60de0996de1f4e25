"""Finding people and places by how their names sound."""

import functools
import unicodedata

from pypinyin import lazy_pinyin


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
