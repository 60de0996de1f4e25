"""Changes of the roll by hand: what one is, what refuses it, and what it does."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from . import roll_changes
from .models import Household, Resident, RollChange, Village, VillageGroup
from .phones import open_phone, phone_hash, seal_phone
from .roll_changes import RollChangeError, next_number
from .roll_lines import LineChange, write_lines

# What a person's line says, in the order of the form.
LINE = ("name", "nickname", "gender", "born_on", "relation_to_head", "is_head", "is_local", "lives_here", "note")


class Edit(StrEnum):
    ADD = "add"
    CORRECT = "correct"
    LEAVE = "leave"
    RETURN = "return"
    MOVE = "move"
    SPLIT = "split"
    JOIN = "join"
    REPRESENT = "represent"


@dataclass(frozen=True)
class RollEdit:
    """One change as it was filled in. Which fields are used depends on `edit`.

    `household` is the target of ADD and MOVE (None: a new one in `group`), the one that is split or represented, and
    for JOIN the one that goes on; `leaving` the one that ends. `phone` None leaves the phone as it is, "" removes it.
    """

    edit: Edit
    on: datetime.date
    reason: str
    resident: Resident | None = None
    household: Household | None = None
    leaving: Household | None = None
    members: Sequence[Resident] = ()
    group: VillageGroup | None = None
    own_number: str = ""
    kind: str = ""
    because: str = ""
    phone: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def person(self) -> Resident:
        """The person of an edit that is about one."""
        assert self.resident is not None  # noqa: S101
        return self.resident

    @property
    def home(self) -> Household:
        """The household of an edit that is about one."""
        assert self.household is not None  # noqa: S101
        return self.household

    @property
    def other(self) -> Household:
        """The household that ends when two are joined."""
        assert self.leaving is not None  # noqa: S101
        return self.leaving


def _check_target(village: Village, edit: RollEdit) -> None:
    if edit.household is not None:
        roll_changes.check_add(village, edit.household, on=edit.on)
    elif edit.group is None:
        raise RollChangeError(_("请写户号；要新立一户，请选小组。"))


def _check_own_number(village: Village, edit: RollEdit) -> None:
    if edit.own_number and Household.objects.of(village).filter(own_number=edit.own_number).exists():
        raise RollChangeError(_("户号“%(number)s”已经有了，请换一个。") % {"number": edit.own_number})


def _check_move(village: Village, edit: RollEdit) -> None:
    _check_target(village, edit)
    _check_own_number(village, edit)
    if edit.household == edit.person.household:
        raise RollChangeError(_("%(name)s已经在这一户，不用换。") % {"name": edit.person.name})
    roll_changes.check_change(edit.person, {}, on=edit.on)


def _check_add(village: Village, edit: RollEdit) -> None:
    _check_target(village, edit)
    _check_own_number(village, edit)


# What refuses each of them, told when it is proposed and again when it is done: RollChangeError.
CHECKS: Mapping[Edit, Callable[[Village, RollEdit], None]] = {
    Edit.ADD: _check_add,
    Edit.CORRECT: lambda village, edit: roll_changes.check_change(edit.person, edit.fields, on=edit.on),
    Edit.LEAVE: lambda village, edit: roll_changes.check_end(edit.person, on=edit.on),
    Edit.RETURN: lambda village, edit: roll_changes.check_return(edit.person, on=edit.on),
    Edit.MOVE: _check_move,
    Edit.SPLIT: lambda village, edit: roll_changes.check_split(
        edit.home, edit.members, on=edit.on, own_number=edit.own_number
    ),
    Edit.JOIN: lambda village, edit: roll_changes.check_join(edit.home, edit.other, on=edit.on),
    Edit.REPRESENT: lambda village, edit: roll_changes.check_representative(edit.home, edit.resident, on=edit.on),
}


def _target(village: Village, edit: RollEdit, how: dict[str, Any]) -> Household:
    """The household somebody comes to; a new one where none was named."""
    CHECKS[edit.edit](village, edit)
    if edit.household is not None:
        return edit.household
    new = Household(village=village, group=edit.group, number=next_number(village), from_on=edit.on)
    fields = {"own_number": edit.own_number} if edit.own_number else {}
    write_lines([LineChange(new, RollChange.Kind.ADDED, fields)], village=village, on=edit.on, **how)
    return new


def _with_phone(edit: RollEdit) -> dict[str, Any]:
    if edit.phone is None:
        return dict(edit.fields)
    before = open_phone(bytes(edit.resident.phone_sealed)) if edit.resident else ""
    if edit.phone == before:
        return dict(edit.fields)
    return {**edit.fields, "phone_sealed": seal_phone(edit.phone), "phone_hash": phone_hash(edit.phone)}


def _one_head(village: Village, edit: RollEdit, household: Household, head: Resident, how: dict[str, Any]) -> None:
    """A household has one head: a new one takes the old one's place."""
    if not edit.fields.get("is_head"):
        return
    others = Resident.objects.of(village).filter(household=household, is_head=True).exclude(pk=head.pk)
    lines = [LineChange(other, RollChange.Kind.CORRECTED, {"is_head": False}) for other in others]
    write_lines(lines, village=village, on=edit.on, **how)


def _add(village: Village, edit: RollEdit, how: dict[str, Any]) -> None:
    home = _target(village, edit, how)
    fields = _with_phone(edit)
    person = roll_changes.add_resident(
        village=village, household=home, fields=fields, on=edit.on, kind=edit.kind or RollChange.Kind.ADDED, **how
    )
    _one_head(village, edit, home, person, how)


def _correct(village: Village, edit: RollEdit, how: dict[str, Any]) -> None:
    line = roll_changes.change_resident(edit.person, fields=_with_phone(edit), on=edit.on, **how)
    _one_head(village, edit, line.household, line, how)


def _move(village: Village, edit: RollEdit, how: dict[str, Any]) -> None:
    home = _target(village, edit, how)
    kind = RollChange.Kind.CHANGED_HOUSEHOLD
    roll_changes.change_resident(edit.person, fields={"household": home}, on=edit.on, kind=kind, **how)


# What each of them does; the last argument is who, with whom and why.
WRITERS: Mapping[Edit, Callable[[Village, RollEdit, dict[str, Any]], Any]] = {
    Edit.ADD: _add,
    Edit.CORRECT: _correct,
    Edit.LEAVE: lambda village, edit, how: roll_changes.end_resident(
        edit.person, on=edit.on, because=edit.because, **how
    ),
    Edit.RETURN: lambda village, edit, how: roll_changes.return_resident(edit.person, on=edit.on, **how),
    Edit.MOVE: _move,
    Edit.SPLIT: lambda village, edit, how: roll_changes.split_household(
        edit.home, edit.members, on=edit.on, own_number=edit.own_number, group=edit.group, **how
    ),
    Edit.JOIN: lambda village, edit, how: roll_changes.join_households(edit.home, edit.other, on=edit.on, **how),
    Edit.REPRESENT: lambda village, edit, how: roll_changes.name_representative(
        edit.home, edit.resident, on=edit.on, **how
    ),
}
