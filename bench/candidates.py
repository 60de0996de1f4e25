"""What is measured, and how each is started: the floor, the textbook poll, the portal in its two shapes."""

import contextlib
import copy
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

from .processes import free_port, module, run, serving

PREPARE_SECONDS = 240
READY = ("--ws", "portal.sockets:ReadyFramesProtocol")
# Small frames cost twice the processor and memory when compressed.
UVICORN = ("--ws-per-message-deflate", "false", "--no-access-log", "--log-level", "warning", "--backlog", "4096")


@dataclass(frozen=True, slots=True)
class Served:
    """A running candidate: processes of its own, and those of the database and Valkey."""

    pids: list[int]
    stores: list[int] = field(default_factory=list)


class Candidate(ABC):
    """One server under test, with everything it writes in `folder`."""

    key: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, folder: Path) -> None:
        self.folder = folder / self.key
        self.folder.mkdir()
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"

    def file(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    @abstractmethod
    def rehearse(self, name: str, voters: int) -> None:
        """Make an open motion with signed-in voters, and its rehearsal file `file(name)`."""

    @abstractmethod
    def serving(self, name: str) -> contextlib.AbstractContextManager[Served]:
        """Serve that rehearsal."""


class Floor(Candidate):
    """The bare broadcaster; `durable` keeps its ballots on disk instead of in memory."""

    key = "floor"
    title = "bare floor"
    durable = False

    def rehearse(self, name: str, voters: int) -> None:
        run(self._command(name, "--voters", voters), {}, PREPARE_SECONDS)

    @contextlib.contextmanager
    def serving(self, name: str) -> Iterator[Served]:
        command = self._command(name, "--serve", *([] if self.durable else ["--memory"]))
        with serving({self.port: command}, {}, self.folder / "log") as pids:
            yield Served(pids)

    def _command(self, name: str, *more: object) -> list[str]:
        return module("bench.floor", "--port", self.port, "--out", self.file(name), *more)


class DurableFloor(Floor):
    key = "floor_durable"
    title = "bare floor, SQLite"
    durable = True


class Textbook(Candidate):
    """The tutorial's poll on uvicorn; one database for each rehearsal, as it knows one poll only."""

    key = "textbook"
    title = "textbook"

    def __init__(self, folder: Path, redis_url: str, stores: list[int]) -> None:
        super().__init__(folder)
        self.redis_url = redis_url
        self.stores = stores

    def rehearse(self, name: str, voters: int) -> None:
        options = ("--base", self.base, "--voters", voters, "--out", self.file(name))
        run(module("django", "rehearsal", *options), self._env(name), PREPARE_SECONDS)

    @contextlib.contextmanager
    def serving(self, name: str) -> Iterator[Served]:
        command = module("uvicorn", "bench.textbook.asgi:application", "--port", self.port, *UVICORN)
        with serving({self.port: command}, self._env(name), self.folder / "log") as pids:
            yield Served(pids, self.stores)

    def _env(self, name: str) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "bench.textbook.settings",
            "TEXTBOOK_DATABASE": str(self.folder / f"{name}.sqlite3"),
            "REDIS_URL": self.redis_url,
        }


class Portal(Candidate):
    """The portal with production's settings on SQLite: one process serves pages and sockets."""

    key = "portal_sqlite"
    title = "portal, SQLite"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.asgi = "portal.asgi:application"
        self.extra: dict[str, str] = {}
        self.stores: list[int] = []
        self.workers = 1
        self.secrets = {name: secrets.token_hex(32) for name in ("SECRET_KEY", "FIELD_KEY")}

    @property
    def env(self) -> Mapping[str, str]:
        """The whole environment that an administrator would write down."""
        return {
            "DJANGO_SETTINGS_MODULE": "bench.portal_settings",
            "BENCH_STATIC_ROOT": str(self.folder.parent / "static"),
            "DATA_DIR": str(self.folder),
            "PUBLIC_URL": self.base,
            "ALLOWED_HOSTS": "127.0.0.1",
            "DATABASE_URL": f"sqlite:///{self.folder / 'portal.sqlite3'}",
            "REDIS_URL": "",
            "SOCKET_URL": "",
            "LOG_LEVEL": "WARNING",
            **self.secrets,
            **self.extra,
        }

    def changed(self, *, asgi: str = "", workers: int = 1, extra: Mapping[str, str] | None = None) -> Self:
        """The same portal on the same data, started otherwise."""
        other = copy.copy(self)
        other.asgi = asgi or self.asgi
        other.workers = workers
        other.extra = {**self.extra, **(extra or {})}
        return other

    def prepare(self) -> None:
        """An empty site."""
        self.manage("migrate", "--verbosity", 0)

    def rehearse(self, name: str, voters: int, *, secret: bool = False) -> None:
        kind = ["--secret"] if secret else []
        self.manage("rehearsal", "--practice", *kind, "--voters", voters, "--out", self.file(name))

    def manage(self, *arguments: object) -> None:
        """Run a command of `manage.py`."""
        run(module("django", *arguments), self.env, PREPARE_SECONDS)

    @contextlib.contextmanager
    def serving(self, name: str) -> Iterator[Served]:
        with serving(self.commands(), self.env, self.folder / "log") as pids:
            yield Served(pids, self.stores)

    def commands(self) -> dict[int, list[str]]:
        """{port: command} of its servers."""
        return {self.port: module("uvicorn", self.asgi, "--port", self.port, *UVICORN, *READY)}


class ProductionPortal(Portal):
    """PostgreSQL and Valkey; each process serves pages and sockets."""

    key = "portal_postgres"
    title = "portal, PG+Valkey"

    def __init__(self, folder: Path, database_url: str, redis_url: str, stores: list[int]) -> None:
        super().__init__(folder)
        self.stores = stores
        self.extra = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}

    def commands(self) -> dict[int, list[str]]:
        return {self.port: [*super().commands()[self.port], "--workers", str(self.workers)]}
