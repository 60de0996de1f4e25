"""Which column of a committee's sheet means what, by the headings they usually write."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# What a column can mean, with its usual headings after normalising.
FIELDS: Mapping[str, tuple[str, ...]] = {  # untranslated: words of the committees' sheets
    "name": ("姓名", "名字", "居民姓名", "村民姓名", "成员姓名", "家庭成员", "家庭成员姓名"),
    "nickname": ("小名", "曾用名", "别名", "绰号", "乳名"),
    "gender": ("性别",),
    "birth": ("出生年月", "出生日期", "出生年月日", "生日", "出生", "出生时间", "出生年份", "出生年"),
    "identity": (
        "身份证号",
        "身份证",
        "身份证号码",
        "公民身份号码",
        "证件号码",
        "公民身份证号码",
        "身份证件号码",
        "身份证号/出生年月",
    ),
    "group": ("组别", "组", "小组", "村民小组", "居民小组", "所在组", "组名", "村民组", "所属小组", "组号"),
    "household": ("户号", "户编号", "家庭编号", "户籍编号", "户口编号", "户序号", "户编码", "家庭户号"),
    "head_name": ("户主姓名", "所属户主", "户主名"),
    "relation": ("与户主关系", "关系", "与户主的关系", "户主关系", "家庭关系", "同户主关系"),
    "head": ("是否户主", "户主"),
    "phone": ("电话", "联系电话", "手机号", "手机", "手机号码", "电话号码", "联系方式", "联系手机"),
    "local": (
        "户籍",
        "户籍所在地",
        "户籍情况",
        "是否本地户籍",
        "本地户籍",
        "户籍类型",
        "是否本村户籍",
        "户口",
        "户籍性质",
    ),
    "lives_here": ("是否常住", "常住", "是否在家", "居住情况", "常住情况", "是否居住"),
    "representative": ("是否户代表", "户代表"),
    "note": ("备注", "说明", "附注"),
}
_MEANING = {heading: field for field, headings in FIELDS.items() for heading in headings}
LABELS = {  # untranslated: the headings of our own blank sheet
    "name": "姓名", "nickname": "小名", "gender": "性别", "birth": "出生年月", "identity": "身份证号", "group": "组别",
    "household": "户号", "head_name": "户主姓名", "relation": "与户主关系", "head": "是否户主", "phone": "电话",
    "local": "户籍", "lives_here": "是否常住", "representative": "是否户代表", "note": "备注",
}  # fmt: skip
SEARCHED_ROWS = 20


@dataclass(frozen=True)
class Layout:
    """Where the headings are (row from 0), their texts, and the field of each used column (from 0)."""

    row: int
    headings: Sequence[str]
    columns: Mapping[int, str]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the headings in order: the same sheet next year is recognised by it."""
        return hashlib.sha256("\x1f".join(self.headings).encode()).hexdigest()

    def heading(self, field: str) -> str:
        """What the sheet itself calls a field; our own word when it has no such column."""
        for column, name in self.columns.items():
            if name == field:
                return self.headings[column]
        return LABELS.get(field, "")


def plain(text: Any) -> str:
    """A heading as people mean it: no spaces, stars, brackets with hints, and full-width forms made narrow."""
    words = unicodedata.normalize("NFKC", str(text if text is not None else ""))
    words = re.sub(r"[(\[【（].*?[)\]】）]", "", words)
    return re.sub(r"[\s*:：、,，#＊]", "", words)


def find_layout(rows: Sequence[Sequence[Any]]) -> Layout | None:
    """The heading row, also below titles and when headings are merged over two rows; None when there is none.

    The row that names most fields wins, the upper one of equals; it must name people.
    """
    best: Layout | None = None
    for number, row in enumerate(rows[:SEARCHED_ROWS]):
        columns: dict[int, str] = {}
        for column, cell in enumerate(row):
            field = _MEANING.get(plain(cell))
            if field is None and number and column < len(rows[number - 1]):
                field = _MEANING.get(plain(rows[number - 1][column])) if not plain(cell) else None
            if field is not None and field not in columns.values():
                columns[column] = field
        if "name" not in columns.values() or len(columns) < 2:
            continue
        if best is None or len(columns) > len(best.columns):
            above = rows[number - 1] if number else []
            headings = [
                str(cell).strip() or (str(above[column]).strip() if column < len(above) else "")
                for column, cell in enumerate(row)
            ]
            best = Layout(number, headings, columns)
    return best


def with_mapping(layout: Layout, mapping: Mapping[str, str]) -> Layout:
    """The layout with columns as somebody set them by hand: {"0": "name", "3": ""}; empty means not used."""
    columns = {int(column): field for column, field in mapping.items() if field in FIELDS}
    return Layout(layout.row, layout.headings, columns)
