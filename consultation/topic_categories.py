"""Seeding the categories of topics as data. What a county has edited is never overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import models

from residents.models import Village
from residents.seeding import add_missing, data_in

from .models import TopicCategory

FILE = Path(__file__).parent / "data" / "topic_categories.yaml"


def _rows() -> Iterator[dict[str, Any]]:
    data = data_in(FILE)
    for position, row in enumerate(data["categories"], start=1):
        fields = {name: row.get(name, "") for name in ("key", "label", "reserved_for", "citation")}
        fields |= {"source": data["sources"][row["of"]], "verified": row.get("verified", False), "position": position}
        for kind in Village.Kind.values if row["applies_to"] == "both" else [row["applies_to"]]:
            yield fields | {"applies_to": kind}


def seed_topic_categories(model: type[models.Model] = TopicCategory) -> int:
    """Add the categories that are missing; how many."""
    return add_missing(model, _rows(), by=("key", "applies_to"))
