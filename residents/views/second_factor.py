"""Setting a second factor up, and the way on once it is done; allauth's own pages do the rest."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.reauthentication import resume_request
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from residents import code_by_sms
from residents.adapters import NOT_SENT
from residents.code_by_sms import CodeOver, Purpose, WrongCode
from residents.fresh_sign_in import ask_again
from residents.phone_accounts import phone_of
from residents.phone_sign_in import CodeForm
from residents.phones import mask_phone
from residents.rights import BY_SMS, OFFICERS, letters_anywhere
from residents.second_factor import SMS, has_one, remember
from residents.sms import SmsNotSent
from residents.sms.limits import RESEND_SECONDS, TooManyCodes
from ui.answers import refuse

GO_ON = "after_second_factor"  # in the session: where somebody was led away from


def own_address(request: HttpRequest, address: str) -> str:
    """An address of this site, or none."""
    own = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if own else ""


def after_fresh_sign_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Before what lets somebody in for good: who has not shown lately who it is, shows it again."""

    @never_cache
    @login_required
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = ask_again(request, back=request.get_full_path())
        return asked if asked is not None else view(request, *args, **kwargs)

    return guarded


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


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def by_sms(request: HttpRequest) -> HttpResponse:
    """A code to the account's own number, once more: the second factor of a meeting's officers, and for everybody the
    way to show again who it is. What was laid aside goes on by itself afterwards.
    """
    number = phone_of(request.user)
    if not number:
        messages.info(request, _("您的账号还没有登记手机号。"))
        return redirect("me:second_factor")
    if request.POST.get("action") == "send":
        return _sent(request, number)
    waits = bool(code_by_sms.waiting(request, Purpose.SECOND_FACTOR))
    form = CodeForm(request.POST if request.method == "POST" else None, any_code=True)
    if form.is_valid():
        try:
            code_by_sms.answer(request, Purpose.SECOND_FACTOR, form.cleaned_data["code"])
        except WrongCode as wrong:
            form.add_error("code", str(wrong))
        except CodeOver as over:
            messages.error(request, str(over))
            return redirect(request.get_full_path())
        else:
            remember(request, request.user, SMS, phone=mask_phone(number))
            asked_for = own_address(request, request.GET.get("next", ""))
            return resume_request(request) or redirect(asked_for or "me:second_factor_done")
    return _page(request, number, form, waits=waits, status=422 if form.errors else 200)


def _sent(request: HttpRequest, number: str) -> HttpResponse:
    try:
        code_by_sms.begin(request, Purpose.SECOND_FACTOR, number)
    except TooManyCodes as refused:
        messages.error(request, str(refused))
        waits = bool(code_by_sms.waiting(request, Purpose.SECOND_FACTOR))
        response = _page(request, number, CodeForm(), waits=waits, status=429)
        response["Retry-After"] = str(refused.retry_after)
        return response
    except SmsNotSent:
        return refuse(request, "try_again", str(NOT_SENT), back=request.get_full_path(), retry_after=60)
    return redirect(request.get_full_path())


def _page(request: HttpRequest, number: str, form: forms.Form, *, waits: bool, status: int) -> HttpResponse:
    context = {"number": mask_phone(number), "form": form, "waits": waits, "resend_seconds": RESEND_SECONDS}
    return render(request, "mfa/by_sms.html", context, status=status)
