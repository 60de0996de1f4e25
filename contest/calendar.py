"""Where a contest stands at a moment: the stages that run, the one that comes next, and how long it is until then."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from .models import Contest, Stage

PAST, RUNNING, COMING = "past", "running", "coming"


@dataclass(frozen=True)
class Line:
    """A stage with where it stands; both dates are by the contest's own clock, `last` is its last second."""

    stage: Stage
    opens: datetime.datetime
    last: datetime.datetime
    standing: str  # PAST, RUNNING, COMING


@dataclass(frozen=True)
class Calendar:
    lines: Sequence[Line]
    running: Sequence[Line]
    next: Line | None  # the one that opens first of those to come
    left: datetime.timedelta | None  # until the first of those that run closes; else until the next opens

    @property
    def days_left(self) -> int | None:
        """Whole days."""
        return self.left.days if self.left is not None else None

    @property
    def hours_left(self) -> int | None:
        """Whole hours beside the whole days."""
        return self.left.seconds // 3600 if self.left is not None else None


def calendar(contest: Contest, at: datetime.datetime) -> Calendar:
    """By its dates alone, whatever its organizers did; `at` is aware. One query, none where stages are prefetched."""
    return read_calendar(contest, list(contest.stages.all()), at)


def read_calendar(contest: Contest, stages: Sequence[Stage], at: datetime.datetime) -> Calendar:
    """The same of these stages, in their order."""
    lines = [_line(contest, one, at) for one in stages]
    running = [line for line in lines if line.standing == RUNNING]
    coming = min((one for one in lines if one.standing == COMING), key=lambda one: one.opens, default=None)
    left = None
    if running:
        left = min(line.stage.closes_at for line in running) - at
    elif coming is not None:
        left = coming.stage.opens_at - at
    return Calendar(lines, running, coming, left)


def _line(contest: Contest, stage: Stage, at: datetime.datetime) -> Line:
    standing = RUNNING if stage.is_open(at) else COMING if at < stage.opens_at else PAST
    last = contest.local(stage.closes_at) - datetime.timedelta(seconds=1)
    return Line(stage, contest.local(stage.opens_at), last, standing)
