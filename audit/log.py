"""The one way into the audit log."""

from typing import Any

import structlog
from django.db import connection

from .chain import append
from .models import AuditEntry

log = structlog.get_logger(__name__)


def record(
    *,
    action: str,
    subject: object,
    village_id: int | None = None,
    actor: Any = None,
    **detail: Any,
) -> AuditEntry:
    """Write who did what, in the transaction of the act itself.

    `action` is verb_noun ("open_motion"); `subject` what it was done to, as words; `actor` a user or None for the
    system; `detail` JSON values, never a voter's choice.
    Raises RuntimeError outside a transaction: an act and its entry stand or fall together.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record belongs inside the transaction of the act")
    name = str(actor.get_full_name() or actor.get_username())[:60] if actor is not None else ""
    entry = AuditEntry.objects.create(
        village_id=village_id,
        actor_id=getattr(actor, "pk", None),
        actor_name=name,
        action=action,
        subject=str(subject)[:120],
        detail=detail,
    )
    append(entry)
    log.info(
        action,
        village=village_id,
        actor=getattr(actor, "pk", None),
        subject=str(subject)[:120],
    )
    return entry
