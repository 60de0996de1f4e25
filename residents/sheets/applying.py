"""Writing a plan to the roll: all of it, in one transaction, or nothing."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import Household, Resident, RollChange, User, Village, VillageGroup
from residents.models.people import adult_since
from residents.roll_changes import LineChange, change_resident, end_resident, name_representative, write_lines

from .people import People
from .plan import Plan, plan_import


class ImportRefused(Exception):
    """Nothing was written; the message says why."""


@transaction.atomic
def import_people(
    village: Village,
    people: People,
    *,
    on: datetime.date,
    whole: bool = False,
    by: User | None = None,
    confirmed_by: User | None = None,
    expected: str = "",
) -> Plan:
    """Compare again under the village's lock and write what comes out.

    `expected` is the digest of the plan that was shown: when something else would happen now, nothing is written.
    Raises ImportRefused for that, and for a plan with problems.
    """
    Village.objects.select_for_update().get(pk=village.pk)
    plan = plan_import(village, people, on=on, whole=whole)
    if plan.problems:
        raise ImportRefused(_("表里还有 %(count)s 处问题，没有导入。") % {"count": len(plan.problems)})
    if expected and plan.digest != expected:
        raise ImportRefused(_("名册在预览以后有了变化，没有导入。请重新上传，再看一遍预览。"))
    counts = {"rows": plan.rows, "add": len(plan.add), "change": len(plan.change), "leave": len(plan.leave)}
    _write(plan, on=on, by=by, confirmed_by=confirmed_by)
    record(
        action="import_roll", subject=village, village_id=village.pk, actor=by, whole=whole,
        confirmed_by=confirmed_by.pk if confirmed_by else None, **counts,
    )  # fmt: skip
    return plan


def _write(plan: Plan, *, on: datetime.date, by: User | None, confirmed_by: User | None) -> None:
    village = plan.village
    reason = _("导入表格")
    VillageGroup.objects.bulk_create(plan.groups)
    lines: list[LineChange] = []
    for household in plan.households:
        household.group = household.group  # the group has its key only now
        lines.append(LineChange(household, RollChange.Kind.ADDED, _own_number(household)))
    known = plan.change  # those that have a line before anything is written
    added = [LineChange(step.resident, RollChange.Kind.ADDED, step.fields) for step in plan.add]
    stayed = [step for step in known if "household" not in step.fields]
    changed = [LineChange(step.resident, RollChange.Kind.CORRECTED, step.fields) for step in stayed if step.fields]
    options: dict[str, Any] = {"village": village, "on": on, "by": by, "confirmed_by": confirmed_by, "reason": reason}
    write_lines([*lines, *added, *changed], **options)
    moving: dict[str, Any] = {"on": on, "by": by, "confirmed_by": confirmed_by, "reason": reason}
    for step in known:
        if "household" in step.fields:
            change_resident(step.resident, fields=step.fields, kind=RollChange.Kind.CHANGED_HOUSEHOLD, **moving)
    new = {household.pk for household in plan.households}
    voices: list[LineChange] = []
    for step in plan.steps:
        if not step.represents:
            continue
        home = step.fields.get("household") or step.resident.household
        if home.pk in new:
            born_on = step.resident.born_on
            if born_on is None or born_on > adult_since(on):
                continue
            voices.append(LineChange(home, RollChange.Kind.REPRESENTATIVE, {"representative": step.resident}))
        else:
            name_representative(home, step.resident, **moving)
    write_lines(voices, **options)
    for resident in plan.leave:
        end_resident(resident, because=Resident.Leaving.MOVED_OUT, **moving)


def _own_number(household: Household) -> dict[str, str]:
    number, household.own_number = household.own_number, ""
    return {"own_number": number} if number else {}
