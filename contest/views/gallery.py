"""For everybody: the entries on show in an order of chance, and one entry with the text it is judged by."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Q
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from contest.entries import changed_since
from contest.entry_rights import may_see
from contest.models import Contest, Entry
from contest.order import shuffled

from .vote_doors import contest_door, seed_of, trail_of

PAGE, WORDS_MOST = 24, 60
HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}


@contest_door("GET")
def gallery(request: HttpRequest, contest: Contest) -> HttpResponse:
    """What is on show; `q` looks in titles, villages and the frozen words."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:WORDS_MOST]
    entries = contest.entries.on_show().select_related("village")
    if words:
        entries = entries.filter(
            Q(title__icontains=words)
            | Q(line__icontains=words)
            | Q(village__name__icontains=words)
            | Q(frozen_text__icontains=words)
        )
    numbers = shuffled(entries.values_list("number", flat=True), seed_of(request, contest), lambda one: one)
    page = Paginator(numbers, PAGE).get_page(request.GET.get("page"))
    found = {one.number: one for one in entries.filter(number__in=list(page)).prefetch_related("photos")}
    shown = [found[number] for number in page if number in found]
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "contest": contest, "trail": trail_of(contest), "entries": shown, "page": page, "words": words,
        "query": query.urlencode(),
    }  # fmt: skip
    response = render(request, "contest/gallery.html", context)
    response["Cache-Control"] = "private, no-store"  # the order is the visitor's own
    return response


def _seen(request: HttpRequest, contest: Contest, number: int) -> Entry:
    """The entry, for those who may see it; nothing is there for others."""
    found = get_object_or_404(contest.entries.select_related("village__region", "version__rules"), number=number)
    found.contest = contest
    if not may_see(request.user, found):
        raise Http404
    return found


@contest_door("GET")
def entry(request: HttpRequest, contest: Contest, number: int) -> HttpResponse:
    """One entry, and what became of its rules since they were sent in."""
    found = _seen(request, contest, number)
    context = {
        "contest": contest, "entry": found, "photos": found.photos.all(), "endorsements": found.endorsements.all(),
        "trail": [*trail_of(contest), (_("参评作品"), contest.address("gallery"))],
        "lines": found.frozen_text.splitlines(), "changed": changed_since(found),
        "film": getattr(found, "film", None), "address": request.build_absolute_uri(found.get_absolute_url()),
    }  # fmt: skip
    response = render(request, "contest/entry.html", context)
    if not found.is_on_show:
        response["Cache-Control"] = "no-store"
    return response


@contest_door("GET")
def entry_photo(request: HttpRequest, contest: Contest, number: int, photo: int) -> HttpResponseBase:
    """A photograph of it, made by us; `?small` the one for lists."""
    found = get_object_or_404(_seen(request, contest, number).photos, pk=photo)
    return _file(found.small if "small" in request.GET else found.file, "image/jpeg")


@contest_door("GET")
def entry_film(request: HttpRequest, contest: Contest, number: int) -> HttpResponseBase:
    """Its film, as mp4 and nothing else."""
    film = getattr(_seen(request, contest, number), "film", None)
    if film is None:
        raise Http404
    return _file(film.file, "video/mp4")


def _file(file: FieldFile, kind: str) -> HttpResponseBase:
    headers = HEADERS | {"Cache-Control": "private, no-store"}
    try:
        return FileResponse(file.open("rb"), content_type=kind, headers=headers)
    except FileNotFoundError as error:
        raise Http404 from error
