"""SQLite: a copy of what the tables hold now, without what was deleted, and one that replaces all at once."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, connections
from django.utils.translation import gettext as _

from .archive import Archive, BackupError, Writer
from .common import EMPTIED, REORDERED, applied_migrations

MEMBER = "database/portal.sqlite3"
_WAIT = 60.0  # seconds for whoever writes to the database that is to be replaced


def add_database(writer: Writer, workshop: Path) -> dict[str, Any]:
    """Copy the database while it is in use; the manifest's facts on it. `workshop` is an empty folder for the work.

    VACUUM INTO reads one state of the tables and hinders no writer. It takes rows, not pages: what was deleted
    (counted slips, old sessions) stays behind, which a copy of the file or SQLite's own backup would take along.
    """
    draft, copy = workshop / "draft.sqlite3", workshop / "portal.sqlite3"
    with _another() as database, database.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(draft)])
    draft.chmod(0o600)
    with _another(draft) as database, database.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode=DELETE")
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.execute("PRAGMA temp_store=MEMORY")
        for table in EMPTIED:
            cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608  tables of our own
        for table in REORDERED:
            _reorder(cursor, table)
        _require_sound(cursor)
        facts = {"version": sqlite3.sqlite_version, "counts": _counts(cursor)}
        facts["migrations"] = applied_migrations(database)
        cursor.execute("VACUUM INTO %s", [str(copy)])
    draft.unlink()
    copy.chmod(0o600)
    writer.add(MEMBER, copy)
    return facts


def load_database(archive: Archive, finish: Callable[[], None]) -> None:
    """Replace the database by the archive's in one step that either happens or does not.

    `finish` is called with Django's connection on the copy that is to take its place: what it does is part of the step.
    """
    target = Path(connection.settings_dict["NAME"])
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=target.parent) as folder:
        copy = Path(folder) / "portal.sqlite3"
        archive.extract(MEMBER, copy)
        try:
            with _django_on(copy):
                with connection.cursor() as cursor:
                    _require_sound(cursor)
                    facts = archive.manifest["database"]
                    if _counts(cursor) != facts["counts"] or applied_migrations() != facts["migrations"]:
                        raise BackupError(_("备份里的数据库和清单对不上，什么也没有改动。请换另一份备份再试。"))
                finish()
                connection.check_constraints()
                with connection.cursor() as cursor:
                    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                    cursor.execute("PRAGMA journal_mode=DELETE")
        except DatabaseError as error:
            raise BackupError(_("备份里的数据库打不开，什么也没有改动。请换另一份备份再试。")) from error
        connection.close()
        _replace(copy, target)


def _replace(copy: Path, target: Path) -> None:
    """All pages in one transaction of the target, so that a portal that still runs sees the old or the new whole."""
    deadline = time.monotonic() + _WAIT

    def give_up(status: int, _remaining: int, _total: int) -> None:
        # Asked after the last step, too, when all is done and there is nothing to give up.
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > deadline:
            raise BackupError(_("网站还在用数据库。什么也没有改动。请先停下网站，再恢复一次。"))

    try:
        with (
            contextlib.closing(sqlite3.connect(copy)) as source,
            contextlib.closing(sqlite3.connect(target, timeout=0.5)) as database,
        ):
            database.execute("PRAGMA synchronous=FULL")
            source.backup(database, progress=give_up)
            with contextlib.suppress(sqlite3.OperationalError):  # replaced already; whoever reads it now may go on
                database.execute("PRAGMA journal_mode=WAL")
                # What the old database held leaves its log as well.
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.DatabaseError as error:
        raise BackupError(
            _("原来的数据库文件换不掉：%(reason)s。要是坏了，请把 %(path)s 和同名的 -wal、-shm 移到别处再恢复。")
            % {"reason": error, "path": target}
        ) from error


def _reorder(cursor: Any, table: str) -> None:
    """Write the rows anew in the order of their keys; the hidden row numbers follow it."""
    cursor.execute(f'CREATE TEMPORARY TABLE "anew" AS SELECT * FROM "{table}"')  # noqa: S608  tables of our own
    cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608  as above
    cursor.execute(f'SELECT name FROM pragma_table_info("{table}") WHERE pk')  # noqa: S608  as above
    (key,) = cursor.fetchone()
    cursor.execute(f'INSERT INTO "{table}" SELECT * FROM "anew" ORDER BY "{key}"')  # noqa: S608  as above
    cursor.execute('DROP TABLE "anew"')


def _require_sound(cursor: Any) -> None:
    cursor.execute("PRAGMA integrity_check")
    if (answer := cursor.fetchone()[0]) != "ok":
        raise BackupError(_("数据库文件有损坏：%(answer)s。请用上一份好的备份。") % {"answer": str(answer)[:200]})


def _counts(cursor: Any) -> dict[str, int]:
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    counts = {}
    for (table,) in cursor.fetchall():
        cursor.execute(f'SELECT COUNT(*) FROM "{table}"')  # noqa: S608  from the schema itself
        counts[table] = int(cursor.fetchone()[0])
    return counts


@contextlib.contextmanager
def _another(path: Path | None = None) -> Iterator[Any]:
    """A connection of its own, with Django's functions, to the site's database or to another file."""
    database = connection.copy()
    if path is not None:
        database.settings_dict["NAME"] = str(path)
    elif not os.path.exists(database.settings_dict["NAME"]):
        raise BackupError(_("还没有数据库，没有什么可以备份。"))
    try:
        yield database
    finally:
        database.close()


@contextlib.contextmanager
def _django_on(path: Path) -> Iterator[None]:
    """Django's own connection on another file; a command has the process to itself."""
    database = connections["default"]
    database.close()
    before = database.settings_dict["NAME"]
    database.settings_dict["NAME"] = str(path)
    try:
        yield
    finally:
        database.close()
        database.settings_dict["NAME"] = before
