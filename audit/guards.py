"""What refuses to change or delete a row of the log, in the database itself: it holds for every program and person.

Whoever owns the server can take it away again; the chain and the published heads tell that something was changed.
"""

from __future__ import annotations

from typing import Any

from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper

REFUSAL = "the audit log is only added to"
# What must not be written twice, for SQLite: there INSERT OR REPLACE deletes without asking a trigger on deleting.
TABLES = {
    "audit_auditentry": ("id = NEW.id",),
    "audit_auditlink": ("entry_id = NEW.entry_id", "chain = NEW.chain AND number = NEW.number"),
    "audit_audithead": ("id = NEW.id", "chain = NEW.chain AND day = NEW.day"),
}
_RIGHTS = "UPDATE, DELETE, TRUNCATE"


def put_up(connection: BaseDatabaseWrapper) -> None:
    """Guard the tables; those that are guarded already stay as they are."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for table, same in TABLES.items():
                for event, when in _sqlite_events(table, same).items():
                    cursor.execute(
                        f"CREATE TRIGGER IF NOT EXISTS {table}_{event} BEFORE {event} ON {table} {when}"
                        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                    )
            return
        cursor.execute(
            "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$"
        )
        for table in TABLES:
            for event, name, each in (("UPDATE OR DELETE", "change", "ROW"), ("TRUNCATE", "truncate", "STATEMENT")):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}")
                cursor.execute(
                    f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} FOR EACH {each} "
                    "EXECUTE FUNCTION audit_refuse()"
                )
            # The owner has given up its own rights, too: not even the program may ask for it.
            cursor.execute(f"REVOKE {_RIGHTS} ON {table} FROM CURRENT_USER, PUBLIC")


def take_down(connection: BaseDatabaseWrapper) -> None:
    """For a migration backwards and for restoring a backup, never for the portal's own work."""
    with connection.cursor() as cursor:
        for table, same in TABLES.items():
            if connection.vendor == "sqlite":
                for event in _sqlite_events(table, same):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{event}")
            else:
                for name in ("change", "truncate"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}")
                cursor.execute(f"GRANT {_RIGHTS} ON {table} TO CURRENT_USER")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of those that should be there and are not, or are switched off."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            wanted = {f"{table}_{event}" for table, same in TABLES.items() for event in _sqlite_events(table, same)}
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            wanted = {f"{table}_{name}" for table in TABLES for name in ("change", "truncate")}
            cursor.execute(
                "SELECT tgname::text FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid "
                "WHERE c.relnamespace = current_schema()::regnamespace AND tgenabled <> 'D'"
            )
        return sorted(wanted - {name for (name,) in cursor.fetchall()})


def keep_up(*, using: str, **_more: Any) -> None:
    """After every migration: SQLite makes a table anew to alter it, and its triggers go with the old one."""
    database = connections[using]
    if router.allow_migrate(using, "audit") and are_there(database) and missing(database):
        put_up(database)


def are_there(connection: BaseDatabaseWrapper) -> bool:
    """Whether there are tables to be guarded: not before the first migrations, and not in an old backup's schema."""
    return set(TABLES) <= set(connection.introspection.table_names())


def _sqlite_events(table: str, same: tuple[str, ...]) -> dict[str, str]:
    """Event and its WHEN clause."""
    twice = " OR ".join(f"({one})" for one in same)
    return {"UPDATE": "", "DELETE": "", "INSERT": f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {twice}) "}  # noqa: S608  our own names
