"""The register of rules of a township or county, on a page and as a sheet: for its reviewers, the county's editors."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit.log import record
from residents.models import Region, Village
from residents.rights import OFFICERS, letters_over
from residents.step_up import ask
from residents.views.doors import sign_in_first
from residents.views.region_offices import region_trail, villages_of
from residents.views.roll import attachment
from ui.answers import refuse
from ui.fields import PlainTextField
from ui.limits import too_many_exports
from villagerules.models import VillageRules
from villagerules.registry import STATES, Asked, Line, read_registry
from villagerules.registry_sheet import registry_sheet

from .region_desk import sees_duties

VILLAGES_MOST = 1000
ROWS = 50


class RegistryForm(forms.Form):
    """What is looked for; what is wrong in it is left out, not refused."""

    township = forms.ChoiceField(label=gettext_lazy("乡镇（街道）"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("类别"), required=False, choices=[("", gettext_lazy("全部")), *VillageRules.Kind.choices]
    )
    state = forms.ChoiceField(
        label=gettext_lazy("状态"), required=False, choices=[("", gettext_lazy("全部")), *STATES.items()]
    )
    words = PlainTextField(label=gettext_lazy("名称、备案号"), required=False, max_length=60)

    def __init__(self, *args: Any, villages: list[Village], **options: Any) -> None:
        super().__init__(*args, **options)
        townships = {one.region.code: one.region.name for one in villages}
        if len(townships) < 2:
            del self.fields["township"]
        else:
            self.fields["township"].choices = [("", gettext_lazy("全部")), *townships.items()]

    @property
    def asked(self) -> Asked:
        self.is_valid()
        return Asked(**self.cleaned_data)


def _place(request: HttpRequest, code: str) -> Region | HttpResponse:
    """The region, or what is answered instead."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    place = get_object_or_404(Region.objects.select_related("parent__parent__parent"), code=code)
    if not sees_duties(request.user, place):
        raise Http404
    asked = ask(request, letters_over(request.user, place) & OFFICERS)
    return asked if asked is not None else place


def _read(request: HttpRequest, place: Region) -> tuple[RegistryForm, Asked, list[Line]]:
    villages = list(villages_of(place).standing().select_related("region")[:VILLAGES_MOST])
    form = RegistryForm(request.GET, villages=villages)
    asked = form.asked
    return form, asked, read_registry(villages, on=timezone.localdate(), asked=asked)


@never_cache
@require_safe
def registry(request: HttpRequest, region: str) -> HttpResponse:
    """Line by line, as the filters say; a few queries for all villages."""
    place = _place(request, region)
    if isinstance(place, HttpResponse):
        return place
    form, asked, lines = _read(request, place)
    context = {
        "region": place,
        "trail": [*region_trail(place), (_("工作"), reverse("home:region", args=[place.code]))],
        "form": form,
        "page": Paginator(lines, ROWS).get_page(request.GET.get("page")),
        "count": len(lines),
        "query": urlencode({name: value for name, value in vars(asked).items() if value}),
        "today": timezone.localdate(),
    }
    return render(request, "home/region/registry.html", context)


@never_cache
@require_safe
def registry_file(request: HttpRequest, region: str) -> HttpResponse:
    """The same lines to take away; that they were taken is logged."""
    place = _place(request, region)
    if isinstance(place, HttpResponse):
        return place
    if too_many_exports(request.user.pk):
        return refuse(request, "slow_down", _("一小时最多下载 5 次，请过一会儿再试。"), retry_after=3600)
    _form, asked, lines = _read(request, place)
    today = timezone.localdate()
    content = registry_sheet(lines, title=_("%(region)s村规台账") % {"region": place.name}, on=today)
    with transaction.atomic():
        record(action="export_registry", subject=place, actor=request.user, lines=len(lines), **vars(asked))
    return attachment(content, f"rules-{place.code}-{today.isoformat()}.xlsx")
