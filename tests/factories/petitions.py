"""Petitions as residents start them."""

from __future__ import annotations

import datetime

from consultation import petitions
from consultation.models import Petition
from consultation.petition_reads import Way, ways_for
from consultation.presets import seed_presets
from residents.models import Resident, Village

from .residents import make_resident

ASSEMBLY = "villagers_assembly_individual"
DAY = datetime.date(2026, 11, 20)


def way(village: Village, key: str = ASSEMBLY, ground: str = "residents", *, on: datetime.date = DAY) -> Way:
    seed_presets()
    return next(one for one in ways_for(village, on=on) if one.key == f"{key}:{ground}")


def make_village_of(village: Village, count: int) -> list[Resident]:
    """So many grown-ups, each of a household of their own."""
    return [make_resident(village) for _number in range(count)]


def make_petition(village: Village, person: Resident, **fields: object) -> Petition:
    """Demands a villagers' assembly."""
    defaults = {
        "village": village,
        "person": person,
        "title": "旧学校怎么用",
        "reason": "租给谁、租金怎么用，想请大家一起定。",
        "way": way(village),
        "by": None,
    }
    return petitions.start(**defaults | fields)
