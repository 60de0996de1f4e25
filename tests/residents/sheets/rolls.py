"""Rolls as committees really keep them: the same people, written down in many untidy ways."""

from __future__ import annotations

import csv
import datetime
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import openpyxl
import xlwt

SURNAMES = "邓阳曾邹罗刘贺谭龙吴"
GIVEN = ["建国", "桂莲", "小满", "长顺", "菊英", "志勇", "秋萍", "明", "辉", "海波"]
HEADINGS = ["户号", "组别", "姓名", "与户主关系", "性别", "出生日期", "电话", "户籍", "是否常住", "备注"]


@dataclass(frozen=True)
class Person:
    household: int
    group: int
    name: str
    relation: str
    gender: str
    born_on: datetime.date
    phone: str = ""


def people(count: int, *, seed: int = 1, groups: int = 4, households_of: int = 4) -> list[Person]:
    """`count` people in households of up to `households_of`; namesakes over households, old couples on one phone."""
    dice = random.Random(seed)
    made: list[Person] = []
    household = 0
    while len(made) < count:
        household += 1
        names: set[str] = set()
        for position in range(min(dice.randint(1, households_of), count - len(made))):
            name = dice.choice(SURNAMES) + dice.choice(GIVEN)
            while name in names:
                name = dice.choice(SURNAMES) + dice.choice(GIVEN) + dice.choice("松梅兰竹")
            names.add(name)
            number = len(made)
            shares = position == 1 and dice.random() < 0.5 and made[-1].phone
            made.append(
                Person(
                    household,
                    household % groups + 1,
                    name,
                    "户主" if position == 0 else dice.choice(["配偶", "子", "女"]),
                    dice.choice(["男", "女"]),
                    datetime.date(1935, 1, 1) + datetime.timedelta(days=dice.randint(0, 26000)),
                    made[-1].phone if shares else (f"139{number:08d}" if dice.random() < 0.7 else ""),
                )
            )
    return made


def _wide(text: str) -> str:
    """Digits as a Chinese keyboard types them."""
    return "".join(chr(ord(letter) + 0xFEE0) if letter.isdigit() else letter for letter in text)


def _date(born_on: datetime.date, dice: random.Random) -> Any:
    ways = [
        born_on,
        born_on.isoformat(),
        f"{born_on.year}.{born_on.month}.{born_on.day}",
        f"{born_on.year}年{born_on.month}月{born_on.day}日",
        born_on.strftime("%Y%m%d"),
        int(born_on.strftime("%Y%m%d")),
        (born_on - datetime.date(1899, 12, 30)).days,
        _wide(born_on.strftime("%Y/%m/%d")),
    ]
    return dice.choice(ways)


CHINESE = "零一二三四五六七八九"


def rows(crowd: Sequence[Person], *, seed: int = 1, tidy: bool = False) -> list[list[Any]]:
    """The people as rows of HEADINGS; untidy unless told otherwise."""
    dice = random.Random(seed)
    table: list[list[Any]] = []
    for one in crowd:
        if tidy:
            born: Any = one.born_on.isoformat()
            group: Any = f"{one.group}组"
            name = one.name
            phone: Any = one.phone
        else:
            born = _date(one.born_on, dice)
            group = dice.choice(
                [
                    one.group,
                    f"{one.group}组",
                    f"第{CHINESE[one.group]}组",
                    f"{CHINESE[one.group]}组",
                    _wide(str(one.group)),
                ]
            )
            name = dice.choice([one.name, f" {one.name}", one.name[0] + " " + one.name[1:], one.name + "\u3000"])
            phone = one.phone
            if phone:
                phone = dice.choice(
                    [phone, float(phone), _wide(phone), f"+86 {phone}", f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"]
                )
        local = "" if tidy else dice.choice(["", "本村", "是"])
        table.append([one.household, group, name, one.relation, one.gender, born, phone, local, "", ""])
    return table


def as_xlsx(table: Sequence[Sequence[Any]], *, headings: Sequence[str] = HEADINGS, title: str = "") -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    if title:
        page.append([title])
        page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(headings))
    page.append(list(headings))
    for row in table:
        page.append(list(row))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_csv(table: Sequence[Sequence[Any]], *, encoding: str = "utf-8-sig", headings: Sequence[str] = HEADINGS) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows(table)
    writer.writerow([""] * len(headings))  # what Excel leaves behind
    return out.getvalue().encode(encoding)


def as_xls(table: Sequence[Sequence[Any]], *, headings: Sequence[str] = HEADINGS) -> bytes:
    book = xlwt.Workbook()
    page = book.add_sheet("名册")
    style = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for number, row in enumerate([list(headings), *table]):
        for column, value in enumerate(row):
            if isinstance(value, datetime.date):
                page.write(number, column, value, style)
            else:
                page.write(number, column, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def born_later(one: Person, days: int) -> Person:
    return replace(one, born_on=one.born_on + datetime.timedelta(days=days))
