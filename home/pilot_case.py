"""What a pilot unit's case page shows by itself, and the list of pilot units of a county or township."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse
from wagtail.models import Page

from consultation.dashboard import Figures, read_figures, total, years_of
from consultation.models import MeetingIndexPage
from residents.models import PilotMark, User, Village
from residents.pilots import pilots_in
from residents.rights import Act, may

from .models import PilotPage, VillagePage

YEARS_SHOWN = 3


@dataclass(frozen=True)
class PilotCase:
    """`years`: the last ones with their figures, the newest first; `ledger_url` for those who may take it away."""

    village: Village
    present: PilotMark | None
    past: Sequence[PilotMark]
    years: Sequence[tuple[int, Figures]]
    results: Page | None
    ledger_url: str


def pilot_case(page: PilotPage, user: User, *, now: datetime.datetime) -> PilotCase:
    """As everybody reads it: public sums only."""
    village = VillagePage.objects.select_related("village__region").get(pk=page.get_parent().pk).village
    today = village.local_date(now)
    marks = list(PilotMark.objects.of(village))
    present = next((mark for mark in marks if mark.holds(today)), None)
    years = years_of([village], today=today)[:YEARS_SHOWN]
    takes = user.is_authenticated and may(user, Act.EXPORT, village) and may(user, Act.READ_VILLAGE_ONLY, village)
    return PilotCase(
        village=village,
        present=present,
        past=[mark for mark in marks if mark != present and mark.from_on <= today],
        years=[(year, read_figures([village], year=year, today=today, inside=False)[village.pk]) for year in years],
        results=MeetingIndexPage.objects.child_of(page.get_parent()).live().first(),
        ledger_url=reverse("consultation:ledger", args=[village.slug]) if takes else "",
    )


@dataclass(frozen=True)
class PilotLine:
    """One pilot unit in a list: where its case is told, and its figures of a year."""

    mark: PilotMark
    case: PilotPage | None
    figures: Figures


def pilot_lines(villages: QuerySet[Village], *, year: int, on: datetime.date) -> list[PilotLine]:
    """The pilot units of that day; a fixed number of queries."""
    marks = pilots_in(villages, on=on)
    held = [mark.village for mark in marks]
    figures = read_figures(held, year=year, today=on, inside=False) if held else {}
    pages = {village.page.path: village.pk for village in held if getattr(village, "page", None) is not None}
    cases = {pages.get(page.path[: -PilotPage.steplen]): page for page in PilotPage.objects.live()}
    return [PilotLine(mark, cases.get(mark.village_id), figures.get(mark.village_id, total([]))) for mark in marks]
