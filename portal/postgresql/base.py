"""What DATABASES names as its ENGINE: Django's own backend, that asks a connection at rest without a round trip."""

from __future__ import annotations

import select
from collections.abc import Callable, Sequence
from typing import Any

from django.db.backends.postgresql import base

Work = Callable[[Sequence[Any]], None]


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection at rest on which something arrives was ended by the server; only then is it asked in full.

    Django would send SELECT 1 before the first statement of every request, a tenth of a ballot's round trips.

    What is handed to `before_commit` is done as the last statements of the transaction: work that holds a lock which
    others wait for must not wait itself any more (audit/chain.py).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unfinished: dict[Work, list[Any]] = {}

    def before_commit(self, work: Work, item: Any) -> None:
        """Call `work` once with all its items before this transaction commits; not at all if it is rolled back."""
        self._unfinished.setdefault(work, []).append(item)

    def finish(self) -> None:
        """Do what was left for the end."""
        while self._unfinished:
            work = next(iter(self._unfinished))
            work(self._unfinished.pop(work))

    def commit(self) -> None:
        if self._unfinished:
            try:
                self.finish()
            except BaseException:
                # Django rolls back by itself only after an error of the database.
                self.rollback()
                raise
        super().commit()

    def rollback(self) -> None:
        self._unfinished.clear()
        super().rollback()

    def close(self) -> None:
        self._unfinished.clear()
        super().close()

    def is_usable(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        # Not select(): it knows no file descriptor above 1023, and a full hall holds thousands of sockets open.
        asked = select.poll()
        asked.register(self.connection.fileno(), select.POLLIN)
        return super().is_usable() if asked.poll(0) else True
