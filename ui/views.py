"""How the visitor wants to see the portal, and the one style sheet."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from . import stylesheets
from .context_processors import ELDER_COOKIE

YEAR = 365 * 24 * 3600


# A token would put a cookie on every public page. All a forged request can do here is change type size or language.
@csrf_exempt
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Remember language and type size in two cookies, then go back to where the visitor was."""
    response = HttpResponseRedirect(_safe_next(request))
    response.status_code = 303
    language = request.POST.get("language")
    if language in dict(settings.LANGUAGES):
        _remember(response, request, settings.LANGUAGE_COOKIE_NAME, language)
    elder = request.POST.get("elder")
    if elder in ("0", "1"):
        _remember(response, request, ELDER_COOKIE, elder)
    return response


def _safe_next(request: HttpRequest) -> str:
    """The path asked for, if it stays on this site."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else "/"


def _remember(response: HttpResponse, request: HttpRequest, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=YEAR,
        samesite="Lax",
        secure=request.is_secure(),
        httponly=True,
    )


@require_safe
@gzip_page
def stylesheet(request: HttpRequest, version: str) -> HttpResponse:
    """All CSS in one answer. An outdated address still gets the present sheet, but only for a minute."""
    sheet = stylesheets.current()
    response = HttpResponse(sheet.text, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = (
        f"public, max-age={YEAR}, immutable" if version == sheet.version else "public, max-age=60"
    )
    return response
