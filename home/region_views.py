"""A township's or county's own doors: new villages, one by one or from a sheet."""

from __future__ import annotations

import base64
import secrets

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from residents.merging import MergeError
from residents.models import Region
from residents.rights import OFFICERS, Act, letters_over
from residents.sheets.reading import SheetRefused
from residents.step_up import ask
from residents.two_people import SamePerson
from residents.views.doors import region_door, sign_in_first
from residents.views.region_offices import region_trail, villages_of
from residents.views.roll import attachment
from ui.answers import STATUS, refuse
from ui.limits import too_many_uploads

from .duties import demanded_in, overdue_in
from .merging import MergerPlan, plan_merger, propose_merger
from .region_desk import desk_of, regions_of
from .region_forms import MergerForm, VillageForm, VillagesSheetForm
from .village_making import MakingPlan, MakingRefused, plan_villages, propose_villages
from .village_sheets import blank_village_sheet, read_villages

KEPT_SECONDS = 3600
SHOWN = 200
SHOWN_VILLAGES = 1000


def _asked(request: HttpRequest, region: Region) -> HttpResponse:
    messages.success(request, _("已提交。请另一位审核员或者运营人员在“待确认事项”里核对、确认。"))
    return redirect("regions:proposals", region=region.code)


@region_door("GET", "POST", act=Act.CREATE_VILLAGE, step_up=True)
def new_village(request: HttpRequest, region: Region) -> HttpResponse:
    """One village by hand."""
    form = VillageForm(request.POST if request.method == "POST" else None, region=region)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        plan = plan_villages(region, [form.row()])
        for one in plan.problems:
            form.add_error(None, one.message)
        if not plan.problems:
            try:
                propose_villages(region, plan, by=request.user)
                return _asked(request, region)
            except MakingRefused as refused:
                form.add_error(None, str(refused))
            except SamePerson as refused:
                form.add_error("admin", refused.message)
                status = STATUS[refused.code]
    context = {"region": region, "trail": region_trail(region), "form": form}
    return render(request, "home/region/new_village.html", context, status=status)


@region_door("GET", "POST", act=Act.CREATE_VILLAGE, step_up=True)
def import_villages(request: HttpRequest, region: Region) -> HttpResponse:
    """Take a sheet in; it is kept for an hour, until somebody has looked at it."""
    form = VillagesSheetForm(*((request.POST, request.FILES) if request.method == "POST" else (None, None)))
    status = 422 if form.is_bound else 200
    if form.is_bound and too_many_uploads(request.user.pk):
        return refuse(request, "slow_down", _("一小时最多上传 20 次，请过一会儿再试。"), retry_after=3600)
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        content = file.read()
        try:
            read_villages(file.name, content)
        except SheetRefused as refused:
            form.add_error("file", refused.message)
            status = STATUS[refused.code]
        else:
            token = secrets.token_urlsafe(16)
            kept = {
                "name": file.name,
                "content": base64.b64encode(content).decode(),
                "region": region.pk,
                "user": request.user.pk,
            }
            cache.set(f"villages-sheet:{token}", kept, KEPT_SECONDS)
            return redirect("home:villages_preview", region=region.code, token=token)
    context = {"region": region, "trail": region_trail(region), "form": form}
    return render(request, "home/region/import_villages.html", context, status=status)


@region_door("GET", "POST", act=Act.CREATE_VILLAGE, step_up=True)
def villages_preview(request: HttpRequest, region: Region, token: str) -> HttpResponse:
    """What the sheet would make. Nothing is made here: a second person is asked."""
    kept = cache.get(f"villages-sheet:{token}")
    again = reverse("home:import_villages", args=[region.code])
    if kept is None or (kept["region"], kept["user"]) != (region.pk, request.user.pk):
        messages.warning(request, _("这个表格已经过了一小时，请重新上传。"))
        return redirect(again)
    plan: MakingPlan = plan_villages(region, *read_villages(kept["name"], base64.b64decode(kept["content"])))
    if request.method == "POST":
        try:
            propose_villages(region, plan, by=request.user)
        except MakingRefused as refused:
            messages.error(request, str(refused))
        except SamePerson as refused:
            messages.error(request, refused.message)
        else:
            cache.delete(f"villages-sheet:{token}")
            return _asked(request, region)
    context = {
        "region": region,
        "trail": region_trail(region),
        "again": again,
        "plan": plan,
        "problems": sorted(plan.problems, key=lambda one: one.row)[:SHOWN],
        "make": plan.make[:SHOWN],
        "unchanged": len(plan.unchanged),
    }
    return render(request, "home/region/villages_preview.html", context, status=422 if plan.problems else 200)


@region_door("GET", act=Act.CREATE_VILLAGE)
def blank_villages(request: HttpRequest, region: Region) -> HttpResponse:
    return attachment(blank_village_sheet(), "villages-blank.xlsx")


@region_door("GET", "POST", act=Act.CREATE_VILLAGE, step_up=True)
def merge_villages(request: HttpRequest, region: Region) -> HttpResponse:
    """Which village joins which; what will happen is shown before a second person is asked."""
    form = MergerForm(request.POST if request.method == "POST" else None, region=region)
    status = 422 if form.is_bound else 200
    plan: MergerPlan | None = None
    if form.is_bound and form.is_valid():
        source, target = form.cleaned_data["source"], form.cleaned_data["target"]
        try:
            plan = plan_merger(source, target)
            if request.POST.get("seen") == f"{source.slug}>{target.slug}":
                propose_merger(region, plan, reason=form.cleaned_data["reason"], by=request.user)
                return _asked(request, region)
            status = 200
        except MergeError as refused:
            form.add_error(None, str(refused))
            plan = None
    context = {
        "region": region,
        "trail": region_trail(region),
        "form": form,
        "plan": plan,
        "seen": f"{plan.source.slug}>{plan.target.slug}" if plan else "",
        "words": plan.words() if plan else [],
    }
    return render(request, "home/region/merge_villages.html", context, status=status)


@never_cache
@require_safe
def regions(request: HttpRequest) -> HttpResponse:
    """The counties and townships where the account has something to do; 404 for who has none."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    mine = regions_of(request.user)
    if not mine:
        raise Http404
    return render(request, "home/region/regions.html", {"regions": mine, "trail": [(_("首页"), "/")]})


@never_cache
@require_safe
def region(request: HttpRequest, region: str) -> HttpResponse:
    """What is to be done in a county or township: offices, villages, and what is overdue."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    place = get_object_or_404(Region.objects.select_related("parent__parent__parent"), code=region)
    desk = desk_of(request.user, place)
    if not desk.opens:
        raise Http404
    asked = ask(request, letters_over(request.user, place) & OFFICERS)
    if asked is not None:
        return asked
    now = timezone.now()
    villages = list(villages_of(place).standing().select_related("page")[:SHOWN_VILLAGES]) if desk.watches else []
    context = {
        "region": place,
        "trail": region_trail(place),
        "desk": desk,
        "late": overdue_in(villages, now=now),
        "villages": villages,
        "demanded": demanded_in(villages) if desk.watches else [],
    }
    return render(request, "home/region/region.html", context)
