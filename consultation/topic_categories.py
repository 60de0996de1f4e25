"""Seeding the categories of topics as data. What a county has edited is never overwritten."""

from __future__ import annotations

from pathlib import Path

import yaml
from django.db import models, transaction

from residents.models import Village

from .models import TopicCategory

FILE = Path(__file__).parent / "data" / "topic_categories.yaml"


@transaction.atomic
def seed_topic_categories(model: type[models.Model] = TopicCategory) -> int:
    """Add the categories that are missing; how many."""
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    known = set(model._default_manager.values_list("key", "applies_to"))
    missing = []
    for position, row in enumerate(data["categories"], start=1):
        for kind in Village.Kind.values if row["applies_to"] == "both" else [row["applies_to"]]:
            if (row["key"], kind) not in known:
                fields = {name: row.get(name, "") for name in ("label", "reserved_for", "citation")}
                fields |= {"source": data["sources"][row["of"]], "verified": row.get("verified", False)}
                missing.append(model(key=row["key"], applies_to=kind, position=position, **fields))
    model._default_manager.bulk_create(missing)
    return len(missing)
