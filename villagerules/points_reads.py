"""Points as people read them: a household its own ledger and third, the village sums without names."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext_lazy

from consultation.small_cells import shown_cells
from residents.models import Household, User, Village
from residents.rights import Act, may

from .models import PointsCategory, PointsEntry, PointsObjection
from .objections import Stage
from .point_sums import PointsLine, counted, third_of, total
from .points import is_other

THIRDS = (gettext_lazy("在村里前三分之一"), gettext_lazy("在村里中间三分之一"), gettext_lazy("在村里后三分之一"))
COMMENDED_MOST = 30


@dataclass(frozen=True)
class LedgerLine:
    """One line with what it counts; 0 for what is void."""

    entry: PointsEntry
    counts: int


@dataclass(frozen=True)
class Ledger:
    """All of a household's confirmed lines, the newest first, what they sum up to, and its third of the village."""

    household: Household
    lines: Sequence[LedgerLine]
    total: int
    third: str


def _line(entry: PointsEntry) -> PointsLine:
    return PointsLine(entry.points, entry.below_zero)


def ledger_of(household: Household, *, on: datetime.date) -> Ledger:
    """A household's own ledger that day."""
    entries = PointsEntry.objects.of(household.village).filter(household=household, entered_at__isnull=False)
    known = list(
        entries.select_related("category", "village", "photo", "proposal", "named_by")
        .prefetch_related("objections").order_by("on", "number")
    )  # fmt: skip
    valid = [one for one in known if one.is_valid]
    counts = dict(zip((one.pk for one in valid), counted(map(_line, valid)), strict=True))
    sums = totals_of(household.village, on=on)
    third = third_of(sums.get(household.pk, 0), list(sums.values()))
    return Ledger(
        household,
        [LedgerLine(one, counts.get(one.pk, 0)) for one in reversed(known)],
        sum(counts.values()),
        # Where nothing was earned all who have nothing stand alike: that says nothing.
        str(THIRDS[third]) if third is not None and sum(counts.values()) > 0 else "",
    )


def totals_of(village: Village, *, on: datetime.date) -> dict[int, int]:
    """Each household of the roll with its sum, by key. Only where something is deducted are lines gone through."""
    homes = dict.fromkeys(Household.objects.of(village).on_roll(on).values_list("pk", flat=True), 0)
    valid = PointsEntry.objects.of(village).valid()
    bounded = set(valid.filter(points__lt=0).order_by().values_list("household", flat=True))
    plain = valid.exclude(household__in=bounded).order_by().values_list("household").annotate(sum=Sum("points"))
    homes |= {home: number for home, number in plain if home in homes}
    lines: defaultdict[int, list[PointsLine]] = defaultdict(list)
    for home, points, below in valid.filter(household__in=bounded).values_list("household", "points", "below_zero"):
        lines[home].append(PointsLine(points, below))
    return homes | {home: total(of) for home, of in lines.items() if home in homes}


@dataclass(frozen=True)
class CategoryFigures:
    """How many lines of a category a year has; None where so few households are not told apart."""

    category: PointsCategory
    count: int | None


@dataclass(frozen=True)
class PointsFigures:
    """A year of the whole village, without names."""

    households: int
    lines: int
    commendations: int
    categories: Sequence[CategoryFigures]
    few: bool


def figures_of(village: Village, *, year: int) -> PointsFigures:
    """Sums for everybody. A category with fewer than ten households is not shown, nor one that gives it away."""
    valid = PointsEntry.objects.of(village).valid().filter(on__year=year).order_by()
    by_category = {
        category: (lines, homes)
        for category, lines, homes in valid.values_list("category").annotate(
            lines=Count("pk"), homes=Count("household", distinct=True)
        )
    }
    shown = shown_cells({key: homes for key, (_lines, homes) in by_category.items()})
    categories = [
        CategoryFigures(one, by_category[one.pk][0] if one.pk in shown else None)
        for one in PointsCategory.objects.of(village).filter(pk__in=by_category)
    ]
    return PointsFigures(
        households=valid.values("household").distinct().count(),
        lines=sum(lines for lines, _homes in by_category.values()),
        commendations=valid.filter(category__commends=True).count(),
        categories=categories,
        few=any(one.count is None for one in categories),
    )


def commended(village: Village) -> Iterable[PointsEntry]:
    """Commendations whose household agreed to be named, the newest first."""
    return PointsEntry.objects.of(village).commended().select_related("category", "named_by").reverse()[:COMMENDED_MOST]


def categories_of(village: Village, *, on: datetime.date) -> QuerySet[PointsCategory]:
    """Those that hold that day, with the decision that set each: what everybody may read."""
    return (
        PointsCategory.objects.of(village).current(on)
        .select_related("motion__meeting__village", "version__rules", "version__village", "replaces")
    )  # fmt: skip


def to_confirm(user: User, village: Village) -> list[PointsEntry]:
    """What waits for this account as the second person, and what it entered itself and may withdraw."""
    if not may(user, Act.ENTER_POINTS, village):
        return []
    waiting = PointsEntry.objects.of(village).waiting().select_related("village", "household", "category", "proposal")
    return list(waiting.order_by("number"))


def to_do(user: User, village: Village) -> int:
    """How many lines wait for this account's word: to confirm what somebody else entered, to decide on objections."""
    others = [one for one in to_confirm(user, village) if is_other(user, one)]
    return len(others) + len(to_decide(user, village))


def to_decide(user: User, village: Village) -> list[PointsObjection]:
    """Objections that this account may decide on now, the oldest first."""
    open_now = (
        PointsObjection.objects.of(village).filter(upheld__isnull=True)
        .select_related("entry__village", "entry__household", "entry__category", "entry__proposal").order_by("pk")
    )  # fmt: skip
    found = []
    for stage, act in ((Stage.COMMITTEE, Act.DECIDE_OBJECTION), (Stage.SUPERVISORS, Act.DECIDE_APPEAL)):
        if may(user, act, village):
            found += [one for one in open_now if one.stage == stage and is_other(user, one.entry)]
    return found
