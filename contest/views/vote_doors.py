"""What the doors of the public's vote do first: find the contest, name the browser, know the officers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from contest import voting
from contest.models import Contest
from contest.quarantine import may_release
from contest.rights import may_run
from residents.code_by_sms import device_of
from residents.phone_sign_in import name_device
from residents.rights import Act, granting, letters_of, letters_over
from residents.step_up import ask
from residents.views.doors import sign_in_first, wrong_method
from ui.answers import refuse

View = Callable[..., HttpResponse]


def contest_door(*methods: str) -> Callable[[View], View]:
    """Guard `view(request, contest, …)`: what is not announced is there for those who run it alone. A browser without
    a name gets one, so that telephones can be told apart."""

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, slug: str, **extra: Any) -> HttpResponse:
            contest = get_object_or_404(
                Contest.objects.select_related("region__parent__parent__parent", "village__region", "page"), slug=slug
            )
            if not contest.is_public and not may_run(request.user, contest):
                raise Http404
            if request.method not in (*methods, "HEAD"):
                return wrong_method(request, methods)
            response = view(request, contest, **extra)
            name_device(request, response)
            return response

        return guarded

    return wrap


def officers_door(*methods: str) -> Callable[[View], View]:
    """The same for those who decide about held votes; a second factor is asked for, once more before something is sent.

    403 for everybody else, as the contest itself is no secret.
    """

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, contest: Contest, **extra: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return sign_in_first(request)
            if not may_release(request.user, contest):
                return refuse(request, "forbidden", _("暂扣的票由主办方的两个人核查，您没有这项权限。"))
            held = (
                letters_of(request.user, contest.village)
                if contest.village is not None
                else letters_over(request.user, contest.region)
            )
            asked = ask(request, granting(held, Act.RELEASE_VOTES), again=request.method == "POST")
            return asked if asked is not None else view(request, contest, **extra)

        return contest_door(*methods)(guarded)

    return wrap


def seen(request: HttpRequest) -> voting.Seen:
    return voting.Seen(device_of(request), get_adapter().get_client_ip(request) or "")


def seed_of(request: HttpRequest, contest: Contest) -> str:
    """What a visitor's order of entries hangs on; without a name of the browser's the day's."""
    return f"{contest.pk}:{device_of(request)}"


def trail_of(contest: Contest) -> list[tuple[str, str]]:
    page = contest.get_absolute_url()
    return [(_("首页"), "/"), *([(contest.title, page)] if page else [])]
