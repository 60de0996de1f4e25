"""Child processes that never outlive the benchmark, however it ends."""

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

PROJECT = Path(__file__).resolve().parents[1]
START_SECONDS = 40
STOP_SECONDS = 5

_running: set[subprocess.Popen[bytes]] = set()
_Output = int | IO[bytes]
_over = threading.Event()


class Failed(Exception):
    """A child did not start or ended badly; the message holds the end of its output."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def module(name: str, *arguments: object) -> list[str]:
    """The command that runs a module in this very environment."""
    return [sys.executable, "-m", name, *map(str, arguments)]


def run(command: Sequence[str], env: Mapping[str, str], seconds: float) -> str:
    """Run to the end and return the output; Failed after `seconds` or on an error."""
    process = _start(command, env, subprocess.PIPE, subprocess.PIPE)
    try:
        output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Failed(f"{' '.join(command[2:5])}: not done after {seconds:.0f} s") from None
    finally:
        _end(process)
    if process.returncode:
        told = errors.decode(errors="replace").strip().splitlines()
        raise Failed(f"{' '.join(command[2:5])}: {' | '.join(told[-3:])}")
    return output.decode()


@contextlib.contextmanager
def serving(commands: Mapping[int, Sequence[str]], env: Mapping[str, str], log: Path) -> Iterator[list[int]]:
    """Run servers, given as {port: command}, until the block ends; yields their process ids.

    The block begins once every port answers. Output goes to the file `log`.
    """
    with log.open("ab") as output:
        children = {port: _start(command, env, output, output) for port, command in commands.items()}
    try:
        for port, child in children.items():
            _wait_for(port, child, log)
        yield [child.pid for child in children.values()]
    finally:
        for child in children.values():
            _end(child)


def _start(command: Sequence[str], env: Mapping[str, str], output: _Output, errors: _Output) -> subprocess.Popen[bytes]:
    if _over.is_set():
        raise Failed("the benchmark was ended")
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        # Its own group, so that workers can be ended with their master.
        start_new_session=True,
    )
    _running.add(process)
    return process


def _wait_for(port: int, child: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    told = log.read_text(errors="replace").strip().splitlines()
    raise Failed(f"server did not start: {' | '.join(told[-3:])}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started; figures are taken, so nobody is asked nicely for long."""
    _running.discard(process)
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.2 if how == signal.SIGTERM else STOP_SECONDS)


def end_children() -> None:
    """End every child, and let no other begin: a thread may be about to start one."""
    _over.set()
    for process in list(_running):
        _end(process)


def end_children_on_exit() -> None:
    """Have SIGTERM and SIGHUP leave by the same door as Ctrl-C: through every `finally`."""
    atexit.register(end_children)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
