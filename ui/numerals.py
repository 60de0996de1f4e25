"""Whole numbers from 1 to 9999 as Chinese papers write them; all else raises ValueError."""

from __future__ import annotations

MOST = 9999
DIGITS = "零一二三四五六七八九"  # untranslated: numerals
UNITS = ("", "十", "百", "千")  # untranslated: numerals


def chinese_number(number: int) -> str:
    """12 → 十二, 101 → 一百零一, 1010 → 一千零一十."""
    if not 1 <= number <= MOST:
        raise ValueError(f"a number from 1 to {MOST}, not {number}")
    words = ""
    skipped = False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit == 0:
            skipped = skipped or bool(words)
            continue
        # One 零 stands for any run of empty places between two digits.
        words += (DIGITS[0] if skipped else "") + DIGITS[digit] + UNITS[place]
        skipped = False
    # 十二, not 一十二; inside a larger number 一十 stays.
    return words[1:] if 10 <= number < 20 else words
