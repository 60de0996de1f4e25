"""Who would be called to a meeting: for those who keep the roll, before a notice freezes it."""

from __future__ import annotations

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consultation.electorates import electorate_of
from consultation.models import ProcedurePreset
from residents.models import Village, VillageGroup, Yard
from residents.roll import RollError, described
from residents.roll_reading import Reading
from residents.views.roll_doors import reading_door, roll_trail
from ui.answers import refuse

ROWS = 100


class ElectorateForm(forms.Form):
    """Which body, which day, of which group or yard."""

    preset = forms.ModelChoiceField(
        label=gettext_lazy("哪种会议"), queryset=None, to_field_name="key", empty_label=gettext_lazy("请选择")
    )
    on = forms.DateField(
        label=gettext_lazy("按哪一天的名册"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    group = forms.ModelChoiceField(
        label=gettext_lazy("小组"), queryset=None, to_field_name="number", required=False,
        empty_label=gettext_lazy("小组会议才选"),
    )  # fmt: skip
    yard = forms.ModelChoiceField(
        label=gettext_lazy("屋场（院落、小区）"), queryset=None, to_field_name="slug", required=False,
        empty_label=gettext_lazy("屋场、院落、小区协商才选"),
    )  # fmt: skip

    def __init__(self, data: object, *, village: Village) -> None:
        super().__init__(data)
        self.fields["preset"].queryset = ProcedurePreset.objects.for_kind(village.kind)
        self.fields["group"].queryset = VillageGroup.objects.of(village)
        self.fields["yard"].queryset = Yard.objects.of(village)


@reading_door("GET")
def electorate(request: HttpRequest, village: Village, reading: Reading) -> HttpResponse:
    """Base, quorum, everybody who counts, and everybody who does not, with the reason in words."""
    if reading.groups is not None:
        return refuse(request, "forbidden", _("应到名册由村（社区）管理员和监督委员会查看。"))
    asked = request.GET if "preset" in request.GET else None
    form = ElectorateForm(asked, village=village)
    if asked is None:
        form.fields["on"].initial = timezone.localdate()
    base, problem = None, ""
    if form.is_valid():
        data = form.cleaned_data
        try:
            base = electorate_of(village, data["preset"], on=data["on"], group=data["group"], yard=data["yard"])
        except RollError as error:
            problem = str(error)
    query = request.GET.copy()
    query.pop("page", None)
    page = None
    if base is not None:
        counted = [(described(unit.resident), unit.household or "", "") for unit in base.found.units]
        out = [(line.who, "", line.reason) for line in base.found.left_out]
        lines = out if request.GET.get("show") == "left_out" else counted
        page = Paginator(lines, ROWS).get_page(request.GET.get("page"))
        query.pop("show", None)
    context = {
        "village": village, "trail": roll_trail(village), "form": form, "base": base, "problem": problem, "page": page,
        "query": query.urlencode(), "left_out": request.GET.get("show") == "left_out",
    }  # fmt: skip
    response = render(
        request, "consultation/electorate.html", context, status=422 if form.is_bound and base is None else 200
    )
    response["Cache-Control"] = "no-store"
    return response
