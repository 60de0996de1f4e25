"""Finding people and places by how their names sound."""

import unicodedata

from pypinyin import Style, lazy_pinyin


def pinyin_keys(name: str) -> tuple[str, str]:
    """("tingquanaocun", "tqac") for 听泉坳村: full pinyin and initials, lower case, no spaces.

    Characters that are no hanzi are kept as they are.
    """
    full = "".join(lazy_pinyin(name)).lower().replace(" ", "")
    first = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower().replace(" ", "")
    return full[:200], first[:40]


def same_name(one: str, other: str) -> bool:
    """Whether two people wrote one name: full width, spaces, the middle dot in its shapes and case aside."""
    return _bare(one) == _bare(other) != ""


def _bare(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name)
    return "".join(letter for letter in plain if unicodedata.category(letter)[0] in "LMN").casefold()
