"""PostgreSQL: every table by COPY in one snapshot, so that no client programs of the server's version are needed.

The schema is not in the backup: the migrations make it, as they make it everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from audit import guards

from .archive import Archive, BackupError, Writer
from .common import EMPTIED, Migrations, applied_migrations, migrate_to

_LOCK_SECONDS = 60
# Name, columns that are stored, and those of the key.
_TABLES = """
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum),
  COALESCE((SELECT array_agg(k.attname::text ORDER BY array_position(i.indkey::int2[], k.attnum))
    FROM pg_index i JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY(i.indkey)
    WHERE i.indrelid = c.oid AND i.indisprimary), '{}')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attgenerated = ''
GROUP BY c.oid, c.relname ORDER BY c.relname
"""
_SEQUENCES = "SELECT sequencename::text FROM pg_sequences WHERE schemaname = current_schema() ORDER BY 1"
_WITH_TRIGGERS = """
SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND t.tgenabled = 'O' AND c.relnamespace = current_schema()::regnamespace
"""
# Functions of ours, not of extensions.
_FUNCTIONS = """
SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')
"""


def add_database(writer: Writer, workshop: Path) -> dict[str, Any]:
    """Copy every table as it was at one moment while the portal runs; the manifest's facts on them.

    Rows go in the order of their keys: their place on the disk and the transactions that wrote them stay behind, so
    the order in which secret slips came in is not told.
    """
    database = connection.copy()
    columns: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    try:
        with database.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            for table, stored, key in _tables(cursor):
                path = workshop / "table"
                counts[table] = 0 if table in EMPTIED else _copy_out(cursor, table, stored, key, path)
                columns[table] = stored
                if table not in EMPTIED:
                    writer.add(_member(table), path)
                    path.unlink()
            facts = {
                "version": _listed(cursor, "SHOW server_version")[0],
                "migrations": applied_migrations(database),
                "counts": counts,
                "columns": columns,
                # Read last: numbers given out meanwhile are at most skipped, never given twice.
                "sequences": {name: _sequence(cursor, name) for name in _listed(cursor, _SEQUENCES)},
            }
            cursor.execute("COMMIT")
    finally:
        database.close()
    return facts


def load_database(archive: Archive, finish: Callable[[], None]) -> None:
    """Replace what the tables hold by the archive's, in one transaction; `finish` is part of it."""
    facts = archive.manifest["database"]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'")
            if applied_migrations() != facts["migrations"]:
                _make_schema_anew(cursor, facts["migrations"])
            _fill(cursor, archive)
            finish()
            # Whoever waits for a lock of ours goes on only when all is there.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except (OperationalError, psycopg.OperationalError) as error:
        raise BackupError(_("数据库没有让出来，什么也没有改动。请先停下网站，再恢复一次。")) from error
    except (DatabaseError, psycopg.Error) as error:  # COPY speaks without Django between
        raise BackupError(
            _("备份装不进数据库，什么也没有改动：%(reason)s") % {"reason": str(error).splitlines()[0][:200]}
        ) from error


def _fill(cursor: Any, archive: Archive) -> None:
    facts = archive.manifest["database"]
    tables = {table: stored for table, stored, _key in _tables(cursor)}
    if {table: set(stored) for table, stored in tables.items()} != {
        table: set(stored) for table, stored in facts["columns"].items()
    }:
        raise BackupError(_("备份里的表和程序的不一样，什么也没有改动。请用做备份时的程序版本恢复。"))
    if set(guards.TABLES) <= set(tables):
        guards.take_down(connection)  # put up again by whoever finishes the restore
    guarded = _listed(cursor, _WITH_TRIGGERS)
    for table in guarded:  # what guards or computes rows when they are written has done so before
        cursor.execute(f"ALTER TABLE {_quoted(table)} DISABLE TRIGGER USER")
    cursor.execute(f"TRUNCATE {', '.join(map(_quoted, tables))}")
    for table, number in facts["counts"].items():
        if table not in EMPTIED and _copy_in(cursor, archive, table) != number:
            raise BackupError(_("备份里的行数和清单对不上，什么也没有改动。请换另一份备份再试。"))
    for name, (last, called) in facts["sequences"].items():
        cursor.execute("SELECT setval(%s::regclass, %s, %s)", [_quoted(name), last, called])
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    for table in guarded:
        cursor.execute(f"ALTER TABLE {_quoted(table)} ENABLE TRIGGER USER")


def _make_schema_anew(cursor: Any, migrations: Migrations) -> None:
    """Tables as they were when the backup was made; the migrations since then are applied to the rows afterwards."""
    for table, *_more in _tables(cursor):
        cursor.execute(f"DROP TABLE IF EXISTS {_quoted(table)} CASCADE")
    for name in _listed(cursor, _SEQUENCES):
        cursor.execute(f"DROP SEQUENCE IF EXISTS {_quoted(name)} CASCADE")
    for signature in _listed(cursor, _FUNCTIONS):
        cursor.execute(f"DROP ROUTINE IF EXISTS {signature} CASCADE")
    migrate_to(migrations)
    applied = applied_migrations()
    if any(not set(names) <= set(applied.get(app, [])) for app, names in migrations.items()):
        raise BackupError(_("备份里的表和程序的不一样，什么也没有改动。请用做备份时的程序版本恢复。"))


def _copy_out(cursor: Any, table: str, stored: list[str], key: list[str], path: Path) -> int:
    """Write a table's rows as PostgreSQL's own text, which any later version reads; how many."""
    columns = ", ".join(map(_quoted, stored))
    order = f" ORDER BY {', '.join(map(_quoted, key))}" if key else ""
    rows = 0
    with path.open("xb") as file:
        path.chmod(0o600)
        query = f"COPY (SELECT {columns} FROM {_quoted(table)}{order}) TO STDOUT"  # noqa: S608  names from the schema
        with cursor.copy(query) as copy:
            for chunk in copy:
                rows += bytes(chunk).count(b"\n")  # newlines inside of values are written as \n
                file.write(chunk)
    return rows


def _copy_in(cursor: Any, archive: Archive, table: str) -> int:
    stored = ", ".join(map(_quoted, archive.manifest["database"]["columns"][table]))
    with cursor.copy(f"COPY {_quoted(table)} ({stored}) FROM STDIN") as copy:
        for chunk in archive.chunks(_member(table)):
            copy.write(chunk)
    return int(cursor.rowcount)


def _tables(cursor: Any) -> list[tuple[str, list[str], list[str]]]:
    cursor.execute(_TABLES)
    return list(cursor.fetchall())


def _listed(cursor: Any, query: str) -> list[str]:
    cursor.execute(query)
    return [name for (name,) in cursor.fetchall()]


def _sequence(cursor: Any, name: str) -> list[Any]:
    cursor.execute(f"SELECT last_value, is_called FROM {_quoted(name)}")  # noqa: S608  from the schema
    return list(cursor.fetchone())


def _member(table: str) -> str:
    return f"database/{table}.copy"


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
