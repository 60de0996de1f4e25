"""`python -m tests.faults.nursery FD COUNT`: loads the portal once, forks COUNT workers that serve the listening socket
FD, and another one for each that dies, until its standard input ends.

What uvicorn's own supervisor does, but a killed worker is back in a tenth of the time: a test can kill many.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys

import django
import uvicorn

LOOK_EVERY_SECONDS = 0.02


def _load() -> None:
    """All but portal.asgi itself, whose threads would not live through a fork."""
    django.setup()
    from django.core.wsgi import get_wsgi_application
    from django.urls import get_resolver

    import consultation.routing  # noqa: F401
    import portal.pages
    import portal.sockets  # noqa: F401  all three are portal.asgi's own imports

    get_wsgi_application()
    _ = get_resolver().url_patterns


def _work(listening: socket.socket) -> None:
    config = uvicorn.Config(
        "portal.asgi:application",
        ws="portal.sockets:ReadyFramesProtocol",
        ws_per_message_deflate=False,
        access_log=False,
        log_level="critical",
        backlog=4096,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _fork(listening: socket.socket) -> int:
    child = os.fork()
    if child:
        return child
    try:
        _work(listening)
    finally:
        os._exit(0)


def main() -> None:
    listening = socket.socket(fileno=int(sys.argv[1]))
    count = int(sys.argv[2])
    _load()
    workers: set[int] = set()
    while not select.select([sys.stdin], [], [], LOOK_EVERY_SECONDS)[0]:
        while len(workers) < count:
            workers.add(_fork(listening))
        for worker in list(workers):
            if os.waitpid(worker, os.WNOHANG)[0]:
                workers.remove(worker)
    for worker in workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
    for worker in workers:
        os.waitpid(worker, 0)


if __name__ == "__main__":
    main()
