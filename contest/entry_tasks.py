"""Every night: entries that nobody let through before their check closed are out."""

from __future__ import annotations

from django_tasks import task

from residents.background import every_night, plan

from .checking import reject_left_over
from .models import Contest

LEFT_OVER_MINUTE = 45


@task()
def reject_nightly() -> None:
    """First the next night; then all contests that run."""
    plan(reject_nightly, LEFT_OVER_MINUTE)
    for contest in Contest.objects.running():
        reject_left_over(contest)


every_night(reject_nightly, LEFT_OVER_MINUTE)
