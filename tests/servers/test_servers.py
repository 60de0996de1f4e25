"""The servers really start, survive being killed, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from . import (
    PostgresServer,
    ServerFailed,
    ServerUnavailable,
    ValkeyServer,
    browser,
    folder,
    postgres,
    valkey,
)
from .process import ServerProcess

HERE = Path(__file__).parent
# Started by another Python, which says where the server is and then waits to be killed.
ORPHAN = """
import importlib, sys, time
sys.path.insert(0, sys.argv[1])
server = getattr(importlib.import_module(sys.argv[2]), sys.argv[3])().start()
print(server.pid, server.folder, flush=True)
time.sleep(60)
"""

both_servers = pytest.mark.parametrize("kind", [PostgresServer, ValkeyServer])


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


def ask(server: PostgresServer, query: str) -> tuple[object, ...]:
    with psycopg.connect(server.url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row


def wait_until_gone(path: Path, pid: int) -> bool:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if not path.exists() and not psutil.pid_exists(pid):
            return True
        time.sleep(0.05)
    return False


def test_postgres_speaks_utf8_the_same_on_every_machine(
    database: PostgresServer,
) -> None:
    locale = "SELECT datctype, datlocale FROM pg_database WHERE datname = 'postgres'"
    assert ask(database, locale) == ("C.UTF-8", "C.UTF-8")
    assert ask(database, "SELECT '村' < '民', lower('ÄÖ'), length('村民')") == (
        True,
        "äö",
        2,
    )


def test_postgres_has_the_search_extension_and_no_port(
    database: PostgresServer,
) -> None:
    ask(database, "SELECT FROM pg_available_extensions WHERE name = 'pg_trgm'")
    assert ask(database, "SELECT current_setting('max_connections')") == ("200",)
    assert psutil.Process(database.pid).net_connections("inet") == []
    assert psutil.Process(database.pid).uids().real != 0


def test_durable_postgres_keeps_fsync(database: PostgresServer) -> None:
    assert ask(database, "SELECT current_setting('fsync')") == ("off",)
    with PostgresServer(durable=True) as server:
        assert ask(server, "SELECT current_setting('fsync')") == ("on",)


def test_killed_postgres_comes_back_with_what_was_committed(
    database: PostgresServer,
) -> None:
    url = database.url
    with psycopg.connect(url) as witness:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE vote AS SELECT 7 AS number")
        database.kill()
        with pytest.raises(psycopg.OperationalError):
            witness.execute("SELECT 1")
    database.restart()
    assert database.url == url
    assert ask(database, "SELECT number FROM vote") == (7,)
    database.restart()
    assert ask(database, "SELECT number FROM vote") == (7,)


@pytest.mark.long
def test_two_postgres_side_by_side_do_not_meet(database: PostgresServer) -> None:
    with PostgresServer() as other:
        with psycopg.connect(database.url) as connection:
            connection.execute("CREATE TABLE seat ()")
        assert ask(database, "SELECT to_regclass('seat')::text") == ("seat",)
        assert ask(other, "SELECT to_regclass('seat')::text") == (None,)


def test_valkey_sets_and_gets_and_restarts_empty() -> None:
    with ValkeyServer() as server, redis.Redis.from_url(server.url) as client:
        client.set("村", "民")
        assert client.get("村") == "民".encode()
        assert psutil.Process(server.pid).net_connections("inet") == []
        server.kill()
        with pytest.raises(redis.ConnectionError):
            client.get("村")
        server.restart()
        assert client.get("村") is None


@pytest.mark.long
@both_servers
@pytest.mark.parametrize("killed", [False, True])
def test_stop_leaves_nothing(kind: type[ServerProcess], killed: bool) -> None:
    server = kind().start()
    path = server.folder
    family = [
        psutil.Process(server.pid),
        *psutil.Process(server.pid).children(recursive=True),
    ]
    if killed:
        server.kill()
    server.stop()
    assert not path.exists()
    assert all(wait_until_gone(path, process.pid) for process in family)
    with pytest.raises(RuntimeError):
        _ = server.url


@pytest.mark.long
@both_servers
def test_failed_start_leaves_nothing(kind: type[ServerProcess], monkeypatch: pytest.MonkeyPatch) -> None:
    made = folder._make_folder()
    monkeypatch.setattr(folder, "_make_folder", lambda: made)
    monkeypatch.setattr(kind, "_command", lambda self, path: ["/bin/sh", "-c", "echo 坏了; exit 3"])
    with pytest.raises(ServerFailed, match="坏了"):
        kind().start()
    assert not made.exists()


@pytest.mark.long
@both_servers
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_killed_tests_leave_nothing(kind: type[ServerProcess], how: signal.Signals) -> None:
    command = [sys.executable, "-c", ORPHAN, str(HERE.parent), HERE.name, kind.__name__]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout is not None
        pid, path = tests.stdout.readline().split()
        assert Path(path).is_dir()
        tests.send_signal(how)
    assert wait_until_gone(Path(path), int(pid))


@pytest.mark.parametrize(("module", "kind"), [(postgres, PostgresServer), (valkey, ValkeyServer)])
def test_missing_server_says_how_to_get_it(
    module: object, kind: type[ServerProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "candidates" if module is postgres else "_candidates"
    monkeypatch.setattr(module, name, list)
    with pytest.raises(ServerUnavailable, match="install requirements-dev"):
        kind().start()


def test_browser_variable_wins_but_helpers_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("my-chrome", "chromium", "helper.sh"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("BROWSER", str(tmp_path / "my-chrome"))
    assert browser.find_browser() == str(tmp_path / "my-chrome")
    monkeypatch.setenv("BROWSER", str(tmp_path / "helper.sh"))
    assert browser.find_browser() == str(tmp_path / "chromium")
    (tmp_path / "chromium").unlink()
    assert browser.find_browser() is None


def test_only_root_runs_the_browser_without_its_sandbox() -> None:
    assert ("--no-sandbox" in browser.launch_arguments()) == (os.geteuid() == 0)
