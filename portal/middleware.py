"""What every request passes: the language somebody chose, and the content-security policy of its part of the site."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from csp.constants import SELF, UNSAFE_INLINE
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import translation

from home.editors import keep_groups
from residents.officer_sessions import touch
from residents.rights import BY_SMS, OFFICERS, letters_anywhere
from residents.step_up import ask
from ui.admin_reach import within_reach

from .errors import bad_request

# Wagtail's editor has inline scripts and previews in frames; the public site has neither.
_ADMIN_POLICY = {
    "default-src": [SELF],
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "font-src": [SELF, "data:"],
    "frame-src": [SELF],
    "frame-ancestors": [SELF],
    "object-src": ["'none'"],
}


class ContentSecurityMiddleware:
    """The strict policy of the settings everywhere, Wagtail's looser one under its own path.

    Both are the same for every answer (nothing needs a nonce), so each is composed once: django-csp's own middleware
    would compose its text twice for every ballot.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.public = build_policy()
        self.admin = build_policy(replace=_ADMIN_POLICY)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        policy = self.admin if request.path_info.startswith("/admin/") else self.public
        response.headers.setdefault("Content-Security-Policy", policy)
        return response


class ChosenLanguageMiddleware:
    """Chinese unless the visitor switched: a phone set to English must not hide the village's own language.

    Django's LocaleMiddleware would follow Accept-Language, and make every cached page vary by it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.known = {code for code, _name in settings.LANGUAGES}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        code = chosen if chosen in self.known else settings.LANGUAGE_CODE
        translation.activate(code)
        request.LANGUAGE_CODE = code
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", code)
        return response


class NoNulMiddleware:
    """A NUL in an address or a form is nobody's meaning, and PostgreSQL takes none: 400 before anything looks at it. So
    is what is not UTF-8, surrogates among it: Django would put a sign of its own in its place.

    A form with files is read piece by piece; its fields refuse a NUL themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return bad_request(request)
        if request.method == "POST" and request.content_type == "application/x-www-form-urlencoded":
            try:
                if b"%00" in request.body or b"\x00" in request.body:
                    return bad_request(request)
                unquote_to_bytes(request.body).decode()
            except UnicodeDecodeError as error:
                return bad_request(request, error)
            except RequestDataTooBig as error:
                return bad_request(request, error)
        return self.get_response(request)


class OfficerSessionMiddleware:
    """Officers' sessions end after half an hour without a click; whatever they click on begins it anew.

    It looks only into a session that was opened anyway, after the answer is made.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.session.accessed:
            touch(request.session)
        return response


class AdminDoorMiddleware:
    """Before Wagtail's admin: the account's groups follow its offices of this very moment, and offices that need a
    second factor have shown it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith("/admin/") and request.user.is_authenticated:
            keep_groups(request.user)
            # A meeting's offices have nothing to do there, so they ask for nothing there.
            asked = ask(request, letters_anywhere(request.user) & OFFICERS - BY_SMS)
            if asked is not None:
                return asked
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, arguments: Any, named: dict[str, Any]) -> None:
        match = request.resolver_match
        inside = request.path_info.startswith("/admin/") and request.user.has_perm("wagtailadmin.access_admin")
        if inside and match is not None and not within_reach(request.user, match.view_name, named):
            raise Http404
