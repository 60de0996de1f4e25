"""To WeChat and back; without its keys there are no such pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.views import ConnectionsView
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache

from residents.fresh_sign_in import ask_again

from .configuration import door_for, offered
from .protocol import WeixinAdapter


def _with_keys(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if door_for(request) is None:
            raise Http404
        if request.POST.get("process") == AuthProcess.CONNECT and request.user.is_authenticated:
            # Another way in for good is not for whoever finds a phone lying about.
            asked = ask_again(request, back=reverse("socialaccount_connections"))
            if asked is not None:
                return asked
        return view(request, *args, **kwargs)

    return guarded


begin = _with_keys(OAuth2LoginView.adapter_view(WeixinAdapter))
come_back = _with_keys(OAuth2CallbackView.adapter_view(WeixinAdapter))


class OwnWeixinView(ConnectionsView):
    """Whether the account has WeChat, and the button to bind or to take it off."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"offered": offered(self.request)}

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)
        response.status_code = 422
        return response


own_weixin = never_cache(OwnWeixinView.as_view())
