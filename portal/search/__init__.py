"""Wagtail's database search, taught Chinese: one index for the public's search and for the admin's own.

What is indexed and what is asked go through the same taking apart (ui/chinese_words.py), so SQLite and PostgreSQL
answer alike. A title is indexed by its sound, too. The rest is Wagtail's: models, signals, `update_index`.
"""

from __future__ import annotations

from typing import Any

from django.db import connection


def SearchBackend(params: dict[str, Any]) -> Any:  # noqa: N802  the name Wagtail looks for
    """The backend for the database in use; each module asks for models that only its engine has."""
    if connection.vendor == "postgresql":
        from .postgresql import PostgresBackend  # noqa: PLC0415

        return PostgresBackend(params)
    from .sqlite import SqliteBackend  # noqa: PLC0415

    return SqliteBackend(params)
