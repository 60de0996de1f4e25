"""The yearly ledger: choose a year, take it away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from audit.log import record
from consultation import ledger as rules
from consultation.ledger_sheet import ledger_sheet
from residents.models import Village
from residents.rights import Act
from residents.views.doors import village_door
from residents.views.roll import attachment
from ui.answers import refuse
from ui.limits import too_many_exports

from .meeting import village_trail


@village_door("GET", "POST", act=Act.CALL_MEETING, or_act=Act.READ_AUDIT)
@never_cache
def ledger(request: HttpRequest, village: Village) -> HttpResponse:
    """For those who call meetings and those who oversee them; that it was taken is logged."""
    today = village.local_date(timezone.now())
    years = rules.years_of(village, today=today)
    if request.method != "POST":
        context = {"village": village, "trail": village_trail(village), "years": years, "today": today}
        return render(request, "consultation/ledger.html", context)
    asked = next((one.year for one in years if str(one.year) == request.POST.get("year")), None)
    if asked is None:
        return refuse(request, "invalid", _("请选一个年份。"), field="year")
    if too_many_exports(request.user.pk):
        return refuse(request, "slow_down", _("下载得太频繁，请过一会儿再试。"), retry_after=3600)
    content = ledger_sheet(rules.read_ledger(village, year=asked, today=today))
    record(action="export_ledger", subject=village, village_id=village.pk, actor=request.user, year=asked)
    return attachment(content, f"ledger-{village.slug}-{asked}.xlsx")
