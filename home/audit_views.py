"""The village's audit log for those who watch over it, and the daily heads that everybody may read and keep."""

from __future__ import annotations

import datetime
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit.hashing import entry_text
from audit.heads import heads_of
from audit.models import AuditEntry, AuditHead, AuditLink
from residents.models import User, Village
from residents.rights import Act
from residents.views.doors import village_door
from residents.views.roll_doors import trail
from ui.answers import wants_json

from .audit_words import action_words

PAGE_ROWS = 50
HEADS_ROWS = 100
FIRST_YEAR, LAST_YEAR = 2000, 2999
HEADS_FORMAT = "village-audit-heads-1"
# Where an act's own words stand in its detail.
_REASONS = ("reason", "note", "why", "urgent")


@dataclass(frozen=True)
class Line:
    """One entry as it is shown."""

    link: AuditLink
    entry: AuditEntry
    action: str
    second: str  # the name of the second person, where there was one
    reason: str
    text: str  # what its hash is taken over


class FilterForm(forms.Form):
    action = forms.ChoiceField(label=gettext_lazy("办了什么"), required=False)
    day = forms.DateField(
        label=gettext_lazy("哪一天"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("日期看不懂，请写成 2026-05-20 这样。")},
    )

    def __init__(self, *args: Any, actions: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = sorted((action_words(one), one) for one in actions)
        self.fields["action"].choices = [("", _("全部")), *((one, words) for words, one in known)]
        self.fields["action"].error_messages["invalid_choice"] = _("本村的日志里没有这种记录，请从列表里选。")

    def clean_day(self) -> datetime.date | None:
        day = self.cleaned_data["day"]
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(self.fields["day"].error_messages["invalid"])
        return day


@never_cache
@village_door("GET", act=Act.READ_AUDIT)
def audit(request: HttpRequest, village: Village) -> HttpResponse:
    """Newest first, from `before` downwards; by what was done and on which day."""
    actions = AuditEntry.objects.filter(village_id=village.pk).order_by().values_list("action", flat=True).distinct()
    form = FilterForm(request.GET, actions=list(actions))
    links = AuditLink.objects.filter(chain=village.pk).select_related("entry").order_by("-number")
    if form.is_valid():
        links = _filtered(links, **form.cleaned_data)
    if (before := _number(request.GET.get("before", ""))) is not None:
        links = links.filter(number__lt=before)
    shown = list(links[: PAGE_ROWS + 1]) if form.is_valid() else []
    more = len(shown) > PAGE_ROWS
    shown = shown[:PAGE_ROWS]
    query = {key: request.GET[key] for key in ("action", "day") if request.GET.get(key)}
    context = {
        "village": village,
        "trail": trail(village),
        "form": form,
        "lines": _lines(shown),
        "asked": bool(query),
        "first_url": f"?{urlencode(query)}" if before is not None else "",
        "older_url": f"?{urlencode(query | {'before': shown[-1].number})}" if more else "",
    }
    return render(request, "home/audit.html", context, status=200 if form.is_valid() else 422)


def _filtered(links: Any, *, action: str, day: datetime.date | None) -> Any:
    if action:
        links = links.filter(entry__action=action)
    if day is not None:
        start = timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
        links = links.filter(entry__at__gte=start, entry__at__lt=start + datetime.timedelta(days=1))
    return links


def _lines(links: Sequence[AuditLink]) -> list[Line]:
    seconds = {link.entry.detail.get("confirmed_by") for link in links} - {None}
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=seconds)}
    return [
        Line(
            link=link,
            entry=link.entry,
            action=action_words(link.entry.action),
            second=names.get(link.entry.detail.get("confirmed_by"), ""),
            reason=next((str(link.entry.detail[key]) for key in _REASONS if link.entry.detail.get(key)), ""),
            text=entry_text(link.entry, number=link.number, previous=link.previous),
        )
        for link in links
    ]


def _number(words: str) -> int | None:
    return int(words) if words.isascii() and words.isdecimal() and len(words) < 16 else None


@never_cache
@require_safe
def audit_heads(request: HttpRequest, village: str) -> HttpResponse:
    """Day by day how many entries there were and their hash: a page, or JSON for a script."""
    place = get_object_or_404(Village.objects.real().select_related("region__parent"), slug=village)
    heads, older = _heads(request, place)
    if wants_json(request):
        return _json(request, place, heads, older)
    lines = [(head, " ".join(textwrap.wrap(head.hash, 8))) for head in heads]
    context = {"village": place, "trail": trail(place), "lines": lines, "older_url": older}
    return render(request, "home/audit_heads.html", context)


@never_cache
@require_safe
def audit_heads_file(request: HttpRequest, village: str) -> HttpResponse:
    """The same to be kept: `verify_audit --heads` compares the log with it."""
    place = get_object_or_404(Village.objects.real(), slug=village)
    response = _json(request, place, *_heads(request, place))
    response["Content-Disposition"] = f'attachment; filename="audit-heads-{place.slug}.json"'
    return response


def _heads(request: HttpRequest, village: Village) -> tuple[list[AuditHead], str]:
    """One page of them, and the query of the next."""
    try:
        before = datetime.date.fromisoformat(request.GET.get("before", ""))
    except ValueError:
        before = None
    heads = heads_of(village.pk, before=before, most=HEADS_ROWS + 1)
    older = f"?{urlencode({'before': heads[HEADS_ROWS - 1].day.isoformat()})}" if len(heads) > HEADS_ROWS else ""
    return heads[:HEADS_ROWS], older


def _json(request: HttpRequest, village: Village, heads: Sequence[AuditHead], older: str) -> JsonResponse:
    path = reverse("home:audit_heads_file", args=[village.slug])
    return JsonResponse(
        {
            "format": HEADS_FORMAT,
            "village": village.slug,
            "name": village.name,
            "heads": [{"day": head.day.isoformat(), "number": head.number, "hash": head.hash} for head in heads],
            "older": request.build_absolute_uri(f"{path}{older}") if older else None,
        },
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )
