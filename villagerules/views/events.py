"""The red-and-white council's register: for its keepers all of it, for a household its own."""

from __future__ import annotations

import io
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from audit.log import record
from residents.models import Village
from residents.rights import Act, may
from residents.views.doors import village_door
from residents.views.roll import attachment
from ui.answers import refuse
from ui.limits import too_many_exports, too_often
from villagerules import carrying_forms as forms
from villagerules import council, council_reads
from villagerules.council_sheet import events_sheet
from villagerules.models import CeremonyEvent, EventKind

from .carrying_doors import blank, carry_out, carrying_trail, homes_of, member_of

ROWS = 30
EVENTS_A_DAY = 5  # that a household registers itself


def _register(village: Village) -> tuple[str, str]:
    return (_("红白事登记"), reverse("villagerules:events", args=[village.slug]))


@village_door("GET", act=Act.READ_VILLAGE_ONLY)
@never_cache
def events(request: HttpRequest, village: Village) -> HttpResponse:
    """The list: whole for the keepers, with the way to the year's sheet."""
    today = village.local_date(timezone.now())
    keeps = may(request.user, Act.KEEP_EVENTS, village)
    shown = council_reads.seen_by(request.user, village, on=today)
    page = Paginator(shown.select_related("household__representative"), ROWS).get_page(request.GET.get("page"))
    context = {
        "village": village,
        "trail": carrying_trail(village),
        "keeps": keeps,
        "page": page,
        "kinds": EventKind.objects.filter(offered=True),
        "years": council_reads.years_of(village, today=today) if keeps else [],
        "homes": homes_of(request, village),
        "today": today,
    }
    return render(request, "villagerules/carrying/events.html", context)


@village_door("GET", "POST", act=Act.READ_VILLAGE_ONLY)
@never_cache
def new_event(request: HttpRequest, village: Village) -> HttpResponse:
    """The keepers for any household, everybody else for the own one."""
    today = village.local_date(timezone.now())
    keeps = may(request.user, Act.KEEP_EVENTS, village)
    homes = homes_of(request, village)
    if not keeps and not homes:
        return refuse(request, "forbidden", _("要先和名册上的人对上，才能登记自己家的事。请到“我的”里说一声您是谁。"))
    own = not keeps or (bool(homes) and request.GET.get("own") == "1")
    data = request.POST or None
    form: Any
    if own:
        form = forms.EventForm(data, people=homes)
    else:
        form = forms.CouncilEventForm(data, village=village, council=council.council_of(village, on=today))

    def page(bound: Any, status: int) -> HttpResponse:
        context = {
            "village": village,
            "trail": carrying_trail(village, _register(village)),
            "form": bound,
            "own": own,
            "may_own": keeps and bool(homes) and not own,
            "kinds": EventKind.objects.filter(offered=True),
        }
        return render(request, "villagerules/carrying/new_event.html", context, status=status)

    if request.method != "POST":
        return page(form, 200)
    if own and too_often(f"event:{request.user.pk}", limit=EVENTS_A_DAY, seconds=86_400):
        return refuse(request, "slow_down", _("今天登记得够多了，请明天再来。"), retry_after=3600)

    def do() -> None:
        asked = form.cleaned_data
        person = form.person() if own else None
        council.register_event(
            village=village, household=person.household if person is not None else asked["home"], kind=asked["kind"],
            on=asked["on"], planned=form.figures(), by=request.user, person=person,
            helpers=() if own else form.chosen(),
        )  # fmt: skip

    back = reverse("villagerules:events", args=[village.slug])
    return carry_out(request, form, do, done=_("登记好了。"), back=back, page=page)


def _find(request: HttpRequest, village: Village, number: int) -> CeremonyEvent:
    """404 for whoever is none of those that know of it."""
    today = village.local_date(timezone.now())
    return get_object_or_404(council_reads.seen_by(request.user, village, on=today), number=number)


