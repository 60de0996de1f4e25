"""What a sheet would do, as it is shown and kept until somebody decides: plain data, no rows of the database."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from .headings import LABELS
from .people import Remark
from .plan import Plan, Step

SHOWN = 50  # people of each kind
_NAMES = {
    "name": "name", "nickname": "nickname", "gender": "gender", "born_on": "birth", "household": "household",
    "relation_to_head": "relation", "is_head": "head", "is_local": "local", "lives_here": "lives_here",
    "phone_hash": "phone", "identity_hash": "identity", "note": "note",
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """One person of the preview: `what` is their birth date or what changes on their line."""

    name: str
    where: str
    what: str = ""


@dataclass(frozen=True)
class Preview:
    """Counts, remarks and the first people of each kind; `digest` is that of the plan it was made of."""

    rows: int
    add: int
    change: int
    leave: int
    unchanged: int
    households: int
    digest: str
    problems: list[Remark]
    notes: list[Remark]
    added: list[Shown]
    changed: list[Shown]
    leaving: list[Shown]

    @property
    def nothing(self) -> bool:
        """Whether the roll is already as the sheet says."""
        return not (self.add or self.change or self.leave)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Preview:
        remarks = {name: [Remark(**one) for one in told[name]] for name in ("problems", "notes")}
        people = {name: [Shown(**one) for one in told[name]] for name in ("added", "changed", "leaving")}
        return cls(**{**told, **remarks, **people})


def preview_of(plan: Plan) -> Preview:
    add, change = plan.add, plan.change
    return Preview(
        rows=plan.rows,
        add=len(add),
        change=len(change),
        leave=len(plan.leave),
        unchanged=plan.unchanged,
        households=len(plan.households),
        digest=plan.digest,
        problems=sorted(plan.problems, key=lambda one: (one.row, one.column)),
        notes=sorted(plan.notes, key=lambda one: (one.row, one.column)),
        added=[
            Shown(step.row.name, _where(step), step.row.born_on.isoformat() if step.row.born_on else "")
            for step in add[:SHOWN]
        ],
        changed=[Shown(step.resident.name, _where(step), _changes(step)) for step in change[:SHOWN]],
        leaving=[Shown(one.name, f"{one.household.group} · {one.household}") for one in plan.leave[:SHOWN]],
    )


def _where(step: Step) -> str:
    home = step.resident.household
    return f"{home.group} · {home}"


def _changes(step: Step) -> str:
    """The changed fields by their names in the sheet; of a phone or identity only that it changes."""
    names = [LABELS[_NAMES[name]] for name in step.fields if name in _NAMES]
    return "、".join([*names, *([LABELS["representative"]] if step.represents else [])])
