"""Asking once more who it is, before what weighs most, on allauth's own reauthentication pages.

What somebody was about to send is kept in the session and sent on once they have confirmed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.translation import gettext as _

from ui.answers import refuse, wants_json

from .models import User
from .rights import Letter
from .second_factor import FRESH_SECONDS, HOURS_AT_MOST, has_one, must_show, shown, sms_will_do

CONSOLES = "consoles"  # in the session: until when a meeting's console asks no more, by meeting
CONSOLE_SECONDS = 4 * 3600
KEPT_AT_MOST = 50_000  # characters of a form that waits for the confirmation


def ask(request: HttpRequest, granting: Iterable[Letter], *, again: bool = False) -> HttpResponse | None:
    """The answer for somebody who has not shown the second factor these letters need; None when all is well.

    `again`: it must have been shown in the last ten minutes, not only in this session.
    """
    held = frozenset(granting)
    if not must_show(held):
        return None
    by_sms = sms_will_do(held)
    if shown(request, within=FRESH_SECONDS if again else HOURS_AT_MOST, by_sms=by_sms):
        return None
    return _ask(request, by_sms=by_sms)


def ask_at_console(request: HttpRequest, granting: Iterable[Letter], meeting_id: int) -> HttpResponse | None:
    """A meeting's console asks when it is opened and holds four hours there: a full hall must not wait for a code."""
    held = frozenset(granting)
    if not must_show(held) or console_until(request, meeting_id) > time.time():
        return None
    by_sms = sms_will_do(held)
    if not shown(request, within=FRESH_SECONDS, by_sms=by_sms):
        return _ask(request, by_sms=by_sms)
    consoles = {key: until for key, until in request.session.get(CONSOLES, {}).items() if until > time.time()}
    request.session[CONSOLES] = consoles | {str(meeting_id): time.time() + CONSOLE_SECONDS}
    return None


def console_until(request: HttpRequest, meeting_id: int) -> float:
    return float(request.session.get(CONSOLES, {}).get(str(meeting_id), 0))


def confirm_address(user: User, *, by_sms: bool) -> str:
    """Where this account shows its second factor; where it sets one up, when it has none."""
    if has_one(user):
        app = is_mfa_enabled(user, [Authenticator.Type.TOTP])
        return reverse("mfa_reauthenticate" if app else "mfa_reauthenticate_webauthn")
    return reverse("me:second_factor_sms" if by_sms and user.phone_hash else "me:second_factor")


def _ask(request: HttpRequest, *, by_sms: bool) -> HttpResponse:
    message = _("做这件事之前，请再确认一次是您本人。")
    back = request.get_full_path() if request.method in ("GET", "HEAD") else request.META.get("HTTP_REFERER", "/")
    assert request.user.is_authenticated  # noqa: S101  only accounts hold these letters
    address = f"{confirm_address(request.user, by_sms=by_sms)}?{urlencode({'next': back})}"
    if wants_json(request):
        return refuse(request, "step_up", message)
    if request.method in ("GET", "HEAD"):
        return HttpResponseRedirect(address)
    kept = _keep(request)
    context = {"address": address, "kept": kept, "message": message}
    response = render(request, "residents/step_up.html", context, status=403)
    response["Cache-Control"] = "no-store"
    if request.headers.get("HX-Request"):
        response["HX-Redirect"] = address
    return response


def _keep(request: HttpRequest) -> bool:
    """Lay the form aside; files are not kept, nor what is very long."""
    sent = request.POST.urlencode()
    if request.FILES or len(sent) > KEPT_AT_MOST:
        return False
    request.session[STATE_SESSION_KEY] = {
        "callback": "residents.step_up.resume",
        "state": {"path": request.get_full_path(), "post": sent},
    }
    return True


def resume(request: HttpRequest, state: dict[str, Any]) -> HttpResponse:
    """Called by allauth after the confirmation: send the form that was laid aside."""
    path, _mark, query = str(state["path"]).partition("?")
    view, arguments, named = resolve(path)
    request.path = request.path_info = path
    request.method = request.META["REQUEST_METHOD"] = "POST"
    request.GET, request.POST = QueryDict(query), QueryDict(state["post"])
    request.resolver_match = resolve(path)
    return view(request, *arguments, **named)
