"""The templates that all tests start from are what Django's own `migrate` makes."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests import databases
from tests.servers import PostgresServer, ServerUnavailable

pytestmark = pytest.mark.long

WAYS = {"quick": ["-m", "tests.quick_migrate"], "plain": ["manage.py", "migrate", "--verbosity", "0"]}
CATALOGUE = (
    "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default, is_identity "
    "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2",
    "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
)


def _migrate(way: str, url: str) -> None:
    own = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "portal.settings.test", "LOG_LEVEL": "ERROR"}
    subprocess.run([sys.executable, *WAYS[way]], cwd=databases.ROOT, env=os.environ | own, check=True)


def test_on_sqlite(tmp_path: Path) -> None:
    made = []
    for way in WAYS:
        path = tmp_path / f"{way}.sqlite3"
        _migrate(way, f"sqlite:///{path}")
        with sqlite3.connect(path) as database:
            schema = database.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
            tables = [name for kind, name, _sql in schema if kind == "table" and not name.startswith("sqlite_")]
            rows = {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone() for name in tables}  # noqa: S608
        made.append((schema, rows))
    assert made[0] == made[1]
    assert len(made[0][1]) > 100


def test_on_postgres() -> None:
    made = []
    try:
        server = PostgresServer().start()
    except ServerUnavailable as error:
        pytest.skip(str(error))
    with server:
        for way in WAYS:
            with psycopg.connect(server.url, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {way}")  # type: ignore[arg-type]
            url = server.url.replace("/postgres?", f"/{way}?")
            _migrate(way, url)
            with psycopg.connect(url) as connection:
                made.append([connection.execute(query).fetchall() for query in CATALOGUE])
    assert made[0] == made[1]
    assert len(made[0][0]) > 500
