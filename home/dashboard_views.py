"""A township's or county's year in figures, village by village: for its reviewers and the county's editors."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from consultation import dashboard as rules
from consultation.dashboard import Figures
from consultation.views.dashboard import charts_of, chosen_year, months_of
from residents.models import Region, Village
from residents.pilots import with_pilots
from residents.rights import OFFICERS, letters_over
from residents.step_up import ask
from residents.views.doors import sign_in_first
from residents.views.region_offices import region_trail, villages_of

from .my_page import villages_served
from .region_desk import regions_watched, sees_duties

VILLAGES_MOST = 1000
ROWS = 100


@dataclass(frozen=True)
class Column:
    """A heading that sorts by its column: where it leads, and how the list stands now ("" when by another)."""

    label: str
    href: str
    sort: str


@never_cache
@require_safe
def dashboards(request: HttpRequest) -> HttpResponse:
    """The way from the admin: to the one place whose figures the account reads, or a list of them; 404 for none."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    places = [(one.name, reverse("home:region_dashboard", args=[one.code])) for one in regions_watched(request.user)]
    places += [(one.name, reverse("consultation:dashboard", args=[one.slug])) for one in villages_served(request.user)]
    if not places:
        raise Http404
    if len(places) == 1:
        return redirect(places[0][1])
    return render(request, "home/region/dashboards.html", {"places": places, "trail": [(_("首页"), "/")]})


@never_cache
@require_safe
def region_dashboard(request: HttpRequest, region: str) -> HttpResponse:
    """Sums of all villages below, then one line for each, sorted as the address says."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    place = get_object_or_404(Region.objects.select_related("parent__parent__parent"), code=region)
    if not sees_duties(request.user, place):
        raise Http404
    asked = ask(request, letters_over(request.user, place) & OFFICERS)
    if asked is not None:
        return asked
    today = timezone.localdate()
    villages = list(
        with_pilots(villages_of(place).standing(), on=today).select_related("page", "region")[:VILLAGES_MOST]
    )
    years = rules.years_of(villages, today=today)
    year = chosen_year(request, years)
    figures = rules.read_figures(villages, year=year, today=today, inside=True)
    sort = request.GET.get("sort", "")
    down = request.GET.get("down", "") == "1"
    lines = [(village, figures[village.pk]) for village in villages]
    if sort in rules.COLUMNS:
        lines = rules.sorted_by(lines, sort, down=down)
    page = Paginator(lines, ROWS).get_page(request.GET.get("page"))
    kept = {"year": str(year)} | ({"sort": sort, "down": "1" if down else "0"} if sort in rules.COLUMNS else {})
    context = charts_of(rules.total(figures.values()), months=months_of(year, today)) | {
        "region": place,
        "trail": [*region_trail(place), (_("工作"), reverse("home:region", args=[place.code]))],
        "inside": True,
        "years": years,
        "year": year,
        "page": page,
        "query": urlencode(kept),
        "columns": _columns(year, sort, down=down),
        "townships": _townships(place, lines),
    }
    return render(request, "home/region/dashboard.html", context)


def _columns(year: int, sort: str, *, down: bool) -> list[Column]:
    """The first press puts the highest on top, the next one turns the list round."""
    labels = {
        "topics": _("议题"),
        "answered": _("按时答复"),
        "meetings": _("会议"),
        "quorate": _("人数够"),
        "turnout": _("实到/应到"),
        "done": _("事办好了"),
        "overdue": _("事过期"),
    }
    return [
        Column(
            label,
            "?" + urlencode({"year": year, "sort": key, "down": "0" if key == sort and down else "1"}),
            ("descending" if down else "ascending") if key == sort else "",
        )
        for key, label in labels.items()
    ]


def _townships(place: Region, lines: list[tuple[Village, Figures]]) -> list[tuple[Region, int, Figures]]:
    """A county's townships with the sums of their villages; a township has none below it."""
    if place.level == Region.Level.TOWNSHIP:
        return []
    below: defaultdict[Region, list[Figures]] = defaultdict(list)
    for village, figures in lines:
        below[village.region].append(figures)
    return [
        (region, len(below[region]), rules.total(below[region])) for region in sorted(below, key=lambda one: one.code)
    ]
