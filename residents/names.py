"""Finding people and places by how their names sound."""

from pypinyin import Style, lazy_pinyin


def pinyin_keys(name: str) -> tuple[str, str]:
    """("tingquanaocun", "tqac") for 听泉坳村: full pinyin and initials, lower case, no spaces.

    Characters that are no hanzi are kept as they are.
    """
    full = "".join(lazy_pinyin(name)).lower().replace(" ", "")
    first = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower().replace(" ", "")
    return full[:200], first[:40]
