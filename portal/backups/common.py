"""What both databases share: which tables are emptied or put in another order, and where the schema stands."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from audit.models import AuditEntry
from consultation.models import Counted, Slip
from residents.models import Region, SignIn, User, Village

from .archive import BackupError

# Whoever holds a session's name is signed in as its person: none goes into a backup, so a restored site knows nobody.
EMPTIED = (Session._meta.db_table, SignIn._meta.db_table)
# Rows keep the order in which they were written, and marks beside them theirs: slips are put in the order of their
# keys, which follows nothing.
REORDERED = (Slip._meta.db_table, Counted._meta.db_table)

Migrations = dict[str, list[str]]


def applied_migrations(of: Any = connection) -> Migrations:
    """What has been applied to that connection's database, by app; empty for an empty database."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for app, name in sorted(MigrationRecorder(of).applied_migrations()):
        found[app].append(name)
    return dict(found)


def require_known(migrations: Migrations) -> None:
    """Raises BackupError for a backup of a newer program, whose tables this one does not know."""
    known = set(MigrationLoader(None).disk_migrations)
    if any((app, name) not in known for app, names in migrations.items() for name in names):
        raise BackupError(_("这份备份是更新的程序做的。请先把程序升级到做备份时的版本，再恢复。"))


def migrate_to(migrations: Migrations) -> None:
    """Apply what leads to that state from the one the database is in."""
    executor = MigrationExecutor(connection, _settle)
    wanted = {(app, name) for app, names in migrations.items() for name in names}
    # Several that were later made into one stand in the graph as that one only.
    replacing = {key for key, one in executor.loader.replacements.items() if set(one.replaces) <= wanted}
    nodes = executor.loader.graph.node_map
    there = (wanted | replacing) & set(nodes)
    # Only the last ones: naming an earlier one as well means going back to it.
    executor.migrate(sorted(key for key in there if not any(child.key in there for child in nodes[key].children)))


def migrate_on() -> None:
    """Apply what this program has beyond the backup's."""
    executor = MigrationExecutor(connection, _settle)
    leaves = executor.loader.graph.leaf_nodes()
    if executor.migration_plan(leaves):
        executor.migrate(leaves)
        # Its permissions and content types, too.
        call_command("migrate", interactive=False, verbosity=0)


def _settle(action: str, *_more: Any) -> None:
    """Within one transaction PostgreSQL alters no table that has references still to be checked."""
    if action == "apply_success" and connection.vendor == "postgresql" and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def is_empty() -> bool:
    """Whether nobody and no place is in the database yet; one with other or older tables counts as full."""
    tables = connection.introspection.table_names()
    if not tables:
        return True
    models = (User, Village, Region, AuditEntry)
    if any(model._meta.db_table not in tables for model in models):
        return False
    with transaction.atomic():
        return not any(model._base_manager.exists() for model in models)
