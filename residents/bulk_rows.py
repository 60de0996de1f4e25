"""Writing tens of thousands of rows at once: one statement, run for each row by the driver.

The ORM composes the text of a statement for every few rows, which takes longer than the database needs to write them.
Values go through the fields' own conversion, as the ORM's would.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.expressions import DatabaseDefault

_PLAIN = (str, int, bool, type(None))  # what every driver takes as it is


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Add new rows of one model, whose keys stand on them afterwards. Only inside a transaction.

    A field that the database fills in itself (db_default) must be left to it on all of them or on none.
    """
    if not rows:
        return
    model = type(rows[0])
    for row, key in zip(rows, _new_keys(model, len(rows)), strict=True):
        row.pk = key
    fields = [
        field
        for field in model._meta.local_concrete_fields
        if not isinstance(getattr(rows[0], field.attname), DatabaseDefault)
    ]
    columns = ", ".join(_quoted(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {_quoted(model._meta.db_table)} ({columns}) VALUES ({marks})"  # noqa: S608  our own names
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(_prepared(rows, fields)))
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def update_rows(rows: Sequence[models.Model], names: Iterable[str]) -> None:
    """Write these fields of rows of one model."""
    if not rows:
        return
    model = type(rows[0])
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    sets = ", ".join(f"{_quoted(field.column)} = %s" for field in fields)
    key = _quoted(model._meta.pk.column)
    statement = f"UPDATE {_quoted(model._meta.db_table)} SET {sets} WHERE {key} = %s"  # noqa: S608  our own names
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(_prepared(rows, fields, with_key=True)))


def _quoted(name: Any) -> str:
    return str(connection.ops.quote_name(name))


def _prepared(rows: Sequence[models.Model], fields: Sequence[Any], *, with_key: bool = False) -> Iterator[list[Any]]:
    """The values of each row as the driver takes them; most are already."""
    wrapper = connections[DEFAULT_DB_ALIAS]
    told = [(field.attname, field, isinstance(field, models.JSONField)) for field in fields]
    for row in rows:
        values = []
        for name, field, is_json in told:
            value = getattr(row, name)
            if is_json or type(value) not in _PLAIN:
                value = field.get_db_prep_save(value, wrapper)
            values.append(value)
        yield [*values, row.pk] if with_key else values


def _new_keys(model: type[models.Model], count: int) -> Iterable[int]:
    """Keys nobody else gets: from the sequence, or above the last one while SQLite lets nobody else write."""
    table, key = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            statement = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
            cursor.execute(statement, [_quoted(table), key, count])
            return [number for (number,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()
        first = (last[0] if last else 0) + 1
    return range(first, first + count)
