"""The law's numbers as data: seeded once, kept by the county, read by the day they hold on."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import models, transaction

from .models import LegalFigure

FILE = Path(__file__).parent / "data" / "figures.yaml"


@cache
def _law() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


@transaction.atomic
def seed_figures(model: type[models.Model] = LegalFigure) -> int:
    """Add the figures that are missing; how many. What a county has edited is never overwritten."""
    data = _law()
    known = set(model._default_manager.values_list("key", "applies_to"))
    missing = []
    for row in data["figures"]:
        if (row["key"], row["applies_to"]) in known:
            continue
        of = data["sources"][row["of"]]
        num, den = row.get("share", (None, None))
        fields: dict[str, Any] = {name: row.get(name) for name in ("label", "least", "most", "days", "citation")}
        fields |= {"share_num": num, "share_den": den, "verified": row["verified"], "source": of["source"]}
        missing.append(model(key=row["key"], applies_to=row["applies_to"], in_force_from=of["in_force_from"], **fields))
    model._default_manager.bulk_create(missing)
    return len(missing)


def figures_for(kind: str, *, on: datetime.date) -> Mapping[str, LegalFigure]:
    """The figures that hold for villages or for communities on that day, by key; one query."""
    return {one.key: one for one in LegalFigure.objects.in_force(on).filter(applies_to=kind).order_by("in_force_from")}


def all_figures(*, on: datetime.date) -> Mapping[tuple[str, str], LegalFigure]:
    """The same for both kinds, by (kind, key)."""
    held = LegalFigure.objects.in_force(on).order_by("in_force_from")
    return {(one.applies_to, one.key): one for one in held}
