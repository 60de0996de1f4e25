"""What every request passes: the language somebody chose, and the content-security policy of its part of the site."""

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

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


class ContentSecurityMiddleware(CSPMiddleware):
    """The strict policy of the settings everywhere, Wagtail's looser one under its own path."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path_info.startswith("/admin/"):
            policy = {**settings.CONTENT_SECURITY_POLICY["DIRECTIVES"], **_ADMIN_POLICY}
            setattr(response, "_csp_replace", policy)  # noqa: B010  django-csp reads it there
        return super().process_response(request, response)


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
    """A NUL in an address is nobody's meaning, and PostgreSQL takes none: 400 before anything looks at it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return bad_request(request)
        return self.get_response(request)
