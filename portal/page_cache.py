"""Public pages for anonymous visitors come from the server's cache; whoever is signed in gets their own."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import cache_page

from ui.context_processors import ELDER_COOKIE

View = Callable[..., HttpResponseBase]


def anonymous_page(view: View) -> View:
    """Keep the page ANONYMOUS_PAGE_SECONDS in the server's cache, apart for each language and type size.

    A visitor with a session, or with a message waiting, is never served from it; browsers always ask again, so that
    signing in or switching the language shows at once.
    """

    @functools.wraps(view)
    def served(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        seconds = settings.ANONYMOUS_PAGE_SECONDS
        personal = settings.SESSION_COOKIE_NAME in request.COOKIES or "messages" in request.COOKIES
        if personal or not seconds or request.method not in ("GET", "HEAD"):
            response = view(request, *args, **kwargs)
        else:
            elder = "elder" if request.COOKIES.get(ELDER_COOKIE) == "1" else "plain"
            response = _cached(view, seconds, elder)(request, *args, **kwargs)
            del response["Expires"]
        response["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ["Cookie"])
        return response

    return served


@functools.cache
def _cached(view: View, seconds: int, look: str) -> View:
    def rendered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        # Rendered now, so that it is stored before the headers above forbid it.
        return response.render() if isinstance(response, SimpleTemplateResponse) else response

    return cache_page(seconds, key_prefix=look)(rendered)
