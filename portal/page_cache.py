"""Public pages for anonymous visitors come from the server's cache; whoever is signed in gets their own.

The decorator on a view says that its page may be kept; the middleware, before all others, keeps the whole answer and
gives it again without waking anything behind it.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

from ui.context_processors import ELDER_COOKIE

View = Callable[..., HttpResponseBase]


def anonymous_page(view: View) -> View:
    """Let the page be kept ANONYMOUS_PAGE_SECONDS, apart for each language and type size.

    A visitor with a session, or with a message waiting, is never served from the cache; browsers always ask again, so
    that signing in or switching the language shows at once.
    """

    @functools.wraps(view)
    def served(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ["Cookie"])
        setattr(response, "may_be_kept", True)  # noqa: B010  the middleware below reads it
        return response

    return served


class AnonymousPagesMiddleware:
    """First of all: what is kept goes out as it went the first time, with every header the others had set."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        seconds = settings.ANONYMOUS_PAGE_SECONDS
        if not seconds or request.method != "GET" or _is_personal(request):
            return self.get_response(request)
        key = _key(request)
        kept = cache.get(key)
        if kept is not None:
            content, headers = kept
            return HttpResponse(content, headers=headers)
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and _is_keepable(response):
            cache.set(key, (response.content, dict(response.items())), seconds)
        return response


def _is_personal(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES or "messages" in request.COOKIES


def _is_keepable(response: HttpResponse) -> bool:
    return getattr(response, "may_be_kept", False) and response.status_code == 200 and not response.cookies


def _key(request: HttpRequest) -> str:
    """Everything a public page differs by. `get_host` also refuses a host that is not ours."""
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    elder = request.COOKIES.get(ELDER_COOKIE, "")
    address = f"{request.scheme}://{request.get_host()}{request.get_full_path()}"
    known = language if language in dict(settings.LANGUAGES) else ""
    # A key of the cache is short and plain; addresses are neither.
    return "page:" + hashlib.sha256(f"{address} {known} {elder == '1'}".encode()).hexdigest()
