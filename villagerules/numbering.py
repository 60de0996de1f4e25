"""The numbers of chapters, articles and items as Chinese rules write them: 第三章, 第十二条, （一）.

Whole numbers from 1 to 9999 only; all else raises ValueError.
"""

from __future__ import annotations

import re

from ui.numerals import DIGITS, MOST, UNITS, chinese_number

__all__ = ["MOST", "article_label", "chapter_label", "chinese_number", "parse_number"]
_ITEM = re.compile(r"^\s*[（(]([零一二三四五六七八九十百千]+)[）)]\s*")  # untranslated: numerals


def parse_number(words: str) -> int:
    """The number that `chinese_number` writes so; ValueError for anything else."""
    total, digit = 0, 0
    for sign in words:
        if sign in UNITS[1:]:
            total += (digit or 1) * 10 ** UNITS.index(sign)
            digit = 0
        elif sign in DIGITS:
            digit = DIGITS.index(sign)
        else:
            raise ValueError(words)
    total += digit
    if not 1 <= total <= MOST or chinese_number(total) != words:
        raise ValueError(words)
    return total


def article_label(number: int) -> str:
    """12 → 第十二条."""
    return f"第{chinese_number(number)}条"  # untranslated: part of the rules' own text


def chapter_label(number: int) -> str:
    """3 → 第三章."""
    return f"第{chinese_number(number)}章"  # untranslated: part of the rules' own text


def item_label(number: int) -> str:
    """1 → （一）."""
    return f"（{chinese_number(number)}）"


def split_item(line: str) -> tuple[str, str] | None:
    """The label and the words of an item's line ("（一）宅基地…"), or None when the line is no item."""
    found = _ITEM.match(line)
    if found is None:
        return None
    return f"（{found.group(1)}）", line[found.end() :].strip()


def article_anchor(number: int) -> str:
    """The article's id on its page: links to one article end in it."""
    return f"article-{number}"
