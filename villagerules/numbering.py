"""The numbers of chapters, articles and items as Chinese rules write them: 第三章, 第十二条, 第十二条之一, （一）.

Whole numbers from 1 to 9999 only; all else raises ValueError.
"""

from __future__ import annotations

import re
import unicodedata

from ui.numerals import DIGITS, MOST, UNITS, chinese_number

__all__ = ["MOST", "article_label", "chapter_label", "chinese_number", "parse_number", "read_number"]
_ITEM = re.compile(r"^\s*[（(]\s*([零一二三四五六七八九十百千]+)\s*[）)]\s*")  # untranslated: numerals
_OTHER_SIGNS = str.maketrans({"〇": "零", "○": "零", "两": "二", "廿": "二十", "卅": "三十"})  # untranslated: numerals


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


def read_number(words: str) -> int:
    """A number as people type it: 12, １２, 十二, 一十二, 廿, 二〇, with spaces in it. ValueError when it is none."""
    plain = "".join(unicodedata.normalize("NFKC", words).translate(_OTHER_SIGNS).split())
    if plain.isascii() and plain.isdigit():
        number = int(plain)
    elif plain and all(sign in DIGITS for sign in plain):  # 二〇 for twenty
        number = int("".join(str(DIGITS.index(sign)) for sign in plain))
    else:
        plain = re.sub("(?<![二三四五六七八九百千])一十", "十", plain)  # untranslated: numerals
        number = parse_number(plain)
    if not 1 <= number <= MOST:
        raise ValueError(words)
    return number


def article_label(number: int, inserted: int = 0) -> str:
    """12 → 第十二条; 12, 1 → 第十二条之一, an article put in later behind the twelfth."""
    after = f"之{chinese_number(inserted)}" if inserted else ""  # untranslated: part of the rules' own text
    return f"第{chinese_number(number)}条{after}"  # untranslated: part of the rules' own text


def chapter_label(number: int) -> str:
    """3 → 第三章."""
    return f"第{chinese_number(number)}章"  # untranslated: part of the rules' own text


def stanza_label(number: int) -> str:
    """2 → 第二段."""
    return f"第{chinese_number(number)}段"  # untranslated: part of the rules' own text


def item_label(number: int) -> str:
    """1 → （一）."""
    return f"（{chinese_number(number)}）"


def split_item(line: str) -> tuple[str, str] | None:
    """The label and the words of an item's line ("（一）宅基地…"), or None when the line is no item."""
    found = _ITEM.match(line)
    if found is None:
        return None
    return f"（{found.group(1)}）", line[found.end() :].strip()


def article_anchor(number: int, inserted: int = 0) -> str:
    """The article's id on its page: links to one article end in it."""
    return f"article-{number}-{inserted}" if inserted else f"article-{number}"


def stanza_anchor(number: int) -> str:
    """The same of a stanza."""
    return f"stanza-{number}"
