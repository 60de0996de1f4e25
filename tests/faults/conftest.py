"""One site for all short tests of a worker, on a database of its own; the long ones break theirs more thoroughly."""

from __future__ import annotations

import contextlib
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import environ
import pytest
from django.db import connections

from tests import conftest as suite
from tests import databases
from tests.servers import PostgresServer

from .site import Site, serving, this_process_on

SEED = 20261126
SQLITE_WAIT = 1000  # milliseconds


def _described(url: str) -> dict[str, object]:
    """What differs in DATABASES for the database at that URL."""
    known = environ.Env.db_url_config(url)
    names = ("NAME", "USER", "HOST", "PORT") if url.startswith("postgres") else ("NAME",)
    described = {name: known[name] for name in names}
    if "OPTIONS" in known and url.startswith("postgres"):
        described["OPTIONS"] = known["OPTIONS"]
    return described


def _sqlite(folder: Path) -> str:
    databases.restore_sqlite(folder / "site.sqlite3")
    return f"sqlite:///{folder / 'site.sqlite3'}"


def _postgres(server: dict[str, object], name: str) -> str:
    databases.restore_postgres(server, name)
    return databases._url(server, name)


@contextlib.contextmanager
def _database(name: str) -> Iterator[str]:
    """The URL of a fresh database beside the suite's."""
    if connections["default"].vendor == "sqlite":
        with tempfile.TemporaryDirectory(prefix=suite.PREFIX) as folder:
            yield _sqlite(Path(folder))
    else:
        yield _postgres(databases.server_of(connections["default"].settings_dict), name)


@contextlib.contextmanager
def _at_home(site: Site, settings: Any, blocker: Any) -> Iterator[Site]:
    """The test's own queries go to the site's database, and its keys to the site's folder."""
    settings.BALLOT_KEYS_DIR = site.keys / "first"
    settings.BALLOT_KEYS_COPY_DIR = site.keys / "second"
    with blocker.unblock(), this_process_on(_described(site.url)):
        yield site


@pytest.fixture(scope="package")
def _site(django_db_setup: None, worker: str) -> Iterator[Site]:
    with _database(f"faults_{worker}") as url, serving(url, sqlite_wait=SQLITE_WAIT) as made:
        yield made


@pytest.fixture
def site(_site: Site, settings: Any, django_db_blocker: Any) -> Iterator[Site]:
    """A running site, shared by the tests of this folder."""
    with _at_home(_site, settings, django_db_blocker):
        yield _site


@pytest.fixture
def elsewhere(django_db_setup: None, settings: Any, django_db_blocker: Any, worker: str) -> Callable[..., Any]:
    """`with elsewhere(server=None, folder=None, **options) as site`: a site of the test's own, that waits as long for
    its database as a real one; on that PostgreSQL, with SQLite's file in that folder, or beside the suite's.
    """

    @contextlib.contextmanager
    def made(server: PostgresServer | None = None, folder: Path | None = None, **options: Any) -> Iterator[Site]:
        with contextlib.ExitStack() as stack:
            if server is not None:
                url = _postgres({"host": str(server.folder / "socket"), "port": 5432, "user": "postgres"}, "site")
            elif folder is not None:
                url = _sqlite(folder)
            else:
                url = stack.enter_context(_database(f"faults_{worker}_own"))
            site = stack.enter_context(serving(url, **options))
            yield stack.enter_context(_at_home(site, settings, django_db_blocker))

    return made


@pytest.fixture
def dice() -> random.Random:
    return random.Random(SEED)
