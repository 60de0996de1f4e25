"""A private folder that is removed, with the server in it ended, however the tests end."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

# A socket's path may have 103 bytes on macOS and 107 on Linux, and our part of it takes under 50.
LONGEST_BASE = 50

# Outlives us on purpose: it reads "end", or the end of the pipe when we were killed, and cleans up.
# Preferred to prctl's death signal, which needs preexec_fn and is lost when the user changes.
GUARD = """
pid=-
while read -r word && [ "$word" != end ]; do pid=$word; done
if [ "$pid" != - ] && kill -INT "$pid"; then
  n=0
  while kill -0 "$pid" && [ "$n" -lt 100 ]; do sleep 0.1; n=$((n + 1)); done
  kill -KILL "$pid"
fi
rm -rf -- "$1"
"""


class ServerUnavailable(Exception):
    """This machine lacks the server; the message says how to get it."""


class ServerFailed(Exception):
    """The server is there but did not start; the message ends with its log."""


class GuardedFolder:
    """An empty folder, 0700, with a small shell beside it that cleans up should we be killed.

    Raises ServerFailed when no temporary folder is fit for a socket.
    """

    def __init__(self) -> None:
        self.path = _make_folder()
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, "guard", str(self.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            start_new_session=True,
        )

    def watch(self, pid: int | None) -> None:
        """Name the process to end with the folder; None when there is none now."""
        # Without its shell the folder is still removed by `remove`.
        with contextlib.suppress(BrokenPipeError):
            if self._guard.stdin is not None:
                self._guard.stdin.write(f"{pid or '-'}\n".encode())

    def remove(self) -> None:
        """Remove the folder and dismiss the shell."""
        self._guard.communicate(b"end\n")
        shutil.rmtree(self.path, ignore_errors=True)


def _make_folder() -> Path:
    """Make a folder whose path leaves room for a socket's name."""
    for base in (Path(tempfile.gettempdir()), Path("/tmp")):
        parents = [base, *base.resolve().parents]
        # Root hands the server to another user, who has to get this far; no mode is changed for it.
        passable = os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in parents)
        if passable and len(os.fsencode(base)) <= LONGEST_BASE:
            return Path(tempfile.mkdtemp(prefix="village-", dir=base))
    raise ServerFailed("Set TMPDIR to a short path that every user may enter, such as /tmp.")
