"""One cell's meaning: what people type for a date, a group, a phone, and what cannot be meant."""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

OLDEST_YEAR = 1900
# Words as committees write them.
_MALE = {"男", "m", "male", "男性", "1"}  # untranslated: words of the sheets
_FEMALE = {"女", "f", "female", "女性", "2"}  # untranslated: words of the sheets
_YES = {  # untranslated: words of the sheets
    "是", "有", "y", "yes", "√", "✓", "1", "1.0", "true", "对", "常住", "在家", "户主", "户代表", "本人", "在村",
}  # fmt: skip
_NO = {  # untranslated: words of the sheets
    "否", "无", "n", "no", "×", "x", "✗", "0", "0.0", "false", "不是", "外出", "不常住", "不在家", "非常住", "务工",
}  # fmt: skip
_LOCAL = {  # untranslated: words of the sheets
    "本地", "本村", "本社区", "本地户籍", "本村户籍", "户籍", "是", "农业", "非农业", "本乡", "本镇", "在册",
    "居民户口", "家庭户",
}  # fmt: skip
_ELSEWHERE = {  # untranslated: words of the sheets
    "外地", "外村", "非本地", "非本村", "外来", "外地户籍", "非户籍", "否", "不是", "外县", "外省",
    "流动人口", "非本社区",
}  # fmt: skip
_NUMERALS = "零一二三四五六七八九"  # untranslated: numerals
_DIGITS = {digit: value for value, digit in enumerate(_NUMERALS)}
_DIGITS |= {"〇": 0, "两": 2}  # untranslated: numerals
_EPOCH = datetime.date(1899, 12, 30)  # day 0 of a spreadsheet's serial dates


class CellProblem(Exception):
    """A cell that cannot stand; the message says what to do."""


@dataclass(frozen=True)
class Parsed:
    """A value, and a remark for whoever sent the sheet."""

    value: Any
    note: str = ""


def text(cell: Any) -> str:
    """The cell's words: NFKC, trimmed, inner runs of spaces made one; whole numbers without their ".0"."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"  # untranslated: words of the sheets
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    words = unicodedata.normalize("NFKC", str(cell))
    return re.sub(r"\s+", " ", words).strip()


def name(cell: Any) -> str:
    """A person's name without inner spaces (邓 建国 is 邓建国); Latin names keep theirs. Raises CellProblem."""
    words = text(cell)
    if not words:
        raise CellProblem(_("没有写姓名，请补上。"))
    if any(unicodedata.category(letter)[0] == "C" for letter in words):
        raise CellProblem(_("姓名里有看不见的特殊符号，请删掉后重写。"))
    if not re.search(r"[A-Za-z]", words):
        words = words.replace(" ", "")
    if len(words) > 60:
        raise CellProblem(_("姓名超过 60 个字，请核对。"))
    if re.fullmatch(r"[\d.]+", words):
        raise CellProblem(_("姓名是一串数字，请核对这一列是不是姓名。"))
    return words


def gender(cell: Any) -> str:
    words = text(cell).lower()
    if not words:
        return ""
    if words in _MALE:
        return "m"
    if words in _FEMALE:
        return "f"
    raise CellProblem(_("性别请写“男”或者“女”。"))


def _day(year: int, month: int, day: int, today: datetime.date) -> datetime.date:
    try:
        found = datetime.date(year, month, day)
    except ValueError:
        raise CellProblem(_("没有这样的日期，请核对出生日期。")) from None
    if found > today:
        raise CellProblem(_("出生日期在今天以后，请核对。"))
    if year < OLDEST_YEAR:
        raise CellProblem(_("出生日期早于 1900 年，请核对。"))
    return found


def _whole_year(short: int, today: datetime.date) -> int:
    """1958 for 58, 2012 for 12: the latest such year that has begun."""
    year = today.year - today.year % 100 + short
    return year if year <= today.year else year - 100


def birth(cell: Any, *, today: datetime.date) -> Parsed:
    """A birth date as a date, a spreadsheet's serial number, or the many ways people write it; None when empty.

    Only a year and month: the first of it is taken, with a remark; only a year: its first day. Raises CellProblem.
    """
    if isinstance(cell, datetime.datetime):
        cell = cell.date()
    if isinstance(cell, datetime.date):
        return Parsed(_day(cell.year, cell.month, cell.day, today))
    words = text(cell)
    if not words:
        return Parsed(None)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        number = float(cell)
        if 4000 < number < 60000 and number == int(number):  # 1910 to 2064 as a spreadsheet counts days
            found = _EPOCH + datetime.timedelta(days=int(number))
            return Parsed(_day(found.year, found.month, found.day, today))
        if re.fullmatch(r"\d{4}\.1", words):
            # A cell of numbers has dropped the nought of October.
            raise CellProblem(_("看不出是 1 月还是 10 月，请写成 %(year)s-01 或者 %(year)s-10。") % {"year": words[:4]})
    words = re.sub(r"\s*\d{1,2}:\d{2}(:\d{2})?(\.\d+)?$", "", words)
    short = re.match(r"(\d{2})年", words)  # untranslated: part of a date
    if short is not None:
        year = _whole_year(int(short[1]), today)
        whole = birth(f"{year}{words[2:]}", today=today)
        return Parsed(whole.value, _("年份只有两位，按 %(year)s 年登记，请核对。") % {"year": year})
    words = re.sub(r"[\s]*(年|月)[\s]*", "-", words)  # untranslated: parts of a date
    words = re.sub(r"[日号生]", "", words)  # untranslated: parts of a date
    words = re.sub(r"[./\\、—–]", "-", words).strip("- ")
    match = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", words) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", words)
    if match is not None:
        return Parsed(_day(int(match[1]), int(match[2]), int(match[3]), today))
    match = re.fullmatch(r"(\d{4})-(\d{1,2})", words) or re.fullmatch(r"(\d{4})(\d{2})", words)
    if match is not None:
        found = _day(int(match[1]), int(match[2]), 1, today)
        return Parsed(found, _("只有年月，按当月 1 日登记。"))
    if re.fullmatch(r"\d{4}", words):
        return Parsed(_day(int(words), 1, 1, today), _("只有年份，按当年 1 月 1 日登记。"))
    raise CellProblem(_("看不懂出生日期，请写成 1985-03-02 这样。"))


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


