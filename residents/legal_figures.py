"""The law's numbers as data: seeded once, kept by the county, read by the day they hold on."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.db import models

from .models import LegalFigure
from .seeding import add_missing, data_in

FILE = Path(__file__).parent / "data" / "figures.yaml"


def _rows() -> Iterator[dict[str, Any]]:
    data = data_in(FILE)
    for row in data["figures"]:
        num, den = row.get("share", (None, None))
        same = ("key", "applies_to", "label", "least", "most", "days", "citation", "verified")
        yield {name: row.get(name) for name in same} | {"share_num": num, "share_den": den} | data["sources"][row["of"]]


def seed_figures(model: type[models.Model] = LegalFigure) -> int:
    """Add the figures that are missing; how many."""
    return add_missing(model, _rows(), by=("key", "applies_to"))


def figures_for(kind: str, *, on: datetime.date) -> Mapping[str, LegalFigure]:
    """The figures that hold for villages or for communities on that day, by key; one query."""
    return {one.key: one for one in LegalFigure.objects.in_force(on).filter(applies_to=kind).order_by("in_force_from")}


def all_figures(*, on: datetime.date) -> Mapping[tuple[str, str], LegalFigure]:
    """The same for both kinds, by (kind, key)."""
    held = LegalFigure.objects.in_force(on).order_by("in_force_from")
    return {(one.applies_to, one.key): one for one in held}
