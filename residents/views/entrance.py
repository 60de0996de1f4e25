"""The way in: a phone first, a password or passkey below it; allauth does the rest."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.stagekit import clear_login, stash_login
from allauth.account.models import Login
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.views import LoginView, RequestLoginCodeView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from residents.desk import link_stands, open_link
from residents.phone_accounts import phone_of, phone_shown, release_phone
from residents.phone_sign_in import PhoneForm, ReturningForm, name_device
from ui.answers import refuse


class SignInView(LoginView):
    """One page for everybody: residents see the phone, officers open the password below it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["phone_form"] = PhoneForm()
        context["by_sms"] = bool(settings.SMS_GATEWAY)
        context["password_open"] = context["form"].is_bound or not settings.SMS_GATEWAY
        return context

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)
        response.status_code = 422
        return response


class AskCodeView(RequestLoginCodeView):
    """The phone's own page, where a refused number stays in its field."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        name_device(request, response)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)
        response.status_code = 429 if form.has_error("__all__", "slow_down") else 422
        return response


sign_in = SignInView.as_view()
ask_code = AskCodeView.as_view()


@login_stage_required("returning", "account_login")
@require_http_methods(["GET", "POST"])
def returning(request: HttpRequest) -> HttpResponse:
    """Whose number is it now: the name of somebody it stood for, or a fresh start for a new holder."""
    stage = request._login_stage
    form = ReturningForm(request.POST if "name" in request.POST else None)
    if request.POST.get("answer") == "new":
        return _fresh_start(request, stage)
    if form.is_valid():
        if stage.knows(form.cleaned_data["name"]):
            return stage.exit()
        if stage.wrong():
            return _fresh_start(request, stage)
        stash_login(request, stage.login)
        form.add_error("name", _("和这个号码以前登记的姓名不一样，请核对。号码是新换来的，请按下面的按钮。"))
    return render(request, "account/returning.html", {"form": form}, status=422 if form.is_bound else 200)




def _fresh_start(request: HttpRequest, stage: Any) -> HttpResponse:
    """The number's new holder gets an account of their own; the old one keeps nothing that hangs on it."""
    old = stage.login.user
    phone = phone_of(old)
    new = release_phone(old)
    next_url = stage.login.redirect_url
    clear_login(request)
    record_authentication(request, new, "code", phone=phone)
    phone_shown(new)
    messages.info(request, _("已按新用户登录。原来的登记不会转给您，请告诉我们您是谁。"))
    return perform_login(request, Login(user=new, redirect_url=next_url))


@never_cache
@require_http_methods(["GET", "POST"])
def desk_link(request: HttpRequest, token: str) -> HttpResponse:
    """What the QR at the desk opens: looking is harmless, pressing the button signs in, once."""
    if not link_stands(token):
        return refuse(request, "not_found", _("这个登录码已经用过或者过期了，请工作人员再办一次。"))
    if request.method == "GET":
        return render(request, "account/desk_link.html")
    user = open_link(token)
    if user is None:
        return refuse(request, "not_found", _("这个登录码已经用过或者过期了，请工作人员再办一次。"))
    login(request, user, backend="residents.backends.AccountBackend")
    return redirect("me:who")
