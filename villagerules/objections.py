"""A household objects to a line of its points: to the committee, then once more to the supervisory committee.

Whoever decides neither entered nor confirmed the line and is not of the household. What was wrong is void and stays; a
line that was voided wrongly comes back as a new one that names it.
"""

from __future__ import annotations

import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from consultation.locks import database_now
from residents.models import Resident, User
from residents.rights import Act, may

from .errors import Incomplete, NotAllowed, WrongState
from .models import OBJECTION_MOST, PointsEntry, PointsObjection
from .points import begin_to_count, figure_of, is_other, locked, make_void, note_entry

Stage = PointsObjection.Stage
RIGHTS = {Stage.COMMITTEE: Act.DECIDE_OBJECTION, Stage.SUPERVISORS: Act.DECIDE_APPEAL}


def next_stage(entry: PointsEntry, *, on: datetime.date) -> str | None:
    """To whom the household may turn now: its days have not run out, or the committee decided against it lately or did
    not decide in time. None for nobody."""
    if entry.entered_at is None:
        return None
    made = {one.stage: one for one in entry.objections.all()}
    first = made.get(Stage.COMMITTEE)
    if first is None:
        open_still = entry.objection_until is None or on <= entry.objection_until
        return Stage.COMMITTEE if open_still else None
    if Stage.SUPERVISORS in made or first.upheld:
        return None
    if first.upheld is None:
        return Stage.SUPERVISORS if first.is_overdue(on) else None
    figure = figure_of(entry.village, "points_objection", on=on)
    decided = entry.village.local_date(first.decided_at) if first.decided_at else on
    in_time = figure is None or figure.days is None or (on - decided).days <= figure.days
    return Stage.SUPERVISORS if in_time else None


@transaction.atomic
def object_to(
    entry: PointsEntry, *, text: str, person: Resident, by: User | None, at: datetime.datetime | None = None
) -> PointsObjection:
    """Say what is wrong with it; to the committee first. Raises NotAllowed, WrongState, Incomplete."""
    line = locked(entry)
    if person.household_id != line.household_id:
        raise NotAllowed(_("只有这一户的人能提异议。"))
    moment = at or database_now()
    today = line.village.local_date(moment)
    stage = next_stage(line, on=today)
    if stage is None:
        raise WrongState(_("现在不能提异议：期限过了，或者已经提过、正在等决定。"))
    if not text.strip():
        raise Incomplete(_("请写明哪里不对。"))
    figure = figure_of(line.village, "points_answered", on=today)
    made = PointsObjection.objects.create(
        village=line.village, entry=line, stage=stage, resident=person, entered_by=by, at=moment,
        text=text.strip()[:OBJECTION_MOST],
        answer_by=today + datetime.timedelta(days=figure.days) if figure and figure.days else None,
    )  # fmt: skip
    note_entry(line, "object_to_points", by=None, stage=stage)
    return made


@transaction.atomic
def decide_objection(objection: PointsObjection, *, upheld: bool, reason: str, by: User) -> PointsObjection:
    """Right or not, with a reason that the household reads. Right: the line is void; one voided before is entered anew.

    Raises NotAllowed for the two who entered it, the household and whoever has no right at this stage; WrongState once
    decided; Incomplete without a reason.
    """
    line = locked(objection.entry)
    asked = PointsObjection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    if not may(by, RIGHTS[Stage(asked.stage)], line.village) or not is_other(by, line):
        raise NotAllowed(_("要由没有经手这一条、也不是这一户的人来决定。"))
    if asked.upheld is not None or (asked.stage == Stage.COMMITTEE and line.objections.count() > 1):
        raise WrongState(_("已经有决定了，或者已经转到监督委员会。"))
    if not reason.strip():
        raise Incomplete(_("请写明理由，这一户会看到。"))
    asked.upheld, asked.reason = upheld, reason.strip()[:OBJECTION_MOST]
    asked.decided_by, asked.decided_at = by, database_now()
    asked.save()
    note_entry(line, "decide_objection", by=by, stage=asked.stage, upheld=upheld)
    if upheld and line.is_valid:
        make_void(line, reason=asked.reason, by=by)
    elif upheld:
        _enter_anew(line)
    return asked


def _enter_anew(line: PointsEntry) -> None:
    last = PointsEntry.objects.of(line.village).aggregate(last=Max("number"))["last"] or 0
    made = PointsEntry(
        village=line.village, number=last + 1, household=line.household, category=line.category, points=line.points,
        below_zero=line.below_zero, on=line.on, note=line.note, photo=line.photo, corrects=line,
    )  # fmt: skip
    begin_to_count(made)
