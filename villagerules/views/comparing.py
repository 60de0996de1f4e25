"""Two versions of a document beside each other: what changed, article by article."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from villagerules.changes import changes_between
from villagerules.models import RuleVersion

from .doors import find_version, may_read, public_door, trail


@public_door
def compare(request: HttpRequest, version: RuleVersion, other: int) -> HttpResponse:
    """From `version` to the version numbered `other`; both must be readable for who asks.

    `?all` shows what did not change, too, `?side` both texts whole, beside each other.
    """
    new = find_version(version.village, version.rules.slug, other)
    if new.pk == version.pk or not may_read(request.user, new):
        raise Http404
    versions = version.rules.versions.in_words().select_related("village", "rules")
    context = {
        "village": version.village,
        "changes": changes_between(version, new),
        "old": version,
        "new": new,
        "versions": [one for one in versions if may_read(request.user, one)],
        "all": "all" in request.GET,
        "side": "side" in request.GET,
        "trail": trail(version.village, (new.shown_title, new.get_absolute_url())),
    }
    response = render(request, "villagerules/compare.html", context)
    if not (version.is_public and new.is_public):
        response["Cache-Control"] = "no-store"
    return response
