"""The page that checks bulletins in the browser, and what can be taken away to check them without us."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from consultation import checker


def _words() -> dict[str, object]:
    return {
        "said": checker.sentences(),
        "script_url": reverse("check:script"),
        "script_hash": checker.script_hash(),
        "offline_url": reverse("check:offline"),
    }


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Choose a file or paste it: it is counted in the browser, nothing is sent."""
    return render(request, "consultation/check_bulletin.html", _words())


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The same page as one file, for a machine without a network."""
    text = render_to_string(
        "consultation/check_bulletin_offline.html", _words() | {"script": checker.page_script()}, request
    )
    response = HttpResponse(text)
    response["Content-Disposition"] = 'attachment; filename="check-bulletin.html"'
    return response


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """check_bulletin.py as it is."""
    response = HttpResponse(checker.script_text(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="check_bulletin.py"'
    return response
