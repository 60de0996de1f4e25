"""What a line of the roll says, and what changed on it, in words."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from .models import Household, Resident, RollChange, Village, VillageGroup, Yard

# Kept sealed: the history only knows that it changed.
_SECRET = {"phone_sealed", "phone_hash", "identity_hash"}
# Told by other words of the same change, or by none.
_SILENT = {"phone_sealed", "came_from"}


def said(name: str, value: Any) -> str:
    """A value as people say it."""
    if isinstance(value, bool):
        words = {"is_local": (_("本地户籍"), _("外地户籍")), "lives_here": (_("常住"), _("不常住"))}
        yes, no = words.get(name, (_("是"), _("否")))
        return yes if value else no
    if name == "gender":
        return str(dict(Resident.Gender.choices).get(value, _("没有写")))
    if name == "left_because":
        return str(dict(Resident.Leaving.choices).get(value, ""))
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if value not in (None, "") else _("没有写")


def label_of(name: str) -> str:
    model = Resident if hasattr(Resident, name) else Household
    return str(getattr(model, name).field.verbose_name)


@dataclass(frozen=True)
class Told:
    """One change as a page shows it; `parts` are (label, what it is now, what it was)."""

    change: RollChange
    parts: Sequence[tuple[str, str, str]]


def told(village: Village, changes: Iterable[RollChange]) -> list[Told]:
    """The changes in words, other rows by their names."""
    changes = list(changes)
    values = [value for change in changes for value in (change.before, change.after)]

    def rows(name: str, model: Any) -> dict[int, Any]:
        return model.objects.of(village).in_bulk({said[name] for said in values if said.get(name)})

    names = {
        "household": rows("household", Household),
        "representative": rows("representative", Resident),
        "group": rows("group", VillageGroup),
        "yard": rows("yard", Yard),
    }

    def word(name: str, value: Any) -> str:
        return said(name, str(names[name].get(value, "")) if name in names and value else value)

    lines = []
    for change in changes:
        parts = []
        for name, value in change.after.items():
            if name in _SILENT:
                continue
            if name in _SECRET:
                parts.append((label_of(name), _("有改动"), ""))
            else:
                before = word(name, change.before[name]) if name in change.before else ""
                parts.append((label_of(name), word(name, value), before))
        lines.append(Told(change, parts))
    return lines
