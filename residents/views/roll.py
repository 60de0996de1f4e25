"""The roll as the village's own officers see it: found by name, phones masked."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from residents.forms import ReasonForm
from residents.models import Household, Resident, RollLook, Village, VillageGroup
from residents.phones import mask_phone, open_phone
from residents.rights import Act
from residents.sheets.writing import roll_sheet_of
from ui.answers import refuse
from ui.limits import too_often

from .doors import village_door

PAGE_ROWS = 50
LONGEST_SEARCH = 60
EXPORTS_AN_HOUR = 5
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def trail(village: Village) -> list[tuple[str, str]]:
    """Home, village and its roll (practice villages have no page)."""
    page = getattr(village, "page", None)
    return [(_("首页"), "/"), *([(village.name, page.url)] if page else [])]


def attachment(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response["Cache-Control"] = "no-store"
    return response


@village_door("GET", act=Act.IMPORT_ROLL)
def roll(request: HttpRequest, village: Village) -> HttpResponse:
    """Everybody on the roll today, by household; by name, pinyin, nickname and group on request."""
    today = timezone.localdate()
    asked = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    group = request.GET.get("group", "")
    people = Resident.objects.of(village).on_roll(today).select_related("household__group")
    if asked:
        people = people.named_like(asked)
    if group.isdecimal() and len(group) < 4:
        people = people.filter(household__group__number=int(group))
    page = Paginator(people.order_by("household__number", "-is_head", "born_on", "pk"), PAGE_ROWS).get_page(
        request.GET.get("page")
    )
    lines = [(one, mask_phone(open_phone(one.phone_sealed))) for one in page]
    context = {
        "village": village,
        "trail": trail(village),
        "asked": asked,
        "group": group,
        "groups": VillageGroup.objects.of(village),
        "page": page,
        "lines": lines,
        "figures": _figures(village),
        "form": ReasonForm(),
    }
    return render(request, "residents/roll/roll.html", context)


def _figures(village: Village) -> dict[str, int]:
    today = timezone.localdate()
    living = Resident.objects.of(village).on_roll(today)
    homes = Household.objects.of(village).on_roll(today)
    return {
        "people": living.count(),
        "adults": living.adults(today).count(),
        "unborn": living.filter(born_on=None).count(),
        "households": homes.count(),
        "voiceless": homes.filter(representative=None)
        .annotate(living=Count("members", filter=Q(members__until_on=None)))
        .filter(living__gt=0)
        .count(),
    }


@village_door("POST", act=Act.EXPORT)
def download(request: HttpRequest, village: Village) -> HttpResponse:
    """The whole roll as a sheet: a reason is asked, the look is kept, and everybody on it can see that."""
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    if not reason:
        return refuse(request, "invalid", _("请写明下载名册的用途，再按“下载”。"), field="reason")
    if too_often(f"export:{request.user.pk}", limit=EXPORTS_AN_HOUR, seconds=3600):
        return refuse(request, "slow_down", _("一小时最多下载 5 次，请过一会儿再试。"), retry_after=3600)
    look = RollLook(
        village=village,
        what=RollLook.What.EXPORT,
        reason=reason,
        by=request.user,
        by_name=request.user.get_full_name()[:60],
    )
    _keep(look)
    return attachment(roll_sheet_of(village, on=timezone.localdate()), f"roll-{village.code}.xlsx")


def _keep(look: RollLook) -> None:
    with transaction.atomic():
        look.save()
        record(action="export_roll", subject=look.village, village_id=look.village_id, actor=look.by)
