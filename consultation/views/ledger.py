"""The yearly ledger: choose a year, say what for, take it away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from audit.log import record
from consultation import ledger as rules
from consultation.ledger_forms import LedgerForm
from consultation.ledger_sheet import ledger_sheet
from residents.models import Village
from residents.rights import Act, letters_of
from residents.views.doors import village_door
from residents.views.roll import attachment
from ui.answers import refuse
from ui.limits import too_many_exports

from .meeting import village_trail
from .places import inside_of


@village_door("GET", "POST", act=Act.EXPORT, step_up=True)
@never_cache
def ledger(request: HttpRequest, village: Village) -> HttpResponse:
    """For those who may take lists away and read what is the village's own; that it was taken, and why, is logged."""
    if not inside_of(letters_of(request.user, village)):
        return refuse(request, "forbidden", _("您没有权限做这件事。如果认为不对，请联系村（社区）管理员。"))
    today = village.local_date(timezone.now())
    form = LedgerForm(request.POST or None, years=rules.years_of(village, today=today))
    if form.is_bound and form.is_valid():
        if too_many_exports(request.user.pk):
            return refuse(request, "slow_down", _("一小时最多下载 5 次，请过一会儿再试。"), retry_after=3600)
        asked = form.cleaned_data
        content = ledger_sheet(rules.read_ledger(village, year=asked["year"], today=today))
        record(action="export_ledger", subject=village, village_id=village.pk, actor=request.user, **asked)
        return attachment(content, f"ledger-{village.slug}-{asked['year']}.xlsx")
    context = {"village": village, "trail": village_trail(village), "form": form}
    return render(request, "consultation/ledger.html", context, status=422 if form.is_bound else 200)
