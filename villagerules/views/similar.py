"""How other villages put it: one article beside the nearest ones, or all of a version's for who drafts."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from residents.models import Village
from residents.rights import Act
from residents.views.doors import village_door
from villagerules.clauses import may_pick
from villagerules.models import Article, RuleVersion
from villagerules.similar import Similar, similar_articles

from .doors import find_version, public_door, trail

SHOWN = 10
SHOWN_OF_EACH = 2  # where all articles of a version stand on one page


def _articles(version: RuleVersion) -> list[Article]:
    chapters = version.chapters.prefetch_related("articles")
    return [article for chapter in chapters for article in chapter.articles.all()]


def _near(version: RuleVersion, article: Article, most: int) -> list[Similar]:
    return list(similar_articles(article.text, village=version.village, on=timezone.localdate(), most=most))


def _trail(version: RuleVersion) -> list[tuple[str, str]]:
    return trail(version.village, (version.shown_title, version.get_absolute_url()))


@public_door
def similar(request: HttpRequest, version: RuleVersion, anchor: str) -> HttpResponse:
    """One article, named by its anchor, beside the nearest of other villages."""
    mine = next((one for one in _articles(version) if one.anchor == anchor), None)
    if mine is None:
        raise Http404
    context = {
        "village": version.village,
        "version": version,
        "article": mine,
        "found": _near(version, mine, SHOWN),
        "may_pick": version.is_public and request.user.is_authenticated and may_pick(request.user, version.village),
        "trail": _trail(version),
    }
    response = render(request, "villagerules/similar.html", context)
    if not version.is_public:
        response["Cache-Control"] = "no-store"
    return response


@village_door("GET", act=Act.DRAFT_RULES)
@never_cache
def similar_all(request: HttpRequest, village: Village, rules: str, number: int) -> HttpResponse:
    """Every article of a version, with the one or two that come nearest: for who drafts."""
    version = find_version(village, rules, number)
    lines: list[dict[str, Any]] = [
        {"article": article, "found": _near(version, article, SHOWN_OF_EACH)} for article in _articles(version)
    ]
    context = {"village": village, "version": version, "lines": lines, "trail": _trail(version)}
    return render(request, "villagerules/similar_all.html", context | {"title": _("逐条看别的村怎么写")})
