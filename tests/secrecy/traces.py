"""All that a machine keeps: files, tables, caches, logs; as bytes to search."""

from __future__ import annotations

import base64
import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import connection


def tables() -> dict[str, bytes]:
    """Every table of ours, row by row; on PostgreSQL with where each row lies and which transaction wrote it."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY (SELECT ctid, xmin, t.* FROM {name} t) TO STDOUT") as out:  # noqa: S608
                    found[table] = b"".join(bytes(part) for part in out)
            else:
                rows = cursor.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608  our own tables' names
                found[table] = repr(rows).encode()
    return found


def server_folder() -> Path:
    """PostgreSQL's own: its data, and beside it the log it writes."""
    return Path(str(connection.settings_dict["HOST"] or connection.settings_dict["OPTIONS"]["host"])).parent


def database_files() -> dict[str, bytes]:
    """The database as it lies on the disk, on SQLite with its log of changes."""
    if connection.vendor == "sqlite":
        path = str(connection.settings_dict["NAME"])
        there = [Path(path + suffix) for suffix in ("", "-wal", "-shm")]
        return {file.name: file.read_bytes() for file in there if file.exists()}
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute(
            "SELECT relname, pg_relation_filepath(oid) FROM pg_class"
            " WHERE relname LIKE 'consultation%' OR relname LIKE 'django%' OR relname LIKE 'audit%'"
        )
        lying = [(name, server_folder() / "data" / path) for name, path in cursor.fetchall() if path]
    return {name: path.read_bytes() for name, path in lying if path.exists()}


def written_ahead() -> dict[str, bytes]:
    """PostgreSQL's log of changes, which goes on holding what was deleted."""
    return _read(server_folder() / "data" / "pg_wal") if connection.vendor == "postgresql" else {}


def server_log() -> bytes:
    return (server_folder() / "log").read_bytes() if connection.vendor == "postgresql" else b""


def _read(folder: Path) -> dict[str, bytes]:
    found = {}
    for file in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError, IsADirectoryError):
            found[file.name] = file.read_bytes()
    return found


def valkey() -> bytes:
    """All that the shared cache holds."""
    if not settings.REDIS_URL:
        return b""
    from redis import Redis

    with Redis.from_url(os.environ["REDIS_URL"].split("?")[0]) as asked:
        said = []
        for number in range(4):  # workers' own
            asked.execute_command("SELECT", number)
            for key in asked.scan_iter():
                said += [key, asked.dump(key) or b""]
    return b"\n".join(said)


def forms(raw: bytes) -> list[bytes]:
    """Bytes as they may be written down."""
    return [raw, raw.hex().encode(), base64.b64encode(raw)]


def found_in(places: dict[str, bytes], sought: Iterable[str | bytes]) -> set[str]:
    """The places that hold any of it."""
    words = [word.encode() if isinstance(word, str) else word for word in sought]
    return {name for name, content in places.items() if any(word in content for word in words)}
