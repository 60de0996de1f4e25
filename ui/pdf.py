"""A page of the portal as PDF, where this machine can: WeasyPrint with pango, and a Chinese font that pango finds.

Elsewhere `can_make_pdf` is False and the page offers its print view instead. The page is set by the portal's own print
styles; nothing else is fetched, so that no page can make the server ask anywhere or read its disk.
"""

from __future__ import annotations

import functools
import importlib
import logging
import shutil
import subprocess
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from PIL import ImageFile

from . import stylesheets
from .answers import refuse
from .limits import too_many_pdfs

PATIENCE = 10  # seconds that one waits for another's to be done
_BASE = "http://pdf.invalid"  # never asked: addresses within the page begin with it
_one_at_a_time = threading.Lock()  # each takes some hundred megabytes while it is made


@functools.cache
def can_make_pdf() -> bool:
    """Whether WeasyPrint's system parts and a Chinese font are here; asked once a process."""
    try:
        _weasyprint()
    except (ImportError, OSError):  # OSError: pango is missing
        return False
    listing = shutil.which("fc-list")
    if listing is None:
        return False
    order = [listing, ":lang=zh-cn", "family"]
    told = subprocess.run(order, capture_output=True, timeout=30, check=False)  # noqa: S603  fixed words
    return bool(told.stdout.strip())


def offers_pdf(request: HttpRequest) -> bool:
    """Whether this reader finds a door to a page's PDF: signed in, for it costs the server seconds."""
    return request.user.is_authenticated and can_make_pdf()


def as_pdf(request: HttpRequest, show: Callable[[], HttpResponse], name: str) -> HttpResponse:
    """What `show` answers as a file to take away. Whoever may read the page may take it: `show` decides that.

    Raises Http404 where none is offered; at most so many an hour and account, and one at a time in each process.
    """
    if not offers_pdf(request):
        raise Http404
    page = show()
    if page.status_code != HTTPStatus.OK:
        return page
    if too_many_pdfs(int(request.user.pk or 0)):
        return refuse(request, "slow_down", _("这一小时您做的 PDF 太多了。请过一会儿再做，或者直接打印这个页面。"))
    if not _one_at_a_time.acquire(timeout=PATIENCE):
        return refuse(request, "try_again", _("正在做别的 PDF。请过一会儿再点，或者直接打印这个页面。"), retry_after=30)
    try:
        response = _response(page, name)
    finally:
        _one_at_a_time.release()
    return response


def _response(page: HttpResponse, name: str) -> HttpResponse:
    response = HttpResponse(pdf_of(page.content.decode()), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response["Cache-Control"] = "no-store"  # what is in it depends on who asks
    return response


def pdf_of(page: str) -> bytes:
    """The whole HTML of a page as PDF. Raises RuntimeError where `can_make_pdf` is False."""
    if not can_make_pdf():
        raise RuntimeError("WeasyPrint, pango or a Chinese font is missing")
    weasyprint = _weasyprint()
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # it names every rule of CSS that is for screens only
    return weasyprint.HTML(string=page, base_url=_BASE, url_fetcher=_fetcher()).write_pdf()


def _weasyprint() -> Any:
    """Imported late: a second and some 60 MB, and on machines without pango it cannot be imported at all."""
    found = importlib.import_module("weasyprint")
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # it lets the whole process take half a picture; photos must be whole
    return found


def _fetcher() -> Any:
    urls: Any = importlib.import_module("weasyprint.urls")
    sheet = stylesheets.current()
    address = _BASE + reverse("ui:stylesheet", args=[sheet.version])

    class OwnStyles(urls.URLFetcher):  # type: ignore[name-defined]
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            if url != address:
                raise ValueError("nothing is fetched")
            return urls.URLFetcherResponse(url, sheet.text, {"Content-Type": "text/css"})

    return OwnStyles()
