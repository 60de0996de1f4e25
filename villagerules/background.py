"""What rules leave to the night."""

from __future__ import annotations

from django_tasks import task

from residents.background import every_night, plan

from .suggestions import note_unanswered

UNANSWERED_MINUTE = 27


@task()
def note_unanswered_daily() -> None:
    """Every night: first the next night; then write down which suggestions to amend are late."""
    plan(note_unanswered_daily, UNANSWERED_MINUTE)
    note_unanswered()


every_night(note_unanswered_daily, UNANSWERED_MINUTE)
