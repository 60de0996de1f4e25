"""How rules are carried out, for everybody: sums without names, categories of points, who agreed to be named."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from consultation.views.places import inside_of, may_do, place_of
from residents.rights import Act
from villagerules import council_reads, points_reads
from villagerules.models import EventKind, RuleSuggestion, RuleVersion

from .carrying_doors import homes_of
from .doors import trail


@never_cache
@require_safe
def carrying(request: HttpRequest, village: str) -> HttpResponse:
    """A year's figures of the whole village."""
    place, letters = place_of(request, village)
    today = place.local_date(timezone.now())
    years = council_reads.years_of(place, today=today)
    asked = request.GET.get("year", "")
    year = next((one for one in years if str(one) == asked), today.year)
    waiting = RuleSuggestion.objects.of(place).open().select_related("village", "rules").order_by("-number")
    in_force = RuleVersion.objects.of(place).in_force(today).select_related("rules__village")
    context = {
        "village": place,
        "trail": trail(place),
        "years": years,
        "year": year,
        "events": council_reads.figures_of(place, year=year, today=today),
        "kinds": EventKind.objects.filter(offered=True),
        "standards": [version for version in in_force if version.standards],
        "points": points_reads.figures_of(place, year=year),
        "categories": points_reads.categories_of(place, on=today),
        "commended": points_reads.commended(place),
        "suggestions": waiting[:5],
        "documents": [version.rules for version in in_force],
        "inside": inside_of(letters),
        "homes": homes_of(request, place),
        "keeps": may_do(letters, Act.KEEP_EVENTS),
        "sets": may_do(letters, Act.SET_POINTS),
    }
    return render(request, "villagerules/carrying/carrying.html", context)
