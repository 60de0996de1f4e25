"""What every door of a village's office does first: find the village, judge the right, refuse kindly."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from residents.models import Region, Village
from residents.rights import STRANGERS, Act, Grant, Letter, grant_to, granting, letters_of, letters_over
from residents.step_up import ask
from ui.answers import refuse, wants_json

View = Callable[..., HttpResponse]


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Scripts are told; people are brought to the sign-in page and back."""
    if wants_json(request):
        return refuse(request, "sign_in", _("请先登录，再继续。"))
    back = request.get_full_path() if request.method in ("GET", "HEAD") else request.META.get("HTTP_REFERER", "/")
    return redirect(f"{reverse('account_login')}?{urlencode({'next': back})}")


def wrong_method(request: HttpRequest, methods: tuple[str, ...], *, back: str | None = None) -> HttpResponse:
    response = refuse(request, "wrong_method", _("请从页面上的按钮操作。"), back=back)
    response["Allow"] = ", ".join(methods)
    return response


def _judge(
    request: HttpRequest, letters: frozenset[Letter], methods: tuple[str, ...], acts: Sequence[Act], step_up: bool
) -> HttpResponse | None:
    """What keeps somebody with these letters out; None when they may go in."""
    if letters <= STRANGERS:
        raise Http404
    if acts:
        granted = [act for act in acts if grant_to(letters, act) in (Grant.MAY, Grant.TWO)]
        if not granted:
            message = _("您没有权限做这件事。如果认为不对，请联系村（社区）管理员。")
            return refuse(request, "forbidden", message)
        asked = ask(request, granting(letters, granted[0]), again=step_up)
        if asked is not None:
            return asked
    if request.method not in (*methods, "HEAD"):
        return wrong_method(request, methods)
    return None


def village_door(
    *methods: str, act: Act | None = None, or_act: Act | None = None, step_up: bool = False
) -> Callable[[View], View]:
    """Guard `view(request, village, …)`; `village` in the address is its slug.

    404 when the account has nothing to do with the village, 403 without the right to `act`, or to `or_act` where one
    is given (None: whoever belongs to the village). An office that needs a second factor asks for it; with `step_up`
    again after ten minutes.
    """
    acts = [one for one in (act, or_act) if one is not None]

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, village: str, **extra: Any) -> HttpResponse:
            place = get_object_or_404(Village.objects.select_related("region__parent__parent__parent"), slug=village)
            if not request.user.is_authenticated:
                return sign_in_first(request)
            kept_out = _judge(request, letters_of(request.user, place), methods, acts, step_up)
            return kept_out if kept_out is not None else view(request, place, **extra)

        return guarded

    return wrap


def region_door(*methods: str, act: Act, step_up: bool = False) -> Callable[[View], View]:
    """The same for a county's or township's own page: `view(request, region, …)`, found by its code."""

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, region: str, **extra: Any) -> HttpResponse:
            place = get_object_or_404(Region.objects.select_related("parent__parent__parent"), code=region)
            if not request.user.is_authenticated:
                return sign_in_first(request)
            kept_out = _judge(request, letters_over(request.user, place), methods, [act], step_up)
            return kept_out if kept_out is not None else view(request, place, **extra)

        return guarded

    return wrap
