"""Migrated once, copied for each worker and each test that needs real transactions: migrating takes many seconds."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".pytest_cache" / "databases"
POSTGRES_TEMPLATE = "village_template"


@functools.cache
def _key() -> str:
    """Changes with any migration of ours and with the versions of those who bring theirs."""
    parts = [path.read_bytes() for path in [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "tests/quick_migrate.py"]]
    parts += [version(name).encode() for name in ("Django", "wagtail", "django-allauth", "django-tasks-db")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


@contextlib.contextmanager
def _alone(name: str) -> Iterator[None]:
    """One process at a time, over all workers."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _migrate(url: str) -> None:
    environment = os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "portal.settings.test",
        "LOG_LEVEL": "ERROR",
    }
    subprocess.run([sys.executable, "-m", "tests.quick_migrate"], cwd=ROOT, env=environment, check=True)


@functools.cache
def sqlite_template() -> Path:
    """A migrated SQLite file, made when missing."""
    template = CACHE / f"{_key()}.sqlite3"
    with _alone("sqlite"):
        if not template.exists():
            for old in CACHE.glob("*.sqlite3*"):
                old.unlink()
            draft = CACHE / "draft.sqlite3"
            _migrate(f"sqlite:///{draft}")
            draft.replace(template)
            for left in CACHE.glob("draft.sqlite3*"):
                left.unlink()
    return template


def restore_sqlite(path: Path) -> None:
    """Put a fresh copy at `path`; no connection to it may be open."""
    for suffix in ("-wal", "-shm", "-journal"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(sqlite_template(), path)


def server_of(settings: Mapping[str, Any]) -> dict[str, object]:
    """Where a database of Django's settings lies, as psycopg's connection arguments."""
    host = settings["HOST"] or settings.get("OPTIONS", {}).get("host", "")
    return {"host": host, "port": settings["PORT"] or 5432, "user": settings["USER"] or "postgres"}


def restore_postgres(server: dict[str, object], name: str) -> None:
    """Make database `name` anew from the migrated template; `server` are psycopg's connection arguments."""
    with _alone("postgres"), psycopg.connect(**server, dbname="postgres", autocommit=True) as connection:  # type: ignore[arg-type]
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [POSTGRES_TEMPLATE]).fetchone()
        if not known:
            connection.execute(f"CREATE DATABASE {POSTGRES_TEMPLATE}_draft")
            _migrate(_url(server, f"{POSTGRES_TEMPLATE}_draft"))
            connection.execute(f"ALTER DATABASE {POSTGRES_TEMPLATE}_draft RENAME TO {POSTGRES_TEMPLATE}")
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {POSTGRES_TEMPLATE} STRATEGY WAL_LOG")


def _url(server: dict[str, object], name: str) -> str:
    from urllib.parse import quote

    return f"postgres://{server['user']}@:{server['port']}/{name}?host={quote(str(server['host']), safe='')}"


class Kept:
    """The default database as it is when this is made, to be brought back as often as is wanted."""

    def __init__(self) -> None:
        from django.db import connections

        connections.close_all()
        self.settings = connections["default"].settings_dict
        self.name = str(self.settings["NAME"])
        if self._is_file:
            shutil.copyfile(self.name, f"{self.name}-kept")  # closed, it is whole: what was written lies in no log
        else:
            self._on_server(f"DROP DATABASE IF EXISTS {self.name}_kept WITH (FORCE)")
            self._on_server(f"CREATE DATABASE {self.name}_kept TEMPLATE {self.name} STRATEGY WAL_LOG")

    @property
    def _is_file(self) -> bool:
        return "sqlite" in str(self.settings["ENGINE"])

    def _on_server(self, statement: str) -> None:
        server = server_of(self.settings)
        with psycopg.connect(**server, dbname="postgres", autocommit=True) as connection:  # type: ignore[arg-type]
            connection.execute(statement)

    def bring_back(self) -> None:
        from django.db import connections

        connections.close_all()
        if self._is_file:
            for suffix in ("-wal", "-shm", "-journal"):
                Path(f"{self.name}{suffix}").unlink(missing_ok=True)
            shutil.copyfile(f"{self.name}-kept", self.name)
        else:
            self._on_server(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
            self._on_server(f"CREATE DATABASE {self.name} TEMPLATE {self.name}_kept STRATEGY WAL_LOG")

    def forget(self) -> None:
        if self._is_file:
            Path(f"{self.name}-kept").unlink(missing_ok=True)
        else:
            self._on_server(f"DROP DATABASE IF EXISTS {self.name}_kept WITH (FORCE)")
