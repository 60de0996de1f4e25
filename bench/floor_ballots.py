"""Where the floor keeps its ballots: in memory, or in SQLite before it answers."""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

Done = Callable[[bool], None]


class MemoryBallots:
    """Ballots that a crash would lose."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}

    @property
    def cast(self) -> int:
        return len(self.keys)

    def record(self, key: str, choice: str, done: Done) -> None:
        """Keep a ballot once; `done(True)` when it is a new one."""
        new = key not in self.keys
        self.keys[key] = choice
        done(new)


class Waiting(NamedTuple):
    key: str
    choice: str
    done: Done
    loop: asyncio.AbstractEventLoop


class DurableBallots:
    """Ballots committed with `synchronous=FULL` by one thread; those that wait share a commit."""

    def __init__(self, file: Path) -> None:
        self.cast = 0
        self.file = file
        self.waiting: queue.SimpleQueue[Waiting] = queue.SimpleQueue()
        threading.Thread(target=self._write, daemon=True).start()

    def record(self, key: str, choice: str, done: Done) -> None:
        """Keep a ballot once; `done` is called in the loop, after the commit."""
        loop = asyncio.get_running_loop()
        self.waiting.put(Waiting(key, choice, done, loop))

    def _write(self) -> None:
        database = sqlite3.connect(self.file, isolation_level=None)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE ballot (key TEXT PRIMARY KEY, choice TEXT)")
        insert = "INSERT OR IGNORE INTO ballot VALUES (?, ?)"
        while True:
            batch = [self.waiting.get()]
            while not self.waiting.empty():
                batch.append(self.waiting.get())
            database.execute("BEGIN IMMEDIATE")
            news = [database.execute(insert, (ballot.key, ballot.choice)).rowcount == 1 for ballot in batch]
            database.execute("COMMIT")
            batch[0].loop.call_soon_threadsafe(self._answer, batch, news)

    def _answer(self, batch: list[Waiting], news: list[bool]) -> None:
        self.cast += sum(news)
        for ballot, new in zip(batch, news, strict=True):
            ballot.done(new)
