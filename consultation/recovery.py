"""What a restored backup does to votes that ran when it was made: nobody knows what came after, so they stop."""

from __future__ import annotations

import datetime

from django.db import transaction

from audit.log import record

from . import live
from .errors import KeyStoreError
from .key_store import get_key_store
from .locks import database_now
from .models import Kiosk, Motion
from .moves import move


@transaction.atomic
def interrupt_running(*, backed_up_at: datetime.datetime) -> list[Motion]:
    """Every vote that was open, paused or being counted stands still until two officers decide what becomes of it.

    `backed_up_at` (aware) is the moment the backup holds. What was in the box then stays in it, untouched. Counted
    motions keep their results. Asked a second time it finds nothing more to do.
    """
    motions = list(
        Motion.objects.running()
        .select_for_update(of=("self",))
        .select_related("meeting", "village")
        .order_by("village_id", "meeting_id", "number")
    )
    for motion in motions:
        was = motion.state
        move(motion, Motion.State.INTERRUPTED)
        motion.save(update_fields=["state"])
        record(
            action="interrupt_motion",
            subject=motion,
            village_id=motion.village_id,
            meeting=motion.meeting.number,
            motion=motion.number,
            was=was,
            backed_up_at=backed_up_at.isoformat(),
            marks=motion.marks.count(),
            key=has_key(motion),
        )
        live.announce(motion.meeting_id)
    return motions


def has_key(motion: Motion) -> bool | None:
    """Whether an interrupted secret motion can still be counted; None for a recorded one, which needs no key."""
    if not motion.key_ref:
        return None
    try:
        get_key_store().read(motion.key_ref)
    except KeyStoreError:
        return False
    return True


@transaction.atomic
def end_tablets() -> int:
    """No tablet handed round before the backup is trusted after it: one ended since then would be awake again."""
    return Kiosk.objects.filter(ended_at__isnull=True).update(ended_at=database_now(), entry=None)
