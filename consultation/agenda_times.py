"""How long each item of an agenda has been treated: kept in the database, so that nothing is lost by a restart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .locks import database_now
from .models import AgendaItem, Meeting


def turn_to(meeting: Meeting, number: int | None) -> None:
    """From now on that item is treated (None: none); the one before keeps its time and goes on from it when the meeting
    comes back to it. To be called under the meeting's lock.
    """
    now = database_now()
    before = meeting.agenda.filter(treated_since__isnull=False).first()
    if before is not None and before.treated_since is not None:
        if before.number == number:
            return
        before.treated_seconds += max(0, int((now - before.treated_since).total_seconds()))
        before.treated_since = None
        before.save(update_fields=["treated_seconds", "treated_since"])
    if number is not None:
        meeting.agenda.filter(number=number).update(treated_since=now)


@dataclass(frozen=True)
class Treated:
    """The item being treated: since when, as if without a break, by the clock of boards' versions (milliseconds)."""

    started: int
    version: int
    planned: int  # minutes; 0: not given

    @property
    def minutes(self) -> int:
        return max(0, self.version - self.started) // 60_000

    @property
    def over(self) -> bool:
        return 0 < self.planned <= self.minutes


def treated_now(agenda: Iterable[AgendaItem], version: int) -> Treated | None:
    """Of an agenda that was read already; None while no item is treated."""
    for item in agenda:
        if item.treated_since is not None:
            started = int(item.treated_since.timestamp() * 1000) - 1000 * item.treated_seconds
            return Treated(started, version, item.minutes)
    return None
