"""What the public's vote leaves to the worker: weighing ballots a minute after they came, forgetting their signals."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django_tasks import task

from residents.background import every_night, plan
from residents.forgetting import also_forget

from .models import Contest, ContestVote
from .quarantine import weigh_again

WEIGH_MINUTE = 40
WEIGH_SECONDS = 60


@task()
def weigh_votes(contest_id: int) -> None:
    """Weigh the ballots of a contest, those that came in the last minute with all others."""
    cache.delete(f"contest-weighing:{contest_id}")
    if contest := Contest.objects.filter(pk=contest_id).first():
        weigh_again(contest)


@task()
def weigh_daily() -> None:
    """Every night: first the next night; then all that runs, in case a worker was away."""
    plan(weigh_daily, WEIGH_MINUTE)
    for contest in Contest.objects.running():
        weigh_again(contest, always=True)


def plan_weighing(contest_id: int) -> None:
    """Let the worker weigh that contest's ballots in a minute, unless that is planned."""
    if weigh_votes.get_backend().supports_defer and cache.add(f"contest-weighing:{contest_id}", 1, WEIGH_SECONDS * 5):
        weigh_votes.using(run_after=timezone.now() + datetime.timedelta(seconds=WEIGH_SECONDS)).enqueue(contest_id)


def _forget_signals(now: datetime.datetime) -> int:
    """Where ballots came from, half a year after they were cast; the ballots themselves stay."""
    old = now - datetime.timedelta(days=settings.RETENTION_DAYS["contest_signals"])
    known = ContestVote.objects.filter(cast_at__lte=old).exclude(device="", address="", network="", cluster="")
    return known.update(device="", address="", network="", cluster="", age_under=None)


every_night(weigh_daily, WEIGH_MINUTE)
also_forget("contest_signals", _forget_signals)
