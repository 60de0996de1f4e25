"""What meetings leave to the night."""

from __future__ import annotations

from django_tasks import task

from residents.background import every_night, plan

from .sealing import tidy_up

TIDY_MINUTE = 20


@task()
def tidy_daily() -> None:
    """Every night: first the next night; then destroy the keys of counted motions that are still there."""
    plan(tidy_daily, TIDY_MINUTE)
    tidy_up()


every_night(tidy_daily, TIDY_MINUTE)
