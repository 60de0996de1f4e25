"""A whole site for a test to break: a database of its own, a Valkey of its own where there is one, several workers."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connections

from tests import databases
from tests.servers import ServerUnavailable, ValkeyServer

START_SECONDS = 60
UVICORN = ("--ws", "portal.sockets:ReadyFramesProtocol", "--no-access-log", "--log-level", "critical")


class Workers:
    """Server processes behind one port, watched over by a process that replaces whichever dies.

    `own` makes that process uvicorn itself, as on a real site; otherwise the tests' quick one.
    """

    def __init__(self, environment: dict[str, str], *, count: int, own: bool = False) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.address = f"127.0.0.1:{self.listening.getsockname()[1]}"
        self.own = own
        if own:
            self.listening.close()
            port = self.address.split(":")[1]
            command = ["uvicorn", "portal.asgi:application", "--port", port, "--workers", str(count), *UVICORN]
            files: tuple[int, ...] = ()
        else:
            command = ["tests.faults.nursery", str(self.listening.fileno()), str(count)]
            files = (self.listening.fileno(),)
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=databases.ROOT,
            env=environment,
            pass_fds=files,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        self._await()

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.is_well():
                return
            time.sleep(0.05)
        self.end()
        raise RuntimeError("the portal did not start")

    def is_well(self) -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(self._health, timeout=2):  # noqa: S310
            return True
        return False

    @property
    def _health(self) -> str:
        return f"http://{self.address}/healthz/?part=database"

    def alive(self) -> list[psutil.Process]:
        """The workers that run: not the dead that nobody has fetched yet, nor what Python starts beside them."""
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if _words(child) and "resource_tracker" not in " ".join(_words(child))]

    def kill_one(self, dice: random.Random) -> int:
        """Signal 9 to one of them, as soon as there is one; its process id."""
        deadline = time.monotonic() + START_SECONDS
        while not self.alive() and time.monotonic() < deadline:
            time.sleep(0.02)
        victim = dice.choice(self.alive())
        victim.send_signal(signal.SIGKILL)
        return victim.pid

    def end(self) -> None:
        self.process.stdin.close()
        if self.own:
            self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.listening.close()


def _words(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


class Site:
    """Workers, database, Valkey (None where this machine has none) and the folder of the ballot keys."""

    def __init__(self, workers: Workers, url: str, valkey: ValkeyServer | None, keys: Path) -> None:
        self.workers = workers
        self.url = url
        self.valkey = valkey
        self.keys = keys

    @property
    def address(self) -> str:
        return self.workers.address


@contextlib.contextmanager
def serving(url: str, *, count: int = 2, own: bool = False, sqlite_wait: int = 0) -> Iterator[Site]:
    """A site on the migrated database at `url`."""
    keys = Path(tempfile.mkdtemp(prefix="village-portal-faults-"))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, keys, ignore_errors=True)
        valkey = None
        with contextlib.suppress(ServerUnavailable):
            valkey = stack.enter_context(ValkeyServer())
        environment = os.environ | {
            "DATABASE_URL": url,
            "REDIS_URL": valkey.url if valkey else "",
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "FAULTS_KEYS": str(keys),
            "FAULTS_SQLITE_WAIT": str(sqlite_wait),
            "LOG_LEVEL": "CRITICAL",
        }
        workers = Workers(environment, count=count, own=own)
        stack.callback(workers.end)
        yield Site(workers, url, valkey, keys)


@contextlib.contextmanager
def this_process_on(described: dict[str, object]) -> Iterator[None]:
    """Let the test's own queries go to that database (keys of Django's DATABASES) instead of the suite's."""
    shared = settings.DATABASES["default"]
    before = {key: shared[key] for key in described}
    connections.close_all()
    for known in (shared, connections["default"].settings_dict):
        known.update(described)
    try:
        yield
    finally:
        connections.close_all()
        for known in (shared, connections["default"].settings_dict):
            known.update(before)
