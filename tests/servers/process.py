"""One server process on one Unix socket, started, stopped and killed by the tests."""

import atexit
import contextlib
import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from .folder import GuardedFolder, ServerFailed

START_SECONDS = 60
STOP_SECONDS = 20


class ServerProcess(ABC):
    """A server that listens on one Unix socket in its own folder; also a context manager.

    The folder holds all that the server writes, and is there from `start` until `stop`.
    """

    name: str
    # Set by `_prepare` when the process must not run as root.
    _user: int | None = None
    _group: int | None = None

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._guarded: GuardedFolder | None = None
        self._owner = 0

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect; RuntimeError while stopped."""

    @abstractmethod
    def _find(self) -> None:
        """Find the program; ServerUnavailable when there is none."""

    @abstractmethod
    def _prepare(self, folder: Path) -> None:
        """Fill the new, empty folder."""

    @abstractmethod
    def _command(self, folder: Path) -> list[str]:
        """The program and its arguments."""

    @abstractmethod
    def _is_ready(self, folder: Path, pid: int) -> bool:
        """Whether the process `pid` answers clients."""

    @property
    def folder(self) -> Path:
        """The server's own folder; RuntimeError while stopped."""
        if self._guarded is None:
            raise RuntimeError(f"{self.name} is not started.")
        return self._guarded.path

    @property
    def pid(self) -> int:
        """The running process's id; RuntimeError while there is none."""
        if self._process is None:
            raise RuntimeError(f"{self.name} is not running.")
        return self._process.pid

    def start(self) -> Self:
        """Start on an empty folder, and return once it answers.

        Raises ServerUnavailable, ServerFailed, or RuntimeError when already started.
        """
        if self._guarded is not None:
            raise RuntimeError(f"{self.name} is already started.")
        self._find()
        self._owner = os.getpid()
        self._guarded = GuardedFolder()
        atexit.register(self.stop)
        with self._cleared_on_failure():
            self._prepare(self.folder)
            self._launch()
        return self

    def stop(self) -> None:
        """End the server and remove its folder; without effect while stopped."""
        # A fork of the tests' process inherits this object, but the server is not its own.
        if self._guarded is None or os.getpid() != self._owner:
            return
        self._end(signal.SIGINT)
        self._guarded.remove()
        self._guarded = None
        atexit.unregister(self.stop)

    def kill(self) -> None:
        """End the server with SIGKILL; its folder stays, for `restart` or `stop`."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Start again on the same folder and socket, after `kill` or while running.

        Raises ServerFailed, or RuntimeError while stopped.
        """
        self._end(signal.SIGINT)
        with self._cleared_on_failure():
            self._launch()

    def __enter__(self) -> Self:
        return self if self._guarded else self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def _launch(self) -> None:
        folder = self.folder
        with (folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                env=self._environment(),
                # Ctrl-C is for the tests, which still need the server for their teardown.
                start_new_session=True,
                user=self._user,
                group=self._group,
                extra_groups=None if self._user is None else [],
            )
        self._watch(self.pid)
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready(folder, self.pid):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise ServerFailed(f"{self.name} did not start:\n{self._log_end()}")
            time.sleep(0.02)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        self._watch(None)

    def _watch(self, pid: int | None) -> None:
        if self._guarded is not None:
            self._guarded.watch(pid)

    def _environment(self) -> dict[str, str]:
        # Only these, so that a developer's PGDATA or LC_ALL changes nothing.
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_CTYPE": "C.UTF-8",
            "TZ": "UTC",
        }

    def _log_end(self) -> str:
        log = (self.folder / "log").read_text(errors="replace")
        return "\n".join(log.splitlines()[-20:])

    @contextlib.contextmanager
    def _cleared_on_failure(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.stop()
            raise ServerFailed(f"{self.name} did not start: {error}") from error
        except BaseException:
            self.stop()
            raise
