"""What every door of one version does first: find it, and judge whether it may be read or worked on."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from residents.models import User, Village
from residents.offices import person_of
from residents.rights import Act, Grant, grant_to, letters_of, may
from residents.views.doors import View, sign_in_first, village_door, wrong_method
from villagerules.life_reads import UNSETTLED
from villagerules.models import RulesIndexPage, RuleVersion
from villagerules.opinion_reads import Reader

# Whoever writes, publishes or reviews rules, or watches over the village.
READS_DRAFTS = (Act.DRAFT_RULES, Act.PUBLISH_RULES, Act.REVIEW_RULES, Act.READ_AUDIT)


def reads_drafts(user: User, village: Village) -> bool:
    letters = letters_of(user, village)
    return any(grant_to(letters, act) in (Grant.MAY, Grant.TWO) for act in READS_DRAFTS)


def find_version(village: Village, rules: str, number: int) -> RuleVersion:
    """By the document's slug and the version's number, or 404."""
    found = RuleVersion.objects.of(village).select_related("village", "rules")
    return get_object_or_404(found, rules__slug=rules, number=number)


def may_read(user: User | AnonymousUser, version: RuleVersion) -> bool:
    """Everybody what is published in a village that is no practice; the village what it was asked about, while its
    words do not change from day to day; drafts only those whom they concern."""
    if version.is_public and not version.village.is_practice:
        return True
    if not user.is_authenticated:
        return False
    if version.state not in UNSETTLED and version.steps.exists() and may(user, Act.READ_VILLAGE_ONLY, version.village):
        return True
    return reads_drafts(user, version.village)


def reader_of(user: User | AnonymousUser, village: Village) -> Reader:
    """Who reads opinions."""
    if not user.is_authenticated:
        return Reader()
    return Reader(
        person=person_of(user, village),
        works=reads_drafts(user, village),
        moderates=may(user, Act.MODERATE_OPINIONS, village),
    )


def public_door(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Guard `view(request, version)`: everybody reads what is published, drafts only whom they concern."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, village: str, rules: str, number: int, **extra: Any) -> HttpResponse:
        place = get_object_or_404(Village.objects.select_related("region__parent"), slug=village)
        version = find_version(place, rules, number)
        if not may_read(request.user, version):
            if not request.user.is_authenticated:
                return sign_in_first(request)
            raise Http404
        if request.method not in ("GET", "HEAD"):
            return wrong_method(request, ("GET",), back=version.get_absolute_url())
        return view(request, version, **extra)

    return guarded


def working_door(*methods: str, act: Act, step_up: bool = False) -> Callable[[View], View]:
    """Guard a button of one version: `view(request, version)` by POST unless methods are named, for those who have the
    right to `act`."""
    methods = methods or ("POST",)

    def wrap(view: View) -> View:
        @village_door(*methods, act=act, step_up=step_up)
        @functools.wraps(view)
        def guarded(request: HttpRequest, village: Village, rules: str, number: int, **extra: Any) -> HttpResponse:
            return view(request, find_version(village, rules, number), **extra)

        return guarded

    return wrap


def back_to(where: str) -> HttpResponse:
    return HttpResponseRedirect(where, status=303)


def rules_index(village: Village) -> str:
    """The address of the village's list of rules; of the drafts where it has no pages."""
    page = getattr(village, "page", None)
    index = RulesIndexPage.objects.child_of(page).live().first() if page is not None else None
    return index.url if index is not None else reverse("villagerules:import", args=[village.slug])


def trail(village: Village, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """Home, village, its rules, then what is given."""
    page = getattr(village, "page", None)
    above = [(village.name, page.url)] if page else []
    return [(_("首页"), "/"), *above, (village.rules_name, rules_index(village)), *more]
