"""Setting a second factor up, and the way on once it is done; allauth's own pages do the rest."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from residents.rights import BY_SMS, OFFICERS, letters_anywhere
from residents.second_factor import has_one

GO_ON = "after_second_factor"  # in the session: where somebody was led away from


def own_address(request: HttpRequest, address: str) -> str:
    """An address of this site, or none."""
    own = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if own else ""


@never_cache
@login_required
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """What it is, why this account needs it, and the two or three ways to have one."""
    asked_for = own_address(request, request.GET.get("next", ""))
    if asked_for:
        request.session[GO_ON] = asked_for
    letters = letters_anywhere(request.user)
    context = {
        "needs": bool(letters & OFFICERS),
        "by_sms": bool(letters & BY_SMS) and bool(request.user.phone_hash),
        "has_one": has_one(request.user),
    }
    return render(request, "mfa/start.html", context)


@never_cache
@login_required
@require_safe
def go_on(request: HttpRequest) -> HttpResponse:
    """Back to what somebody wanted when they were asked for a second factor."""
    return redirect(own_address(request, request.session.pop(GO_ON, "")) or reverse("home:me"))
