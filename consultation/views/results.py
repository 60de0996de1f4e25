"""The results of a meeting on one sheet for the notice board, which stays the place the law names (VL 35, UL 34)."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from consultation.board import results_of
from consultation.models import Meeting
from consultation.wording import majority_in_words, share_in_words, unit_words
from residents.legal_figures import figures_for

from .doors import door
from .meeting import PUBLIC_RESULTS, trail


@door("GET")
def results_sheet(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """For everybody, once the results are published: what was decided, and until when the sheet has to hang there."""
    decided = results_of(meeting)
    if meeting.state not in PUBLIC_RESULTS or meeting.results_published_at is None or not decided:
        raise Http404
    rules, village = meeting.procedure, meeting.village
    since = village.local_date(meeting.results_published_at)
    figure = figures_for(village.kind, on=since).get("results_displayed")
    days = figure.days if figure else None
    context = {
        "meeting": meeting,
        "village": village,
        "trail": trail(meeting, itself=True),
        "decided": decided,
        "binding": rules["binding"],
        "body": rules["label"],
        "basis": f"《{rules['law']}》{rules['citation']}" if rules["verified"] else "",
        "entitled": meeting.roster.entitled_count,
        "unit": unit_words(rules["electorate"]),
        "quorum": share_in_words(rules["quorum_op"], rules["quorum_num"], rules["quorum_den"]),
        "majority": majority_in_words(rules),
        "since": since,
        "until": since + datetime.timedelta(days=days) if days else None,
        "figure": figure,
        "page_url": settings.PUBLIC_URL + meeting.get_absolute_url(),
    }
    return render(request, "consultation/print/results.html", context)
