"""Who holds which office of a village, and giving and ending them: each takes a second person."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from residents.appointment_proposals import check_end, propose_end, propose_office
from residents.appointments import (
    AppointmentError,
    Office,
    check_office,
    ending_warnings,
    find_account,
    office_warnings,
)
from residents.composition import composition_warnings
from residents.models import Appointment, Proposal, Resident, Role, User, Village
from residents.office_forms import EndForm, OfficeForm, VillageOfficeForm
from residents.office_titles import holder_of, office_words
from residents.rights import Act
from residents.roll_reading import Asked, Reading, find_people
from residents.two_people import SamePerson
from ui.answers import STATUS

from .doors import village_door
from .people import find_person
from .roll_doors import trail

PAGE_ROWS = 100
ENDED_SHOWN = 50
FOUND_MOST = 20
LONGEST_SEARCH = 60
OFFICE_KINDS = (Proposal.Kind.APPOINT, Proposal.Kind.DISMISS)


def offices_trail(village: Village, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return trail(village, (_("任职"), reverse("residents:offices", args=[village.slug])), *more)


def by_rank(held: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """In the order in which the offices stand, then by group and since when."""
    ranks = [When(role=role, then=Value(number)) for number, role in enumerate(Role.values)]
    ordered = held.annotate(rank=Case(*ranks, output_field=IntegerField())).order_by("rank", "group__number", "pk")
    return ordered.select_related("resident__household__group", "user", "group", "yard", "village")


def told(offices: Any) -> list[tuple[Appointment, str, str]]:
    return [(one, holder_of(one), office_words(one)) for one in offices]


@village_door("GET", act=Act.GIVE_ROLES)
def offices(request: HttpRequest, village: Village) -> HttpResponse:
    """Those held now, those to come, those that ended last."""
    today = timezone.localdate()
    held = Appointment.objects.of(village)
    page = Paginator(by_rank(held.current(today)), PAGE_ROWS).get_page(request.GET.get("page"))
    context = {
        "village": village,
        "trail": trail(village),
        "page": page,
        "query": "",
        "current": told(page),
        "coming": told(by_rank(held.filter(from_on__gt=today).exclude(until_on__lte=today))[:PAGE_ROWS]),
        "ended": told(by_rank(held.filter(until_on__lte=today)).order_by("-until_on", "rank")[:ENDED_SHOWN]),
        "warnings": composition_warnings(village, on=today),
        "waiting": Proposal.objects.of(village).waiting().filter(kind__in=OFFICE_KINDS),
    }
    response = render(request, "residents/offices/offices.html", context)
    response["Cache-Control"] = "no-store"
    return response


@village_door("GET", "POST", act=Act.GIVE_ROLES, step_up=True)
def appoint(request: HttpRequest, village: Village) -> HttpResponse:
    """First whom (?person= or ?account=, found by ?q=), then which office and from when to when."""
    resident, user = _chosen(request, village)
    if resident is None and user is None:
        return _find(request, village)
    form = VillageOfficeForm(
        request.POST if request.method == "POST" else None,
        village=village,
        resident=resident,
        user=user,
        today=timezone.localdate(),
    )
    context = {
        "village": village,
        "trail": offices_trail(village),
        "holder": resident or user,
        "resident": resident,
        "held": told(_held_by(village, resident, user)),
        "back": reverse("residents:offices", args=[village.slug]),
    }
    return ask_for_office(
        request,
        form,
        context,
        template="residents/offices/appoint.html",
        ask=lambda office: propose_office(office, by=request.user),
    )


def _chosen(request: HttpRequest, village: Village) -> tuple[Resident | None, User | None]:
    ref, words = request.GET.get("person", ""), request.GET.get("account", "")
    if ref:
        return find_person(village, ref[:20]), None
    return None, find_account(words[:LONGEST_SEARCH]) if words else None


def _held_by(village: Village, resident: Resident | None, user: User | None) -> QuerySet[Appointment]:
    mine = Q(resident=resident) if resident is not None else Q(user=user)
    return by_rank(Appointment.objects.of(village).current(timezone.localdate()).filter(mine))


def _find(request: HttpRequest, village: Village) -> HttpResponse:
    words = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    everybody = Reading(None, phones=False, edits=False)
    found = find_people(village, everybody, Asked(words), on=timezone.localdate())[: FOUND_MOST + 1] if words else []
    people = list(found)
    context = {
        "village": village,
        "trail": offices_trail(village),
        "words": words,
        "people": people[:FOUND_MOST],
        "more": len(people) > FOUND_MOST,
        "unknown": request.GET.get("account", "")[:LONGEST_SEARCH],
    }
    return render(request, "residents/offices/find.html", context)


def ask_for_office(
    request: HttpRequest,
    form: OfficeForm,
    context: dict[str, Any],
    *,
    template: str,
    ask: Callable[[Office], Any],
) -> HttpResponse:
    """Show the form; what the law asks is told once before a proposal is made of it."""
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        office = form.office()
        try:
            check_office(office)
            warnings = office_warnings(office)
            if warnings and request.POST.get("seen") != _digest(warnings):
                status = 200
                context |= {"warnings": warnings, "seen": _digest(warnings)}
            else:
                ask(office)
                return _asked(request, context["back"])
        except AppointmentError as refused:
            add_refusal(form, refused)
        except SamePerson as refused:
            form.add_error(None, refused.message)
            status = STATUS[refused.code]
    return render(request, template, context | {"form": form}, status=status)


def add_refusal(form: Any, refused: AppointmentError) -> None:
    form.add_error(refused.field if refused.field in form.fields else None, refused.message)


def _digest(warnings: list[str]) -> str:
    """Tells whether the remarks that were read are those of what is sent now."""
    return hashlib.sha256("\n".join(warnings).encode()).hexdigest()[:16]


def _asked(request: HttpRequest, back: str) -> HttpResponse:
    messages.success(request, _("已提交。请另一位有权限的工作人员在“待确认事项”里核对、确认，才会生效。"))
    return redirect(back)


@village_door("GET", "POST", act=Act.GIVE_ROLES, step_up=True)
def end_office(request: HttpRequest, village: Village, ref: str) -> HttpResponse:
    office = get_object_or_404(
        Appointment.objects.of(village).select_related("resident", "user", "group", "yard", "village"), ref=ref
    )
    context = {
        "village": village,
        "trail": offices_trail(village),
        "back": reverse("residents:offices", args=[village.slug]),
    }
    return ask_to_end(
        request,
        office,
        context,
        ask=lambda on, reason: propose_end(office, on=on, reason=reason, by=request.user),
    )


def ask_to_end(
    request: HttpRequest, office: Appointment, context: dict[str, Any], *, ask: Callable[[datetime.date, str], Any]
) -> HttpResponse:
    """Show who and what, ask from when and why."""
    today = timezone.localdate()
    if office.until_on is not None and office.until_on <= today:
        raise Http404
    form = EndForm(request.POST if request.method == "POST" else None, today=today)
    if form.is_bound and form.is_valid():
        try:
            check_end(office, on=form.cleaned_data["on"])
            ask(form.cleaned_data["on"], form.cleaned_data["reason"])
            return _asked(request, context["back"])
        except AppointmentError as refused:
            add_refusal(form, refused)
    context |= {
        "form": form,
        "holder": holder_of(office),
        "words": office_words(office),
        "office": office,
        "warnings": ending_warnings(office, on=today),
    }
    return render(request, "residents/offices/end.html", context, status=422 if form.is_bound else 200)