@dataclass(frozen=True)
class Identity:
    """What an identity number says, for a moment; only its hash and the birth date are kept."""

    number: str
    born_on: datetime.date
    gender: str


def identity(cell: Any, *, today: datetime.date) -> Identity | None:
    """An 18-digit identity number (GB 11643-1999, check digit by ISO 7064 MOD 11-2). Raises CellProblem."""
    words = text(cell).upper().lstrip("'").replace(" ", "")
    if not words:
        return None
    if (isinstance(cell, int | float) and not isinstance(cell, bool)) or re.fullmatch(r"[\d.]+E\+?\d+", words):
        raise CellProblem(
            _("身份证号被 Excel 当成了数字，后几位已经丢了。请把这一列设成“文本”格式，重新填写；也可以不填。")
        )
    if not re.fullmatch(r"\d{17}[\dX]", words):
        raise CellProblem(_("身份证号要 18 位，请核对；也可以不填。"))
    if _CHECKS[sum(int(digit) * weight for digit, weight in zip(words, _WEIGHTS, strict=False)) % 11] != words[17]:
        raise CellProblem(_("身份证号的校验位不对，可能写错了一位，请核对；也可以不填。"))
    born_on = _day(int(words[6:10]), int(words[10:12]), int(words[12:14]), today)
    return Identity(words, born_on, "m" if int(words[16]) % 2 else "f")


def phone(cell: Any) -> Parsed:
    """A mobile phone's 11 digits, or a landline with its area code; the first of several. Raises CellProblem."""
    words = text(cell)
    if not words:
        return Parsed("")
    words = re.sub(r"^\+?86[\s-]*(?=1\d)", "", words)
    first, *others = re.split(r"[/;,、，；或\s]+(?=\+?\d{7,})", words)  # untranslated: what stands between two phones
    digits = re.sub(r"[\s\-()]", "", first)
    if re.fullmatch(r"1[3-9]\d{9}", digits) or re.fullmatch(r"0\d{9,11}", digits):
        return Parsed(digits, _("写了几个电话，只登记第一个。") if others else "")
    if isinstance(cell, float) and not cell.is_integer():
        raise CellProblem(_("电话不是整数，请把这一列设成“文本”格式，重新填写。"))
    raise CellProblem(_("电话要 11 位手机号，或者带区号的座机号，请核对；没有就空着。"))


def yes(cell: Any) -> bool | None:
    """是 or 否 in the many ways people tick a box; None when empty. Raises CellProblem."""
    words = text(cell).lower()
    if not words:
        return None
    if words in _YES:
        return True
    if words in _NO:
        return False
    raise CellProblem(_("请写“是”或者“否”。"))


def local(cell: Any) -> Parsed:
    """Whether somebody is registered here; an address or anything else counts as here, with a remark."""
    words = text(cell)
    if not words:
        return Parsed(None)
    if words.lower() in _NO or words in _ELSEWHERE:
        return Parsed(False)
    if words.lower() in _YES or words in _LOCAL:
        return Parsed(True)
    return Parsed(True, _("看不出户籍在不在本地，先按本地登记。"))


def chinese_number(words: str) -> int | None:
    """7 for 七, 12 for 十二, 23 for 二十三; None for anything else. Up to 99."""
    if words and all(letter in _DIGITS for letter in words) and len(words) == 1:
        return _DIGITS[words]
    match = re.fullmatch(r"([一二两三四五六七八九]?)十([一二三四五六七八九]?)", words)  # untranslated: numerals
    if match is None:
        return None
    return (_DIGITS[match[1]] if match[1] else 1) * 10 + (_DIGITS[match[2]] if match[2] else 0)


def group(cell: Any) -> int | str | None:
    """A group's number from 3组, 第三组, 三组, 3; its name (塘湾组) otherwise; None when empty."""
    words = text(cell).replace(" ", "")
    if not words:
        return None
    core = re.sub(r"^第", "", re.sub(r"(村民|居民)?小?组$", "", words))  # untranslated: parts of a group's name
    if re.fullmatch(r"\d{1,3}", core):
        return int(core)
    number = chinese_number(core)
    return number if number is not None else words
