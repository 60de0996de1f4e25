"""For what points are given: categories that an assembly's decision or the rules in force set, never a fine.

A change is a new line that begins on a day and ends the line before it.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from audit.log import record
from consultation.models import Motion
from residents.models import User, Village
from residents.rights import Act, may

from .checking import wordings
from .errors import Incomplete, NotAllowed, WrongState
from .models import POINTS_MOST, PointsCategory, RiskyWording, RuleVersion
from .publication import carried_motions
from .wording import look_through

# Whose decisions set categories: an assembly's, of everybody or of the representatives.
ASSEMBLIES = ("villagers_", "residents_")
CATEGORIES_MOST = 200  # of a village, replaced ones too


@dataclass(frozen=True)
class CategoryText:
    """A category as it is written down. `ends_it`: the one it replaces is given no more."""

    label: str
    points: int = 0
    note: str = ""
    commends: bool = False
    below_zero: bool = False
    ends_it: bool = False


def deciding_motions(village: Village) -> list[Motion]:
    """Carried motions of the village's assemblies, the newest first."""
    return [one for one in carried_motions(village) if str(one.meeting.procedure["body"]).startswith(ASSEMBLIES)]


def deciding_versions(village: Village, *, on: datetime.date) -> list[RuleVersion]:
    """The rules that are in force on that day."""
    return list(RuleVersion.objects.of(village).in_force(on).select_related("rules", "village"))


def refuse_fines(text: str) -> None:
    """Points never are money or a punishment: whatever the county's list says must not stand in rules must not stand
    here either, even where rules may tell what the law does (“依法罚款”). Raises Incomplete with the list's reason."""
    listed = [replace(one, unless=()) for one in wordings() if one.severity == RiskyWording.Severity.BLOCK]
    found = next(iter(look_through(text, listed)), None)
    if found is not None:
        raise Incomplete(
            _("“%(words)s”不能写在积分里：%(reason)s。积分只加分、扣分，从不罚款。")
            % {"words": found.words, "reason": found.wording.reason}
        )


@transaction.atomic
def set_category(
    village: Village,
    text: CategoryText,
    *,
    from_on: datetime.date,
    by: User | None,
    motion: Motion | None = None,
    version: RuleVersion | None = None,
    replaces: PointsCategory | None = None,
) -> PointsCategory:
    """Write down what was decided, by which motion or rules, from which day.

    Raises NotAllowed; Incomplete for words of a fine, points out of bounds, or no decision; WrongState for a line that
    was replaced already or that it would begin before.
    """
    if by is not None and not may(by, Act.SET_POINTS, village):
        raise NotAllowed(_("积分类别由村（居）民委员会按会议的决定登记。"))
    Village.objects.select_for_update(no_key=True).get(pk=village.pk)
    _check(text, replaces)
    _check_decision(village, motion, version, on=from_on)
    if replaces is not None:
        replaces = PointsCategory.objects.of(village).select_for_update(of=("self",)).get(pk=replaces.pk)
        if replaces.until_on is not None or replaces.ends_it:
            raise WrongState(_("这一类已经改过了，请改最新的一条。"))
        if from_on <= replaces.from_on:
            raise WrongState(_("新的要从旧的开始以后的某一天起。"))
    here = PointsCategory.objects.of(village).aggregate(last=Max("number"))["last"] or 0
    if here >= CATEGORIES_MOST:
        raise WrongState(_("积分类别最多 %(most)s 条。") % {"most": CATEGORIES_MOST})
    made = PointsCategory.objects.create(
        village=village, number=here + 1, label=text.label.strip(), note=text.note.strip(), points=text.points,
        commends=text.commends, below_zero=text.below_zero, ends_it=text.ends_it, motion=motion, version=version,
        from_on=from_on, replaces=replaces, set_by=by,
    )  # fmt: skip
    if replaces is not None:
        replaces.until_on = from_on
        replaces.save(update_fields=["until_on"])
    record(
        action="set_points_category", subject=made, village_id=village.pk, actor=by, number=made.number,
        points=made.points, from_on=from_on.isoformat(), replaces=replaces.number if replaces else None,
        motion=motion.number if motion else None, meeting=motion.meeting.number if motion else None,
        rules=version.rules.slug if version else None,
    )  # fmt: skip
    return made


def _check(text: CategoryText, replaces: PointsCategory | None) -> None:
    if not text.label.strip():
        raise Incomplete(_("请写明为什么加分、扣分或者表扬。"))
    refuse_fines(f"{text.label}。{text.note}")
    if text.ends_it and replaces is None:
        raise Incomplete(_("请选哪一类不再用。"))
    if not text.ends_it and not text.points and not text.commends:
        raise Incomplete(_("请填分数，或者选“表扬”。"))
    if abs(text.points) > POINTS_MOST:
        raise Incomplete(_("一次最多加、扣 %(most)s 分。") % {"most": POINTS_MOST})
    if text.commends and text.points < 0:
        raise Incomplete(_("表扬不能扣分。"))
    if text.below_zero and text.points >= 0:
        raise Incomplete(_("只有扣分的才谈得上扣到零分以下。"))


def _check_decision(village: Village, motion: Motion | None, version: RuleVersion | None, *, on: datetime.date) -> None:
    if motion is None and version is None:
        raise Incomplete(_("请选是哪次会议的决定，或者哪份村规定的。"))
    if motion is not None and motion.pk not in {one.pk for one in deciding_motions(village)}:
        raise Incomplete(_("请选一项已经通过的会议决定。"))
    if version is not None and version.pk not in {one.pk for one in deciding_versions(village, on=on)}:
        raise Incomplete(_("这份村规那一天没有施行，请选别的日子或者别的依据。"))
