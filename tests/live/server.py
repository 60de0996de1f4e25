"""The portal in processes of its own, on the database of the running test."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import IO

from django.db import connections

from tests import databases


def environment() -> dict[str, str]:
    """That of another process of the same site: the test's own database, the same Redis or none."""
    described = connections["default"].settings_dict
    if connections["default"].vendor == "sqlite":
        url = f"sqlite:///{described['NAME']}"
    else:
        host = described["HOST"] or described.get("OPTIONS", {}).get("host", "")
        server = {"host": host, "port": described["PORT"] or 5432, "user": described["USER"] or "postgres"}
        url = databases._url(server, str(described["NAME"]))
    own = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "portal.settings.test", "LOG_LEVEL": "ERROR"}
    return os.environ | own


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _await(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/healthz/?part=database", timeout=2):  # noqa: S310
            return
        time.sleep(0.1)
    raise RuntimeError("the portal did not start")


@contextlib.contextmanager
def serving(*, output: IO[bytes] | None = None, **more: str) -> Iterator[str]:
    """host:port of the portal under uvicorn, as `make run` serves it; `more` goes into its environment, what it says
    into `output`."""
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", "portal.asgi:application", "--port", str(port)]
    command += [
        "--ws",
        "portal.sockets:ReadyFramesProtocol",
        "--ws-per-message-deflate",
        "false",
        "--no-access-log",
        "--log-level",
        "critical",
    ]
    process = subprocess.Popen(
        command,
        cwd=databases.ROOT,
        env=environment() | more,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
    )
    try:
        _await(f"http://127.0.0.1:{port}", process)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


_CASTING = """
import sys
import django
django.setup()
from consultation import voting
from consultation.models import Motion, RosterEntry
motion = Motion.objects.get(pk=int(sys.argv[1]))
print("ready", flush=True)
for line in sys.stdin:
    entry = RosterEntry.objects.get(pk=int(line))
    voting.cast_ballot(motion=motion, entry=entry, choice="for", key="another process")
    print("cast", flush=True)
"""


class OtherProcess:
    """Another worker of the site, which casts a ballot for each roster line it is given."""

    def __init__(self, motion_id: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _CASTING, str(motion_id)],
            cwd=databases.ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def cast(self, entry_id: int) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{entry_id}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "cast\n"

    def end(self) -> None:
        self.process.communicate(timeout=20)
