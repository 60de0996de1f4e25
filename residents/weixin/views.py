"""To WeChat and back; without its keys there are no such pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from .configuration import door_for
from .protocol import WeixinAdapter


def _with_keys(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if door_for(request) is None:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


begin = _with_keys(OAuth2LoginView.adapter_view(WeixinAdapter))
come_back = _with_keys(OAuth2CallbackView.adapter_view(WeixinAdapter))
