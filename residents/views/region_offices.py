"""Offices of a county or township, a village's first administrator, and what waits for a second person there.

Both people are of the township (or the county above it) or operators: so the first reviewer of a township is named by
two operators, or by an operator and somebody of the county.
"""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from residents.appointment_proposals import propose_end, propose_office
from residents.forms import ReasonForm
from residents.models import Appointment, Proposal, Region, Role, Village
from residents.office_forms import FirstAdminForm, RegionOfficeForm
from residents.rights import Act, may_over
from residents.two_people import TwoPeopleError, decide, right_for
from ui.answers import refuse

from .doors import region_door
from .offices import ENDED_SHOWN, PAGE_ROWS, ask_for_office, ask_to_end, by_rank, told

SHOWN_PAST = 20
SHOWN_VILLAGES = 100


def region_trail(region: Region, *more: tuple[str, str]) -> list[tuple[str, str]]:
    page = getattr(region, "page", None)
    return [(_("首页"), "/"), *([(region.name, page.url)] if page else []), *more]


def offices_trail(region: Region) -> list[tuple[str, str]]:
    return region_trail(region, (_("任职"), reverse("regions:offices", args=[region.code])))


def villages_of(region: Region) -> QuerySet[Village]:
    """The real villages in a region, whatever its level."""
    above = Q(region=region) | Q(region__parent=region) | Q(region__parent__parent=region)
    here = above | Q(region__parent__parent__parent=region)
    return Village.objects.real().filter(here).order_by("code")


def without_admin(region: Region) -> QuerySet[Village]:
    """Villages that nobody administers at present."""
    held = Appointment.objects.current(timezone.localdate()).filter(role=Role.VILLAGE_ADMIN, village=OuterRef("pk"))
    return villages_of(region).filter(~Exists(held), merged_into=None)


@region_door("GET", act=Act.CREATE_VILLAGE)
def offices(request: HttpRequest, region: Region) -> HttpResponse:
    """Those held in the region itself now, those that ended last, and the villages without an administrator."""
    today = timezone.localdate()
    held = Appointment.objects.filter(region=region)
    context = {
        "region": region,
        "trail": region_trail(region),
        "current": told(by_rank(held.exclude(until_on__lte=today))[:PAGE_ROWS]),
        "ended": told(by_rank(held.filter(until_on__lte=today)).order_by("-until_on", "rank")[:ENDED_SHOWN]),
        "orphans": without_admin(region)[:SHOWN_VILLAGES],
        "waiting": _proposals(region).waiting().count(),
    }
    response = render(request, "residents/offices/region_offices.html", context)
    response["Cache-Control"] = "no-store"
    return response


@region_door("GET", "POST", act=Act.CREATE_VILLAGE, step_up=True)
def appoint(request: HttpRequest, region: Region) -> HttpResponse:
    form = RegionOfficeForm(
        request.POST if request.method == "POST" else None, region=region, today=timezone.localdate()
    )
    context = {
        "title": _("%(region)s：任职") % {"region": region.name},
        "trail": offices_trail(region),
        "back": reverse("regions:offices", args=[region.code]),
    }
    return ask_for_office(
        request,
        form,
        context,
        template="residents/offices/region_appoint.html",
        ask=lambda office: propose_office(office, by=request.user, over=region),
    )


@region_door("GET", "POST", act=Act.CREATE_VILLAGE, step_up=True)
def first_admin(request: HttpRequest, region: Region, village: str) -> HttpResponse:
    """Name the administrator of a village that has none; the village's own people name all others."""
    place = get_object_or_404(without_admin(region), slug=village)
    form = FirstAdminForm(request.POST if request.method == "POST" else None, village=place, today=timezone.localdate())
    context = {
        "title": _("%(village)s的第一位管理员") % {"village": place.name},
        "trail": offices_trail(region),
        "back": reverse("regions:offices", args=[region.code]),
    }
    return ask_for_office(
        request,
        form,
        context,
        template="residents/offices/region_appoint.html",
        ask=lambda office: propose_office(office, by=request.user, over=region),
    )


@region_door("GET", "POST", act=Act.CREATE_VILLAGE, step_up=True)
def end_office(request: HttpRequest, region: Region, ref: str) -> HttpResponse:
    office = get_object_or_404(Appointment.objects.filter(region=region).select_related("user"), ref=ref)
    context = {"trail": offices_trail(region), "back": reverse("regions:offices", args=[region.code])}
    return ask_to_end(
        request,
        office,
        context,
        ask=lambda on, reason: propose_end(office, on=on, reason=reason, by=request.user, over=region),
    )


def _proposals(region: Region) -> QuerySet[Proposal]:
    return Proposal.objects.filter(village=None, region=region)


@region_door("GET", act=Act.CREATE_VILLAGE)
def proposals(request: HttpRequest, region: Region) -> HttpResponse:
    """Waiting ones with buttons, then those that were decided last."""
    waiting = _proposals(region).waiting().select_related("proposed_by")[:PAGE_ROWS]
    past = _proposals(region).exclude(state=Proposal.State.PROPOSED).select_related("proposed_by", "decided_by")
    lines = [
        (one, one.proposed_by_id == request.user.pk, may_over(request.user, right_for(one.kind, over=True), region))
        for one in waiting
    ]
    context = {"region": region, "trail": region_trail(region), "waiting": lines, "past": past[:SHOWN_PAST]}
    return render(request, "residents/offices/region_proposals.html", context)


@region_door("POST", act=Act.CREATE_VILLAGE, step_up=True)
def decide_proposal(request: HttpRequest, region: Region, number: int) -> HttpResponse:
    """Confirm, send back, or withdraw one's own."""
    proposal = _proposals(region).filter(number=number).first()
    if proposal is None:
        raise Http404
    back = reverse("regions:proposals", args=[region.code])
    form = ReasonForm(request.POST)
    note = form.cleaned_data["reason"] if form.is_valid() else ""
    accept = request.POST.get("answer") == "confirm"
    if not accept and not note and proposal.proposed_by_id != request.user.pk:
        messages.error(request, _("退回时请写明原因，好让提出的人知道怎么改。"))
        return redirect(back)
    try:
        done = decide(proposal, by=request.user, accept=accept, note=note)
    except TwoPeopleError as error:
        return refuse(request, error.code, error.message, back=back)
    messages.success(request, _("已办理：%(what)s。") % {"what": f"{done.summary}（{done.get_state_display()}）"})
    return redirect(back)
