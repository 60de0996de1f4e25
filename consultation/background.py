"""What meetings leave to the night."""

from __future__ import annotations

import datetime

from django.utils import timezone
from django_tasks import task

from residents.background import every_night, plan

from .follow_ups import note_missed
from .petition_notices import queue_petition_notices, send_petition_notices
from .petitions import note_not_called
from .reminders import queue_reminders, send_reminders
from .sealing import tidy_up
from .topics import note_overdue

TIDY_MINUTE = 20
OVERDUE_MINUTE = 25
REMIND_MINUTE = 35
MORNING = 9  # when a message wakes nobody
AGAIN = datetime.timedelta(hours=2)


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
    note_not_called()


@task()
def remind_daily() -> None:
    """Every night: first the next night; then queue what is told of meetings and petitions in the morning."""
    plan(remind_daily, REMIND_MINUTE)
    if queue_reminders() + queue_petition_notices() and send_queued.get_backend().supports_defer:
        morning = timezone.localtime().replace(hour=MORNING, minute=0, second=0, microsecond=0)
        send_queued.using(run_after=morning).enqueue()
        send_queued.using(run_after=morning + AGAIN).enqueue()  # those that the gateway did not take


@task()
def send_queued() -> None:
    """Send what waits."""
    send_reminders()
    send_petition_notices()


every_night(tidy_daily, TIDY_MINUTE)
every_night(note_overdue_daily, OVERDUE_MINUTE)
every_night(remind_daily, REMIND_MINUTE)
