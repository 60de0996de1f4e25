"""The results of a meeting on one sheet for the notice board, which stays the place the law names (VL 35, UL 34)."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from consultation.board import results_of
from consultation.meetings import displayed
from consultation.models import Meeting
from consultation.wording import majority_in_words, share_in_words, unit_words

from .doors import door
from .meeting import trail


@door("GET")
def results_sheet(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """For everybody, once the results are published: what was decided, and until when the sheet has to hang there."""
    decided = results_of(meeting)
    if meeting.state not in Meeting.PUBLIC or meeting.results_published_at is None or not decided:
        raise Http404
    rules, village = meeting.procedure, meeting.village
    since, until, figure = displayed(meeting, since=meeting.results_published_at)
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
        "until": until,
        "figure": figure,
        "page_url": settings.PUBLIC_URL + meeting.get_absolute_url(),
    }
    return render(request, "consultation/print/results.html", context)
