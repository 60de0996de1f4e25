"""What is done outside of requests; each piece of work is a row first, so that none is lost with a process."""

from __future__ import annotations

import datetime

from django.core.management import call_command
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks.base import Task
from django_tasks_db import DatabaseBackend
from django_tasks_db.models import DBTaskResult

from audit.heads import publish_heads

from .forgetting import forget_expired
from .import_confirming import confirm
from .sheet_uploads import work_on

NIGHT_HOUR = 3
PUBLISH_MINUTE = 10
FORGET_MINUTE = 30
RESULTS_DAYS = 14  # of finished work, for whoever looks for a fault


@task()
def compare_sheet(upload_id: int) -> None:
    """Read an uploaded sheet and compare it with the roll."""
    work_on(upload_id)


@task()
def confirm_import(proposal_id: int, user_id: int) -> None:
    """Write an import that its second person has confirmed."""
    confirm(proposal_id, user_id)


@task()
def publish_heads_daily() -> None:
    """Every night: first the next night; then make public where each village's audit log stands."""
    plan(publish_heads_daily, PUBLISH_MINUTE)
    publish_heads()


@task()
def forget_daily() -> None:
    """Every night: first the next night, so that one that fails is not the last."""
    plan(forget_daily, FORGET_MINUTE)
    forget_expired()
    call_command("clearsessions")
    if isinstance(forget_daily.get_backend(), DatabaseBackend):
        call_command("prune_db_task_results", min_age_days=RESULTS_DAYS, verbosity=0)


_nights: dict[str, tuple[Task[[], None], int]] = {}


def every_night(work: Task[[], None], minute: int) -> None:
    """Name work that belongs to each night, at that minute after its hour; it plans its own next night by `plan`."""
    _nights[work.module_path] = (work, minute)


every_night(publish_heads_daily, PUBLISH_MINUTE)
every_night(forget_daily, FORGET_MINUTE)


def plan_nights() -> bool:
    """Let the worker do each night's work at its minute, unless that is planned already; whether any was not."""
    planned = [plan(work, minute) for work, minute in _nights.values()]
    return any(planned)


def plan(work: Task[[], None], minute: int) -> bool:
    """Let the worker do it at the next night's minute; whether it was not planned already."""
    waiting = DBTaskResult.objects.filter(task_path=work.module_path, status=TaskResultStatus.READY)
    if not work.get_backend().supports_defer or waiting.exists():
        return False
    tonight = timezone.localtime().replace(hour=NIGHT_HOUR, minute=minute, second=0, microsecond=0)
    if tonight <= timezone.localtime():
        tonight += datetime.timedelta(days=1)
    work.using(run_after=tonight).enqueue()
    return True
