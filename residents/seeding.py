"""Law as data: the files it is seeded from, and how. What a county has edited is never overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import models, transaction


@cache
def data_in(file: Path) -> Any:
    """What a YAML file of ours says, read once: reading it takes longer than any page may."""
    return yaml.safe_load(file.read_text(encoding="utf-8"))


@transaction.atomic
def add_missing(model: type[models.Model], rows: Iterable[Mapping[str, Any]], *, by: Sequence[str]) -> int:
    """Add the rows that are not there yet, told apart by the fields `by`; how many. The model may be a migration's."""
    known = set(model._default_manager.values_list(*by))
    missing = [model(**row) for row in rows if tuple(row[name] for name in by) not in known]
    model._default_manager.bulk_create(missing)
    return len(missing)
