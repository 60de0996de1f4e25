"""What every door of a village's office does first: find the village, judge the right, refuse kindly."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from residents.models import Village
from residents.rights import Act, Letter, letters_of, may
from ui.answers import refuse, wants_json

View = Callable[..., HttpResponse]
_STRANGERS = {Letter.VISITOR, Letter.ACCOUNT}


def village_door(*methods: str, act: Act) -> Callable[[View], View]:
    """Guard `view(request, village, …)`: 404 to whoever has nothing to do with the village, 403 without the right."""

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, village: str, **extra: Any) -> HttpResponse:
            place = get_object_or_404(Village.objects.select_related("region__parent"), slug=village)
            if not request.user.is_authenticated:
                if wants_json(request):
                    return refuse(request, "sign_in", _("请先登录，再继续。"))
                return redirect(f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}")
            if letters_of(request.user, place) <= _STRANGERS:
                raise Http404
            if not may(request.user, act, place):
                return refuse(request, "forbidden", _("您没有权限做这件事。如果认为不对，请联系村（社区）管理员。"))
            if request.method not in (*methods, "HEAD"):
                response = refuse(request, "wrong_method", _("请从页面上的按钮操作。"))
                response["Allow"] = ", ".join(methods)
                return response
            return view(request, place, **extra)

        return guarded

    return wrap
