"""What a sheet would do to a village's roll: who is new, who changes, who would leave. Writes nothing."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from residents.models import Household, Resident, Village, VillageGroup
from residents.phones import phone_hash, seal_phone
from residents.roll import described

from .headings import LABELS
from .homes import Homes
from .people import People, PersonRow, Remark


@dataclass
class Step:
    """One row's effect: a resident to add (no key yet) or to change, and the fields that get new values."""

    row: PersonRow
    resident: Resident
    fields: dict[str, Any] = field(default_factory=dict)
    represents: bool = False


@dataclass
class Plan:
    """The whole effect of a sheet. With a problem nothing of it may be written."""

    village: Village
    rows: int
    steps: list[Step] = field(default_factory=list)
    unchanged: int = 0
    leave: list[Resident] = field(default_factory=list)
    groups: list[VillageGroup] = field(default_factory=list)
    households: list[Household] = field(default_factory=list)
    problems: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)

    @property
    def add(self) -> list[Step]:
        return [step for step in self.steps if step.resident.pk is None]

    @property
    def change(self) -> list[Step]:
        return [step for step in self.steps if step.resident.pk is not None]

    @property
    def digest(self) -> str:
        """SHA-256 of what would happen: a preview and what is written later must be the same."""
        told = {
            "add": [[step.row.row, step.row.name, step.resident.household.number] for step in self.add],
            "change": [[step.resident.pk, sorted(step.fields), step.represents] for step in self.change],
            "leave": sorted(resident.pk for resident in self.leave),
            "households": [[household.number, household.own_number] for household in self.households],
        }
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Counts and remarks as the command prints them."""
        return {
            "rows": self.rows,
            "add": len(self.add),
            "change": len(self.change),
            "leave": len(self.leave),
            "unchanged": self.unchanged,
            "problems": [_told(remark) for remark in sorted(self.problems, key=_place)],
            "notes": [_told(remark) for remark in sorted(self.notes, key=_place)],
        }


def _told(remark: Remark) -> dict[str, Any]:
    return {"row": remark.row, "column": remark.column, "message": remark.message}


def _place(remark: Remark) -> tuple[int, str]:
    return remark.row, remark.column


def plan_import(
    village: Village,
    people: People,
    *,
    on: datetime.date,
    whole: bool = False,
    headings: Mapping[str, str] = LABELS,
    told: Callable[[int, int], None] | None = None,
) -> Plan:
    """Compare a sheet's people with the roll of that day.

    A sheet adds and changes; an empty cell never erases what is known. With `whole` it is the whole roll, and who is
    missing leaves. `headings` names each field as the sheet does, for remarks; `told` hears how far it is.
    """
    planner = _Planner(village, people, on, headings)
    for number, row in enumerate(people.people):
        planner.take(row)
        if told is not None:
            told(number, len(people.people))
    planner.remark_on_phones(people.people)
    if whole:
        planner.plan.leave = [one for one in planner.living if one.pk not in planner.matched]
    return planner.plan


class _Planner:
    def __init__(self, village: Village, people: People, on: datetime.date, headings: Mapping[str, str]) -> None:
        self.village = village
        self.on = on
        self.headings = headings
        self.plan = Plan(village, people.rows, problems=list(people.problems), notes=list(people.notes))
        self.living = list(Resident.objects.of(village).on_roll(on).select_related("household__group").order_by("pk"))
        self.by_identity = {one.identity_hash: one for one in self.living if one.identity_hash}
        self.by_name: defaultdict[str, list[Resident]] = defaultdict(list)
        # In a village of a few surnames a name has hundreds of bearers: the two lists that tell them apart.
        self.by_name_and_home: defaultdict[tuple[str, int], list[Resident]] = defaultdict(list)
        self.by_name_and_birth: defaultdict[tuple[str, datetime.date | None], list[Resident]] = defaultdict(list)
        for one in self.living:
            self.by_name[one.name].append(one)
            self.by_name_and_home[one.name, one.household_id].append(one)
            self.by_name_and_birth[one.name, one.born_on].append(one)
        self.matched: dict[int, int] = {}  # resident → row of the sheet
        self.seen: dict[tuple[Any, ...], int] = {}
        self.named: defaultdict[str, dict[int, int]] = defaultdict(dict)  # name → household's number → row
        self.homes = Homes(village, on, people.people, self.plan)
        # Said of thousands of rows: looked up once in the catalogue.
        self.namesake_elsewhere = _("村里别的户有同名的人，按小组和出生年区分。")
        self.birthless = _("没有出生日期，补上以前不计入应到人数。")

    def _problem(self, row: PersonRow, field_name: str, message: str) -> None:
        self.plan.problems.append(Remark(row.row, self.headings.get(field_name, LABELS[field_name]), message))

    def _note(self, row: PersonRow, field_name: str, message: str) -> None:
        self.plan.notes.append(Remark(row.row, self.headings.get(field_name, LABELS[field_name]), message))

    def take(self, row: PersonRow) -> None:
        if self._is_repeated(row):
            return
        group, trouble = self.homes.group_of(row)
        if trouble:
            self._problem(row, "group", trouble)
            return
        household, trouble = self.homes.of(row, group)
        if trouble:
            self._problem(row, "household", trouble)
            return
        resident = self._match(row, household)
        if resident is not None and resident.pk in self.matched:
            self._problem(
                row, "name", _("和第 %(row)s 行是同一个人，请删掉一行。") % {"row": self.matched[resident.pk]}
            )
            return
        if household is None:
            household = resident.household if resident is not None else None
        if household is None:
            household, trouble = self.homes.alone(row, group)
            if trouble:
                self._problem(row, "group", trouble)
                return
            self._note(row, "household", _("没有写户号，单独立为一户。"))
        assert household is not None  # noqa: S101  found, known or new by now
        self.homes.sits(row, household)
        if self._has_namesake(row, household, resident):
            return
        if resident is not None:
            self.matched[resident.pk] = row.row
        self._plan_line(row, resident, household)

    def _is_repeated(self, row: PersonRow) -> bool:
        key: tuple[Any, ...] = ("id", row.identity_hash) if row.identity_hash else ()
        if not key and row.born_on is not None:
            key = (row.name, row.born_on, str(row.group or ""), row.household, row.head_name)
        if not key:
            return False
        if key in self.seen:
            self._problem(row, "name", _("和第 %(row)s 行重复，请删掉一行。") % {"row": self.seen[key]})
            return True
        self.seen[key] = row.row
        return False

    def _match(self, row: PersonRow, household: Household | None) -> Resident | None:
        """The line of the roll a row speaks of: by identity, else by name and birth, else by name and household."""
        if row.identity_hash and row.identity_hash in self.by_identity:
            return self.by_identity[row.identity_hash]

        def may_be(found: Sequence[Resident]) -> list[Resident]:
            # Whose identity is known and another is somebody else.
            return [one for one in found if not (row.identity_hash and one.identity_hash)]

        known_home = household is not None and household.pk is not None
        here = may_be(self.by_name_and_home.get((row.name, household.pk), ())) if household and known_home else []
        if row.born_on is None:
            if here or household is not None:
                return here[0] if len(here) == 1 else None
            namesakes = may_be(self.by_name.get(row.name, ()))
            return namesakes[0] if len(namesakes) == 1 else None
        same = may_be(self.by_name_and_birth.get((row.name, row.born_on), ()))
        for found in ([one for one in here if one.born_on == row.born_on], same):
            if len(found) == 1:
                return found[0]
        if same:
            return None
        # The same name in the same household: their birth date is filled in or corrected.
        return here[0] if len(here) == 1 else None

    def _has_namesake(self, row: PersonRow, household: Household, resident: Resident | None) -> bool:
        named = self.named[row.name]
        earlier = named.get(household.number)
        if earlier is not None:
            self._problem(row, "name", _("和第 %(row)s 行同户又同名，请核对是不是同一个人。") % {"row": earlier})
            return True
        here = self.by_name_and_home.get((row.name, household.pk), ()) if household.pk is not None else ()
        if any(one is not resident for one in here):
            self._problem(row, "name", _("这一户的名册上已经有同名的人，请核对是不是同一个人。"))
            return True
        known = len(self.by_name.get(row.name, ())) - (resident is not None and resident.name == row.name)
        if named or known:
            self._note(row, "name", self.namesake_elsewhere)
        named[household.number] = row.row
        return False

    def _plan_line(self, row: PersonRow, resident: Resident | None, household: Household) -> None:
        fields = _known(row)
        if row.born_on is None and (resident is None or resident.born_on is None):
            self._note(row, "birth", self.birthless)
        # The head speaks for a household that is new, unless the sheet names another.
        leads = row.represents is True or (row.represents is None and household.pk is None and row.is_head is True)
        line = resident or Resident(village=self.village, household=household)
        if row.phone and (sought := phone_hash(row.phone)) != line.phone_hash:
            fields |= {"phone_hash": sought, "phone_sealed": seal_phone(row.phone)}
        if resident is None:
            self.plan.steps.append(Step(row, line, fields, leads))
            return
        changed = {name: value for name, value in fields.items() if getattr(resident, name) != value}
        if household.pk != resident.household_id:
            changed["household"] = household
        takes_over = leads and household.representative_id != resident.pk
        if changed or takes_over:
            self.plan.steps.append(Step(row, resident, changed, takes_over))
        else:
            self.plan.unchanged += 1

    def remark_on_phones(self, rows: Sequence[PersonRow]) -> None:
        """One phone for several people is usual, and worth a second look."""
        owners: dict[str, str] = {}
        hashes: dict[str, str] = {}
        for one in self.living:
            if one.phone_hash and one.pk not in self.matched:
                owners.setdefault(one.phone_hash, described(one))
        for row in rows:
            if not row.phone:
                continue
            key = hashes.setdefault(row.phone, phone_hash(row.phone))
            if key in owners:
                self._note(row, "phone", _("和%(who)s共用一部电话。") % {"who": owners[key]})
            else:
                owners[key] = _("第 %(row)s 行的%(name)s") % {"row": row.row, "name": row.name}


def _known(row: PersonRow) -> dict[str, Any]:
    """The fields a row says something about."""
    said: dict[str, Any] = {
        "name": row.name,
        "nickname": row.nickname,
        "gender": row.gender,
        "born_on": row.born_on,
        "relation_to_head": row.relation,
        "is_head": row.is_head,
        "is_local": row.is_local,
        "lives_here": row.lives_here,
        "identity_hash": row.identity_hash,
        "note": row.note,
    }
    return {name: value for name, value in said.items() if value not in (None, "")}
