"""What meetings leave to the night."""

from __future__ import annotations

from django_tasks import task

from residents.background import every_night, plan

from .follow_ups import note_missed
from .sealing import tidy_up
from .topics import note_overdue

TIDY_MINUTE = 20
OVERDUE_MINUTE = 25


@task()
def tidy_daily() -> None:
    """Every night: first the next night; then destroy the keys of counted motions that are still there."""
    plan(tidy_daily, TIDY_MINUTE)
    tidy_up()


@task()
def note_overdue_daily() -> None:
    """Every night: first the next night; then write down which topics and promises are late."""
    plan(note_overdue_daily, OVERDUE_MINUTE)
    note_overdue()
    note_missed()


every_night(tidy_daily, TIDY_MINUTE)
every_night(note_overdue_daily, OVERDUE_MINUTE)
