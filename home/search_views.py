"""The page of the public's search: a form that works without scripts, and what was found."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from residents.models import Village
from ui.answers import refuse
from ui.limits import too_often

from .search_sources import Kind
from .searching import ASKED_MOST, HITS_MOST, Answer, search

HITS_A_PAGE = 20
# A hall of 500 is one address; a robot that reads everything asks more.
SEARCHES_A_MINUTE = 300


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """`q`; perhaps `kind`, and `village` (a slug) when only one village's things are wanted."""
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:ASKED_MOST]
    village = Village.objects.real().filter(slug=request.GET.get("village", "")).select_related("page").first()
    kind = request.GET.get("kind", "")
    address = get_adapter().get_client_ip(request)
    if asked and too_often(f"search:{address}", limit=SEARCHES_A_MINUTE, seconds=60):
        return refuse(
            request, "slow_down", _("找得太快了，请过一分钟再找。"), back=request.get_full_path(), retry_after=60
        )
    answer = search(asked, on=timezone.localdate(), village=village) if asked else None
    context: dict[str, Any] = {"asked": asked, "village": village, "asked_most": ASKED_MOST, "own_search": True}
    if answer is not None:
        context |= _shown(request, answer, asked, kind, village)
    return render(request, "home/search.html", context)


def _shown(request: HttpRequest, answer: Answer, asked: str, kind: str, village: Village | None) -> dict[str, Any]:
    query = {"q": asked} | ({"village": village.slug} if village is not None else {})
    kinds = [
        {
            "label": one.label,
            "count": answer.by_kind[one],
            "query": urlencode(query | {"kind": one.value}),
            "on": one == kind,
        }
        for one in Kind
        if answer.by_kind[one]
    ]
    hits = [hit for hit in answer.hits if hit.found.kind == kind] if kind in Kind else list(answer.hits)
    page = Paginator(hits, HITS_A_PAGE).get_page(request.GET.get("page"))
    lines = list(page.object_list)
    first_literal = next((hit for hit in lines if hit.match == "literal"), None)
    return {
        "kinds": kinds if len(kinds) > 1 or kind in Kind else [],
        "all_query": urlencode(query),
        "everywhere_query": urlencode({"q": asked}),
        "all_count": len(answer.hits),
        "kind_on": kind in Kind,
        "page": page,
        "hits": lines,
        "page_query": urlencode(query | ({"kind": kind} if kind in Kind else {})),
        "first_literal": first_literal,
        "any_only": bool(lines) and lines[0].match == "any",
        "more": answer.more,
        "most": HITS_MOST,
    }
