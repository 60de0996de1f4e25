"""Pages to print, as PDF: the minutes and the notice, as this reader sees them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from consultation.models import Meeting
from ui.pdf import as_pdf

from . import meeting as meeting_pages
from . import minutes as minutes_pages
from .doors import door


@door("GET")
def minutes(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The minutes, with as many names as their page shows to the same person."""
    name = f"minutes-{meeting.village.slug}-{meeting.number}"
    return as_pdf(request, lambda: minutes_pages.page_of(request, meeting), name)


@door("GET")
def notice(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The notice for the wall."""
    name = f"notice-{meeting.village.slug}-{meeting.number}"
    return as_pdf(request, lambda: meeting_pages.notice_page(request, meeting), name)
