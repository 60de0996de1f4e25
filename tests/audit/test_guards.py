"""What is in the log can't be changed or deleted: the database itself refuses, whoever asks."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit import guards
from audit.heads import publish_heads
from audit.log import record
from audit.models import AuditEntry, AuditHead, AuditLink
from tests.factories.audit import settle

pytestmark = pytest.mark.django_db

REFUSED = {
    "entry, update": lambda: AuditEntry.objects.update(subject="别的会"),
    "entry, save": lambda: AuditEntry.objects.get().save(),
    "entry, delete": lambda: AuditEntry.objects.all().delete(),
    "entry, one deleted": lambda: AuditEntry.objects.get().delete(),
    "link, update": lambda: AuditLink.objects.update(hash="ab" * 32),
    "link, delete": lambda: AuditLink.objects.all().delete(),
    "head, update": lambda: AuditHead.objects.update(number=7),
    "head, delete": lambda: AuditHead.objects.all().delete(),
}  # fmt: skip


@pytest.fixture
def one():
    record(action="open_meeting", subject="村民会议", village_id=7)
    settle()
    publish_heads()


def stored():
    return [list(model.objects.order_by("pk").values()) for model in (AuditEntry, AuditLink, AuditHead)]


@pytest.mark.parametrize("what", REFUSED)
def test_the_orm_is_refused(one, what):
    before = stored()
    with pytest.raises(IntegrityError, match=guards.REFUSAL), transaction.atomic():
        REFUSED[what]()
    assert stored() == before


RAW = [
    "UPDATE audit_auditentry SET subject = 'x'",
    "UPDATE audit_auditlink SET hash = hash",
    "UPDATE audit_audithead SET hash = hash",
    *(f"DELETE FROM {table}" for table in guards.TABLES),  # noqa: S608  our own names
]
SQLITE = [
    "INSERT OR REPLACE INTO audit_auditentry SELECT * FROM audit_auditentry",
    "REPLACE INTO audit_auditlink SELECT entry_id + 1, chain, number, previous, 'x' FROM audit_auditlink",
    "REPLACE INTO audit_audithead (chain, day, number, hash) SELECT chain, day, number, 'x' FROM audit_audithead",
    "INSERT INTO audit_auditentry SELECT * FROM audit_auditentry WHERE 1 ON CONFLICT (id) DO UPDATE SET subject = 'x'",
]
POSTGRES = [
    *(f"TRUNCATE {table}" for table in guards.TABLES),
    f"TRUNCATE {', '.join(guards.TABLES)} CASCADE",
    "INSERT INTO audit_auditentry SELECT * FROM audit_auditentry ON CONFLICT (id) DO UPDATE SET subject = 'x'",
    "MERGE INTO audit_auditentry e USING audit_auditlink l ON l.entry_id = e.id WHEN MATCHED THEN DELETE",
]


@pytest.mark.parametrize("sql", [*RAW, *SQLITE, *POSTGRES])
def test_raw_sql_is_refused(one, sql):
    if sql in (POSTGRES if connection.vendor == "sqlite" else SQLITE):
        pytest.skip("speaks to the other database")
    before = stored()
    with pytest.raises(IntegrityError, match=guards.REFUSAL), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert stored() == before


@pytest.mark.postgres
def test_the_program_has_no_right_to_change_the_log_but_may_add_to_it():
    """The tests' own account is the server's; the portal's owns its tables and has given these rights up."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE portal_of_test")
        cursor.execute("GRANT USAGE, CREATE ON SCHEMA public TO portal_of_test")
        for table in guards.TABLES:
            cursor.execute(f"ALTER TABLE {table} OWNER TO portal_of_test")
        cursor.execute("SET LOCAL ROLE portal_of_test")
    record(action="open_meeting", subject="村民会议", village_id=7)
    settle()
    for sql in (*RAW, *POSTGRES[:3]):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
    assert AuditLink.objects.get().number == 1


def test_what_is_missing_is_known_and_put_up_again_after_a_migration(one):
    assert guards.missing(connection) == []
    guards.take_down(connection)
    assert len(guards.missing(connection)) == (9 if connection.vendor == "sqlite" else 6)
    guards.keep_up(using="default")
    assert guards.missing(connection) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.update(subject="别的会")