@village_door("GET", act=Act.READ_VILLAGE_ONLY)
@never_cache
def event(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """One event with the advocated standards beside its numbers."""
    return _page(request, _find(request, village, number))


def _page(
    request: HttpRequest, found: CeremonyEvent, typed: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    village = found.village
    today = village.local_date(timezone.now())
    keeps = may(request.user, Act.KEEP_EVENTS, village)
    mine = any(home.pk == found.household_id for home, _person in homes_of(request, village))
    works = keeps and found.called_off_at is None
    shown: dict[str, Any] = {
        "helpers_form": blank(forms.HelpersForm, event=found, council=council.council_of(village, on=today)),
        "outcome_form": blank(forms.OutcomeForm, event=found),
        "off_form": blank(forms.WhyForm),
    } | (typed or {})
    standards = council.standards_on(found)
    context = {
        "village": village,
        "trail": carrying_trail(village, _register(village)),
        "event": found,
        "home_words": forms.household_words(found.household),
        "helpers": list(found.helpers.all()),
        "beside": council_reads.beside(found, standards),
        "keeps": keeps,
        "works": works,
        "may_note": works and found.on <= today,
        "may_call_off": found.called_off_at is None and (keeps or (mine and found.came_at is None)),
        **shown,
    }
    return render(request, "villagerules/carrying/event.html", context, status=status)


@village_door("POST", act=Act.KEEP_EVENTS)
def send_helpers(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    found = _find(request, village, number)
    today = village.local_date(timezone.now())
    form = forms.HelpersForm(request.POST, event=found, council=council.council_of(village, on=today))
    return carry_out(
        request, form, lambda: council.send_helpers(found, form.chosen(), by=request.user), done=_("记好了。"),
        back=found.get_absolute_url(),
        page=lambda bound, code: _page(request, found, {"helpers_form": bound}, status=code),
    )  # fmt: skip


@village_door("POST", act=Act.KEEP_EVENTS)
def note_outcome(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    found = _find(request, village, number)
    form = forms.OutcomeForm(request.POST, event=found)
    return carry_out(
        request, form,
        lambda: council.note_outcome(found, form.figures(), note=form.cleaned_data["note"], by=request.user),
        done=_("记好了。"), back=found.get_absolute_url(),
        page=lambda bound, code: _page(request, found, {"outcome_form": bound}, status=code),
    )  # fmt: skip


@village_door("POST", act=Act.READ_VILLAGE_ONLY)
def call_off(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """By the keepers, or by the household itself."""
    found = _find(request, village, number)
    form = forms.WhyForm(request.POST)

    def do() -> None:
        keeps = may(request.user, Act.KEEP_EVENTS, village)
        person = None if keeps else member_of(request, village, found.household_id)
        council.call_off(found, reason=form.cleaned_data["reason"], by=request.user, person=person)

    return carry_out(
        request, form, do, done=_("记下了，这件事不办了。"), back=found.get_absolute_url(),
        page=lambda bound, code: _page(request, found, {"off_form": bound}, status=code),
    )  # fmt: skip


@village_door("POST", act=Act.KEEP_EVENTS)
def sheet(request: HttpRequest, village: Village) -> HttpResponse:
    """The year as a workbook without names; that it was taken is logged."""
    today = village.local_date(timezone.now())
    asked = request.POST.get("year", "")
    year = next((one for one in council_reads.years_of(village, today=today) if str(one) == asked), None)
    back = reverse("villagerules:events", args=[village.slug])
    if year is None:
        return refuse(request, "invalid", _("请选一个年份。"), field="year", back=back)
    if too_many_exports(request.user.pk):
        return refuse(request, "slow_down", _("一小时最多下载 5 次，请过一会儿再试。"), retry_after=3600)
    out = io.BytesIO()
    events_sheet(village, year=year, today=today).save(out)
    record(action="export_events", subject=village, village_id=village.pk, actor=request.user, year=year)
    return attachment(out.getvalue(), f"events-{village.slug}-{year}.xlsx")
