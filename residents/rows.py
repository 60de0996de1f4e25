"""Objects of rows that were read by hand."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.base import ModelState

Row = TypeVar("Row", bound=Model)


def as_read(model: type[Row], **columns: Any) -> Row:
    """What the model's `from_db` makes of these columns; others are loaded when asked for.

    For a handful of columns on the way of a ballot: `from_db` looks at every field of the model and sends two signals,
    which nobody hears (tests/residents/test_rows.py).
    """
    row = model.__new__(model)
    state = ModelState()
    state.adding = False
    state.db = DEFAULT_DB_ALIAS
    row.__dict__.update(columns, _state=state)
    return row
