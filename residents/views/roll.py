"""The roll as those see it who keep it: found by name, of today or of any day; phones masked."""

from __future__ import annotations

import datetime
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from residents.claim_requests import waiting_requests
from residents.composition import composition_warnings
from residents.forms import ReasonForm
from residents.models import Correction, Proposal, Resident, RollLook, Village, VillageGroup
from residents.phones import mask_phone, open_phone
from residents.rights import Act
from residents.roll_reading import Asked, Reading, figures, find_people, find_people_of_day
from residents.sheets.writing import roll_sheet_of
from ui.answers import refuse
from ui.limits import too_many_exports

from .doors import village_door
from .roll_doors import reading_door, trail

__all__ = ["attachment", "download", "roll", "trail"]

PAGE_ROWS = 50
LONGEST_SEARCH = 60
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def attachment(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response["Cache-Control"] = "no-store"
    return response


def _asked(request: HttpRequest) -> Asked:
    group = request.GET.get("group", "")
    return Asked(
        words=request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH],
        group=int(group) if group.isdecimal() and len(group) < 4 else None,
        duty=request.GET.get("duty", ""),
    )


def day_asked(request: HttpRequest, today: datetime.date) -> datetime.date:
    """?on=2026-05-20; today for anything else."""
    try:
        return datetime.date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return today


def with_phones(people: list[Resident], reading: Reading) -> list[tuple[Resident, str]]:
    return [(one, mask_phone(open_phone(one.phone_sealed)) if reading.phones else "") for one in people]


@reading_door("GET")
def roll(request: HttpRequest, village: Village, reading: Reading) -> HttpResponse:
    """Everybody on the roll, by household; by name, pinyin, nickname and group on request, of another day, too."""
    today = timezone.localdate()
    day = day_asked(request, today)
    asked = _asked(request)
    people = (
        find_people(village, reading, asked, on=today)
        if day == today
        else find_people_of_day(village, reading, asked, on=day)
    )
    page = Paginator(people, PAGE_ROWS).get_page(request.GET.get("page"))
    kept = {name: value for name, value in request.GET.items() if name in ("q", "group", "duty", "on") and value}
    context = {
        "village": village,
        "trail": trail(village),
        "reading": reading,
        "asked": asked,
        "day": day,
        "other_day": day != today,
        "groups": VillageGroup.objects.of(village) if reading.groups is None else reading.groups,
        "page": page,
        "query": urlencode(kept),
        "lines": with_phones(list(page), reading),
        "figures": figures(village, reading, on=today),
        "warnings": composition_warnings(village, on=today) if reading.groups is None else [],
        "waiting": Proposal.objects.of(village).waiting().count() if reading.edits else 0,
        "corrections": Correction.objects.of(village).open().count() if reading.edits else 0,
        "claims": waiting_requests(village).count() if reading.phones else 0,
        "form": ReasonForm(),
    }
    response = render(request, "residents/roll/roll.html", context)
    response["Cache-Control"] = "no-store"
    return response


@village_door("POST", act=Act.SEE_PHONE, step_up=True)
def download(request: HttpRequest, village: Village) -> HttpResponse:
    """The whole roll as a sheet: a reason is asked, the look is kept, and everybody on it can see that."""
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    if not reason:
        return refuse(request, "invalid", _("请写明下载名册的用途，再按“下载”。"), field="reason")
    if too_many_exports(request.user.pk):
        return refuse(request, "slow_down", _("一小时最多下载 5 次，请过一会儿再试。"), retry_after=3600)
    with transaction.atomic():
        look = RollLook.objects.create(
            village=village,
            what=RollLook.What.EXPORT,
            reason=reason,
            by=request.user,
            by_name=request.user.get_full_name()[:60],
        )
        record(action="export_roll", subject=village, village_id=village.pk, actor=look.by)
    return attachment(roll_sheet_of(village, on=timezone.localdate()), f"roll-{village.code}.xlsx")
