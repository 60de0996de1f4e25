"""A village's year in figures."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from consultation import dashboard as rules
from consultation.dashboard import MONTHS, Figures
from consultation.models import FollowUpRating
from residents.models import Resident, VillageGroup
from residents.pilots import pilot_of
from residents.rights import Act

from .meeting import village_trail
from .places import inside_of, may_do, place_of


@never_cache
@require_safe
def dashboard(request: HttpRequest, village: str) -> HttpResponse:
    """Sums for everybody; who came by group and by sex, and promises not public yet, for the village."""
    place, letters = place_of(request, village)
    inside = inside_of(letters)
    today = place.local_date(timezone.now())
    years = rules.years_of([place], today=today)
    year = chosen_year(request, years)
    figures = rules.read_figures([place], year=year, today=today, inside=inside)[place.pk]
    groups = {group.number: str(group) for group in VillageGroup.objects.of(place)} if figures.by_group else {}
    context = charts_of(figures, months=months_of(year, today)) | {
        "village": place,
        "trail": village_trail(place),
        "pilot": pilot_of(place, on=today),
        "inside": inside,
        "years": years,
        "year": year,
        "by_group": [
            (groups.get(number, str(number)), part.part, part.whole) for number, part in figures.by_group.items()
        ],
        "takes_ledger": inside and may_do(letters, Act.EXPORT),
    }
    return render(request, "consultation/dashboard.html", context)


def chosen_year(request: HttpRequest, years: list[int]) -> int:
    """The year that was asked for, or else this one."""
    asked = request.GET.get("year", "")
    return next((year for year in years if str(year) == asked), years[0])


def months_of(year: int, today: datetime.date) -> int:
    """How many of its months have begun."""
    return today.month if year == today.year else MONTHS


def charts_of(figures: Figures, *, months: int) -> dict[str, Any]:
    """What the charts are drawn from, with its words; `months`: how many of the year are told apart."""
    promises = figures.promises
    return {
        "figures": figures,
        "months": [_("%(month)s月") % {"month": month} for month in range(1, months + 1)],
        "topic_lines": [
            (_("提出"), figures.raised_by_month[:months]),
            (_("答复"), figures.answered_by_month[:months]),
        ],
        "promise_parts": [
            (_("按原定日子办好"), promises.kept),
            (_("晚了才办好"), promises.late),
            (_("正在办，没到期"), promises.under_way),
            (_("过期没办好"), promises.overdue),
            (_("不办了"), promises.dropped),
        ],
        "rating_parts": [(str(FollowUpRating.Answer(key).label), number) for key, number in figures.ratings.items()],
        "rated": sum(figures.ratings.values()),
        "by_sex": [(str(Resident.Gender(sex).label), part.part, part.whole) for sex, part in figures.by_sex.items()],
    }
