"""The people of a sheet, one for each row, with every cell that cannot stand named."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.utils.translation import gettext as _

from residents.phones import identity_hash

from . import parsing
from .headings import FIELDS, Layout
from .parsing import CellProblem
from .reading import MAX_ROWS, Sheet, SheetRefused

_HEAD = {"户主", "本人", "户主本人"}  # untranslated: what the column of relations says of the head
_LONGEST = {"nickname": 60, "household": 30, "head_name": 60, "relation": 20, "note": 200}


@dataclass(frozen=True)
class Remark:
    """Something to say about a cell: `row` as the sheet numbers its rows, from 1; `column` as the sheet heads it."""

    row: int
    column: str
    message: str


@dataclass(frozen=True)
class PersonRow:
    """One person as a sheet tells of them; empty or None where it says nothing. No identity number: only its hash."""

    row: int
    name: str
    nickname: str = ""
    gender: str = ""
    born_on: datetime.date | None = None
    identity_hash: str = ""
    group: int | str | None = None
    household: str = ""
    head_name: str = ""
    relation: str = ""
    is_head: bool | None = None
    phone: str = ""
    is_local: bool | None = None
    lives_here: bool | None = None
    represents: bool | None = None
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"born_on": self.born_on.isoformat() if self.born_on else None}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PersonRow:
        born_on = datetime.date.fromisoformat(data["born_on"]) if data.get("born_on") else None
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known} | {"born_on": born_on})


@dataclass(frozen=True)
class People:
    """What a sheet says: its people, and the remarks on its cells. `rows` counts those that say anything."""

    rows: int
    people: Sequence[PersonRow]
    problems: Sequence[Remark]
    notes: Sequence[Remark]


def read_people(
    sheet: Sheet, layout: Layout, *, today: datetime.date, told: Callable[[int, int], None] | None = None
) -> People:
    """Every row below the headings that says anything; `told` hears how many of how many rows are read.

    Raises SheetRefused beyond the limit of rows.
    """
    reader = _Reader(sheet, _with_heads_named(sheet, layout), today)
    first, end = layout.row + 1, len(sheet.rows)
    for number in range(first, end):
        reader.read(number)
        if told is not None:
            told(number - first, end - first)
    return People(reader.count, reader.people, reader.problems, reader.notes)


def _with_heads_named(sheet: Sheet, layout: Layout) -> Layout:
    """A column 户主 may tick the head or name them: names make it the head's name."""
    column = next((column for column, field in layout.columns.items() if field == "head"), None)
    if column is None:
        return layout
    said = [parsing.text(row[column]) for row in sheet.rows[layout.row + 1 :] if column < len(row)]
    for words in filter(None, said[:50]):
        try:
            parsing.yes(words)
        except CellProblem:
            columns = {**layout.columns, column: "head_name"}
            return Layout(layout.row, layout.headings, columns)
    return layout


class _Reader:
    def __init__(self, sheet: Sheet, layout: Layout, today: datetime.date) -> None:
        self.sheet = sheet
        self.layout = layout
        self.today = today
        self.count = 0
        self.people: list[PersonRow] = []
        self.problems: list[Remark] = []
        self.notes: list[Remark] = []
        self.columns = {field: column for column, field in layout.columns.items()}
        self.merged = {
            (row, column)
            for (top, left), (bottom, right) in sheet.merged
            if bottom > layout.row
            for row in range(max(top, layout.row + 1), min(bottom, layout.row + 1 + MAX_ROWS) + 1)
            for column in range(left, min(right, left + 40) + 1)
        }

    def read(self, number: int) -> None:
        row = self.sheet.rows[number]
        cells = {field: row[column] if column < len(row) else None for field, column in self.columns.items()}
        if not any(parsing.text(cell) for cell in cells.values()):
            return
        self.count += 1
        if self.count > MAX_ROWS:
            raise SheetRefused(_("表格超过 20,000 行，请分成几个再上传。"), code="too_large")
        before = len(self.problems)
        for field, column in self.columns.items():
            if (number, column) in self.merged:
                self._problem(number, field, _("这里是合并的单元格，请取消合并，每一行都填上。"))
            elif (number, column) in self.sheet.formulas and parsing.text(cells[field]):
                self._note(number, field, _("这里是公式，按现在算出的值登记。"))
        person = self._person(number, cells)
        if person is not None and len(self.problems) == before:
            self.people.append(person)

    def _person(self, number: int, cells: dict[str, Any]) -> PersonRow | None:
        def take(field: str, parse: Callable[[Any], Any]) -> Any:
            try:
                return parse(cells.get(field))
            except CellProblem as problem:
                self._problem(number, field, str(problem))
                return None

        def noted(field: str, parse: Callable[[Any], parsing.Parsed]) -> Any:
            found = take(field, parse)
            if found is not None and found.note:
                self._note(number, field, found.note)
            return found.value if found is not None else None

        person_name = take("name", parsing.name)
        born_on = noted("birth", lambda cell: parsing.birth(cell, today=self.today))
        identity = take("identity", lambda cell: parsing.identity(cell, today=self.today))
        gender = take("gender", parsing.gender) or ""
        if identity is not None:
            if born_on is not None and parsing.birth(cells.get("birth"), today=self.today).note == "":
                if born_on != identity.born_on:
                    self._problem(number, "birth", _("出生日期和身份证号对不上，请核对。"))
            else:
                born_on = identity.born_on
            gender = gender or identity.gender
        words = {field: self._words(number, field, cells) for field in _LONGEST}
        head = take("head", parsing.yes)
        if words["relation"] in _HEAD:
            head = True
        if person_name is None:
            return None
        return PersonRow(
            row=number + 1,
            name=person_name,
            nickname=words["nickname"],
            gender=gender,
            born_on=born_on,
            identity_hash=identity_hash(identity.number) if identity else "",
            group=take("group", parsing.group),
            household=words["household"],
            head_name=words["head_name"].replace(" ", ""),
            relation=words["relation"],
            is_head=head if head is not None else (False if words["relation"] else None),
            phone=noted("phone", parsing.phone) or "",
            is_local=noted("local", parsing.local),
            lives_here=take("lives_here", parsing.yes),
            represents=take("representative", parsing.yes),
            note=words["note"],
        )

    def _words(self, number: int, field: str, cells: dict[str, Any]) -> str:
        words = parsing.text(cells.get(field))
        if len(words) > _LONGEST[field]:
            self._problem(number, field, _("超过 %(limit)s 个字，请写短一些。") % {"limit": _LONGEST[field]})
        return words

    def _problem(self, number: int, field: str, message: str) -> None:
        self.problems.append(Remark(number + 1, self.layout.heading(field), message))

    def _note(self, number: int, field: str, message: str) -> None:
        self.notes.append(Remark(number + 1, self.layout.heading(field), message))


KNOWN_FIELDS = tuple(FIELDS)
