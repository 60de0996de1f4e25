"""Finding one's village, one's own page, and the demo accounts of development."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import split_domain_port
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from residents import second_factor
from residents.models import Region, Village
from residents.pilots import with_pilots
from residents.weixin.configuration import doors as weixin_doors

from .demo_accounts import account_groups, accounts, landing
from .models import RegionPage
from .my_page import my_page
from .region_desk import regions_of

ASKED_MOST = 60
FOUND_MOST = 30
LOOPBACK_NAMES = {"localhost", "127.0.0.1", "[::1]"}


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Villages by name, pinyin, initials or township; for the page's script only the list."""
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:ASKED_MOST]
    found = list(
        with_pilots(Village.objects.real(), on=timezone.localdate())
        .named_like(asked)
        .filter(page__live=True)
        .select_related("page", "region__parent", "merged_into__page")
        .order_by("code")[: FOUND_MOST + 1]
    )
    context = {
        "asked": asked,
        "found": found[:FOUND_MOST],
        "too_many": len(found) > FOUND_MOST,
    }
    if request.htmx:
        response = render(request, "home/partials/found_villages.html", context)
    else:
        if not asked:
            townships = RegionPage.objects.live().filter(region__level=Region.Level.TOWNSHIP)
            context["townships"] = townships.select_related("region__parent").order_by("region__code")[:400]
        response = render(request, "home/find.html", context)
    # One address, two answers: a cache must not hand the list to somebody who opens the page.
    patch_vary_headers(response, ["HX-Request"])
    return response


@never_cache
@login_required
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """The account's own page."""
    context = {
        "mine": my_page(request.user, now=timezone.now()),
        "works_above": bool(regions_of(request.user)),
        "weixin_configured": bool(weixin_doors()),
        "writes_pages": request.user.has_perm("wagtailadmin.access_admin"),
    }
    return render(request, "home/me.html", context)


def _at_this_machine(request: HttpRequest) -> bool:
    """Whether the request names a loopback host and comes from one."""
    name, _port = split_domain_port(request.get_host())
    try:
        caller = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    caller = getattr(caller, "ipv4_mapped", None) or caller
    return name in LOOPBACK_NAMES and caller.is_loopback


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def demo_accounts(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo's people with one press: in development, at the machine itself, and nowhere else."""
    if not settings.DEVELOPMENT or not _at_this_machine(request):
        raise Http404
    if request.method == "POST":
        user = get_object_or_404(accounts(), username=request.POST.get("account", ""))
        login(request, user, backend="residents.backends.AccountBackend")
        second_factor.remember(request, user, second_factor.DEMO)
        return HttpResponseRedirect(landing(user), status=303)
    return render(request, "home/demo_accounts.html", {"groups": account_groups(on=timezone.localdate())})
