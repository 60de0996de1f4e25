"""Putting into the index what changes by rules and not by an editor's form: at once, in the same transaction.

Wagtail's own signals hand each saved row to a background task. Rows that are written many at a time send none, and
what a rule publishes is to be found as soon as it is published.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from wagtail.search.backends import get_search_backends


def index_now(rows: Iterable[Any]) -> None:
    """Put these rows (of models that are Indexed) into every index that follows changes."""
    by_model: defaultdict[type, list[Any]] = defaultdict(list)
    for row in rows:
        by_model[type(row)].append(row)
    for backend in get_search_backends(with_auto_update=True):
        for model, found in by_model.items():
            backend.add_bulk(model, found)
