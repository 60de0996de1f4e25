"""Who is behind a request, in two small statements: every signed-in page and every ballot begins with them, and the ORM
would take longer to compose them than the database to answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.db import connection
from django.utils import timezone

from .models import User
from .rows import as_read

# In the order of the model's fields; the others are loaded when asked for.
_FIELDS = ["id", "password", "is_superuser", "username", "is_active", "display_name"]
# For a statement that finds accounts, under this name, beside other things.
ACCOUNT_COLUMNS = ", ".join(f"account.{name}" for name in _FIELDS)
AccountRow = tuple[Any, ...]
_ACCOUNT = f"SELECT {', '.join(_FIELDS)} FROM residents_user WHERE id = %s"  # noqa: S608  names of our own columns
_SESSION = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"

_at_hand: ContextVar[Mapping[int, AccountRow]] = ContextVar("accounts_at_hand", default={})  # noqa: B039  read only


@contextmanager
def accounts_at_hand(accounts: Mapping[int, AccountRow]) -> Iterator[None]:
    """Within this, accounts that a statement has just read (ACCOUNT_COLUMNS, by id) are not read again."""
    token = _at_hand.set(accounts)
    try:
        yield
    finally:
        _at_hand.reset(token)


class AccountBackend(ModelBackend):
    """Django's own backend, reading the account of a session by hand."""

    def get_user(self, user_id: Any) -> User | None:
        row = _at_hand.get().get(user_id)
        if row is None:
            with connection.cursor() as cursor:
                cursor.execute(_ACCOUNT, [user_id])
                row = cursor.fetchone()
        if row is None:
            return None
        columns = dict(zip(_FIELDS, row, strict=True))
        # SQLite has no truth of its own.
        for name in ("is_superuser", "is_active"):
            columns[name] = bool(columns[name])
        user = as_read(User, **columns)
        return user if self.user_can_authenticate(user) else None


class SessionStore(DatabaseSessionStore):
    """Django's database sessions, reading one by hand."""

    def open(self, session_data: str) -> None:
        """Take what a statement has just read of this very session, unless it was opened before."""
        if not hasattr(self, "_session_cache"):
            self._session_cache = self.decode(session_data)

    def _get_session_from_db(self) -> Any:
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(_SESSION, [self.session_key, now])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return None
        return SimpleNamespace(session_data=row[0])
