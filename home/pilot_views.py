"""The pilot units of a county or township: the list for everybody, marking and ending for two people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from residents.models import PilotMark, Region
from residents.pilots import PilotError, propose_end, propose_pilot
from residents.rights import Act, may_over
from residents.views.doors import region_door
from residents.views.region_offices import region_trail, villages_of

from .merging import standing_villages
from .pilot_case import pilot_lines
from .pilot_forms import EndPilotForm, PilotForm


@never_cache
@require_safe
def pilots(request: HttpRequest, region: str) -> HttpResponse:
    """Which villages are pilot units now, since when and by which document."""
    levels = [Region.Level.COUNTY, Region.Level.TOWNSHIP]
    place = get_object_or_404(Region.objects.select_related("parent__parent__parent"), code=region, level__in=levels)
    today = timezone.localdate()
    context = {
        "region": place,
        "trail": region_trail(place),
        "year": today.year,
        "lines": pilot_lines(villages_of(place).standing(), year=today.year, on=today),
        "marks": may_over(request.user, Act.MARK_PILOT, place),
    }
    return render(request, "home/region/pilots.html", context)


def _filled_in(request: HttpRequest, region: Region, form: Any, words: dict[str, Any], ask: Any) -> HttpResponse:
    """The form, or what comes of it: a second person is asked."""
    if form.is_bound and form.is_valid():
        try:
            ask(form.cleaned_data)
        except PilotError as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("已提交。请另一位审核员或者运营人员在“待确认事项”里核对、确认。"))
            return redirect("regions:proposals", region=region.code)
    trail = [*region_trail(region), (_("议事协商示范点"), reverse("home:pilots", args=[region.code]))]
    context = {"region": region, "trail": trail, "form": form} | words
    return render(request, "home/region/mark_pilot.html", context, status=422 if form.is_bound else 200)


@region_door("GET", "POST", act=Act.MARK_PILOT, step_up=True)
def mark(request: HttpRequest, region: Region) -> HttpResponse:
    form = PilotForm(request.POST or None, villages=standing_villages(region), today=timezone.localdate())
    words = {
        "title": _("认定示范点"),
        "lead": _("称号是上级文件给的，这里只是把它挂到村（社区）的页面上，所以要写明文件。"),
    }
    return _filled_in(request, region, form, words, lambda data: propose_pilot(region, by=request.user, **data))


@region_door("GET", "POST", act=Act.MARK_PILOT, step_up=True)
def end(request: HttpRequest, region: Region, village: str) -> HttpResponse:
    today = timezone.localdate()
    here = PilotMark.objects.filter(village__in=villages_of(region), village__slug=village)
    held = get_object_or_404(here.current(today).select_related("village"))
    form = EndPilotForm(request.POST or None, today=today)
    words = {
        "title": _("%(village)s不再是示范点") % {"village": held.village.name},
        "lead": _("%(mark)s，依据：%(document)s") % {"mark": held, "document": held.document},
    }
    return _filled_in(request, region, form, words, lambda data: propose_end(region, held, by=request.user, **data))
