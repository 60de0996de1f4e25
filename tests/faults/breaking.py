"""Ways to take away what the portal stands on, each undone at the end of its block."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from django.db import connections

from tests import databases
from tests.servers import PostgresServer

from .site import Site


@contextlib.contextmanager
def _as_administrator() -> Iterator[tuple[psycopg.Connection, str]]:
    described = dict(connections["default"].settings_dict)
    connections.close_all()
    with psycopg.connect(**databases.server_of(described), dbname="postgres", autocommit=True) as administrator:  # type: ignore[arg-type]
        yield administrator, str(described["NAME"])


def _altered(how: str, back: str) -> Iterator[None]:
    """The database changed by one statement and everybody thrown out of it, then changed back in the same way."""
    with _as_administrator() as (administrator, name):

        def alter(what: str) -> None:
            administrator.execute(f"ALTER DATABASE {name} {what}")  # type: ignore[arg-type]
            administrator.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

        alter(how)
        try:
            yield
        finally:
            alter(back)


@contextlib.contextmanager
def postgres_refuses(site: Site) -> Iterator[None]:
    """PostgreSQL ends all sessions and lets nobody in, as while it stops and starts."""
    yield from _altered("WITH ALLOW_CONNECTIONS false", "WITH ALLOW_CONNECTIONS true")


@contextlib.contextmanager
def postgres_only_reads(site: Site) -> Iterator[None]:
    """As a standby does after the first server is lost, before it is promoted."""
    yield from _altered("SET default_transaction_read_only = on", "RESET default_transaction_read_only")


@contextlib.contextmanager
def sqlite_locked(site: Site) -> Iterator[None]:
    """Another process writes and does not finish."""
    path = str(connections["default"].settings_dict["NAME"])
    connections.close_all()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=20)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.rollback()


@contextlib.contextmanager
def stopped(server: PostgresServer) -> Iterator[None]:
    """The server itself is killed, and started again at the end."""
    connections.close_all()
    server.kill()
    yield
    server.restart()


@contextlib.contextmanager
def valkey_gone(site: Site) -> Iterator[None]:
    """Killed; it comes back with nothing in it."""
    site.valkey.kill()
    yield
    site.valkey.restart()


@contextlib.contextmanager
def valkey_stalled(site: Site) -> Iterator[None]:
    """It takes calls and answers none, which is worse than being gone."""
    process = psutil.Process(site.valkey.pid)
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def keys_gone(site: Site) -> Iterator[None]:
    """Both directories of the ballot keys are somewhere else: a disk that is not mounted."""
    away = site.keys / "away"
    away.mkdir()
    for name in ("first", "second"):
        (site.keys / name).rename(away / name)
    yield
    for name in ("first", "second"):
        assert not (site.keys / name).exists()  # nobody made it anew meanwhile
        (away / name).rename(site.keys / name)
    away.rmdir()


@contextlib.contextmanager
def small_disk(path: Path, *, megabytes: int, options: str = "") -> Iterator[None]:
    """A disk of that size at `path`; the test is skipped where this machine allows no mounting."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m{options}", "tmpfs", str(path)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine allows no mounting")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


@contextlib.contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Not one byte is left on the disk of that folder."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"\0" * 65536) == 65536:
            pass
        while file.write(b"\0"):
            pass
    try:
        yield
    finally:
        ballast.unlink()


class PostgresOnSmallDisk(PostgresServer):
    """Its data lie on a disk of their own, of `MEGABYTES`."""

    MEGABYTES = 400

    def __init__(self) -> None:
        super().__init__(durable=True)
        self._disk = contextlib.ExitStack()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def _make_cluster(self, folder: Path) -> None:
        owner = f",mode=0700,uid={self._user},gid={self._group}" if self._user is not None else ",mode=0700"
        self._disk.enter_context(small_disk(folder / "data", megabytes=self.MEGABYTES, options=owner))
        super()._make_cluster(folder)

    def revive(self) -> None:
        """As the machine's own supervisor does with a server that gave up."""
        if self._process is not None and self._process.poll() is not None:
            self.kill()
            self.restart()

    def stop(self) -> None:
        if self._guarded is not None:
            self._end(signal.SIGINT)
            self._disk.close()
        super().stop()


def pass_time(seconds: float, *, since: float) -> None:
    """Wait until so many seconds after `since` (time.monotonic) are over."""
    time.sleep(max(0.0, since + seconds - time.monotonic()))
