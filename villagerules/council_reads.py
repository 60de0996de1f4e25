"""The register as people read it: whose events one may see, and the year's figures without anybody's name."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from consultation.small_cells import LEAST, shown_cells
from consultation.topic_reads import households_of
from residents.models import User, Village
from residents.rights import Act, may

from .models import CeremonyEvent, EventKind
from .standards import DAYS, GIFT, TABLES, Standard


@dataclass(frozen=True)
class KindFigures:
    """How many events of a kind; None where so few are not told apart."""

    kind: EventKind
    count: int | None


@dataclass(frozen=True)
class YearFigures:
    """A year without names. `within` of `noted` events lay within the advocated standards, and `saved` yuan less were
    spent than planned by those households that told both; None where that would speak of too few."""

    year: int
    count: int
    kinds: Sequence[KindFigures]
    within: int | None
    noted: int | None
    saved: int | None
    saved_by: int | None
    few: bool  # something is kept back because it would speak of too few


def seen_by(user: User, village: Village, *, on: datetime.date) -> QuerySet[CeremonyEvent]:
    """All for the council and the committee, the own households' for everybody else."""
    lines = CeremonyEvent.objects.of(village).select_related("village", "kind", "household__group")
    if may(user, Act.KEEP_EVENTS, village):
        return lines
    mine = [home.pk for home, _person in households_of(user, village, on=on)]
    return lines.filter(household__in=mine)


def years_of(village: Village, *, today: datetime.date) -> list[int]:
    """The years in which there are events, this one in any case; the newest first."""
    known = CeremonyEvent.objects.of(village).filter(on__lte=today).order_by().values_list("on__year", flat=True)
    return sorted({today.year, *known.distinct()}, reverse=True)


def figures_of(village: Village, *, year: int, today: datetime.date) -> YearFigures:
    """The year's figures up to today. A cell of fewer than ten events is not shown, nor one that gives it away."""
    lines = list(
        CeremonyEvent.objects.of(village).held(year).filter(on__lte=today)
        .values_list("kind", "within", "planned_cost", "cost")
    )  # fmt: skip
    counts = Counter(kind for kind, *_more in lines)
    told = shown_cells(counts)
    kinds = [
        KindFigures(kind, counts[kind.pk] if kind.pk in told else None)
        for kind in EventKind.objects.filter(Q(offered=True) | Q(pk__in=counts))
        if counts[kind.pk]
    ]
    inside = Counter(one for _kind, one, *_costs in lines if one is not None)
    held_shown = bool(inside) and shown_cells(inside) == {key for key in inside if inside[key]}
    costs = [planned - came for *_held, planned, came in lines if planned is not None and came is not None]
    costs_shown = len(costs) >= LEAST
    return YearFigures(
        year=year,
        count=len(lines),
        kinds=kinds,
        within=inside[True] if held_shown else None,
        noted=sum(inside.values()) if held_shown else None,
        saved=sum(costs) if costs_shown and sum(costs) > 0 else None,
        saved_by=len(costs) if costs_shown and sum(costs) > 0 else None,
        few=any(one.count is None for one in kinds) or (bool(inside) and not held_shown) or 0 < len(costs) < LEAST,
    )


@dataclass(frozen=True)
class Beside:
    """A standard with what was planned and what it came to, and soft words where that is more."""

    standard: Standard
    planned: int | None
    came_to: int | None
    words: str


def beside(event: CeremonyEvent, standards: Sequence[Standard]) -> list[Beside]:
    """The advocated standards beside the event's own numbers."""
    planned = {TABLES: event.planned_tables, DAYS: event.planned_days, GIFT: event.planned_gift}
    came = {TABLES: event.tables, DAYS: event.days, GIFT: event.gift}
    lines = []
    for one in standards:
        plan, real = planned.get(one.measure), came.get(one.measure)
        number = real if real is not None else plan
        words = ""
        if number is not None:
            words = _("比提倡的多一些") if number > one.limit else _("在提倡的以内")
        lines.append(Beside(one, plan, real, words))
    return lines
