"""The base of a body on a day, by its preset: how many units, how many must come, who is left out and why."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from residents.models import Village, VillageGroup, Yard
from residents.roll import Entitled, entitled

from .models import ProcedurePreset
from .quorum import Share, required


@dataclass(frozen=True)
class Electorate:
    """`units` is the base, `quorum` how many of them must be there."""

    units: int
    quorum: int
    found: Entitled


def electorate_of(
    village: Village,
    preset: ProcedurePreset,
    *,
    on: datetime.date,
    group: VillageGroup | None = None,
    yard: Yard | None = None,
) -> Electorate:
    """Whom a meeting of this kind would count if its notice went out that day. Raises RollError as `entitled` does.

    A household that has nobody to vote for it still counts in the base (VL 26, UL 27 of 2025).
    """
    found = entitled(village, electorate=preset.electorate, on=on, yard=yard, group=group)
    units = len(found.units) + len(found.missing)
    return Electorate(units, required(units, Share(preset.quorum_op, preset.quorum_num, preset.quorum_den)), found)
