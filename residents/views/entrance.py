"""The way in: a phone first, a password or passkey below it; allauth does the rest."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY, clear_login
from allauth.account.models import Login
from allauth.account.views import ConfirmLoginCodeView, LoginView, RequestLoginCodeView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from residents import weixin
from residents.code_by_sms import SECONDS, TRIES, count
from residents.desk import link_stands, open_link
from residents.phone_accounts import phone_of, phone_shown, release_phone
from residents.phone_sign_in import CodeForm, PhoneForm, ReturningForm, name_device
from residents.phones import mask_phone
from residents.sms.limits import RESEND_SECONDS, TooManyCodes
from ui.answers import refuse, wants_json
from ui.limits import too_often


def _refused(request: HttpRequest, form: Any, page: HttpResponse) -> HttpResponse:
    """A page that did not take its form, with the status that says why."""
    retry_after = getattr(form, "retry_after", 0)
    if wants_json(request):
        field, words = next((name, problems[0]) for name, problems in form.errors.items())
        code = "slow_down" if retry_after else "invalid"
        named = None if field == "__all__" else field
        return refuse(request, code, words, field=named, retry_after=retry_after or None)
    page.status_code = 429 if retry_after else 422
    if retry_after:
        page["Retry-After"] = str(retry_after)
    return page


def _begin_anew(request: HttpRequest) -> None:
    """Who sends another number or a password has done with the code that was waited for."""
    if request.method == "POST" and not request.user.is_authenticated:
        clear_login(request)


class SignInView(LoginView):
    """One page for everybody: residents see the phone, officers open the password below it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        _begin_anew(request)
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        name_device(request, response)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["phone_form"] = PhoneForm()
        context["by_sms"] = bool(settings.SMS_GATEWAY)
        context["by_weixin"] = weixin.offered(self.request)
        context["password_open"] = context["form"].is_bound or not settings.SMS_GATEWAY
        return context

    def form_invalid(self, form: Any) -> HttpResponse:
        return _refused(self.request, form, super().form_invalid(form))


class AskCodeView(RequestLoginCodeView):
    """The phone's own page, where a refused number stays in its field. Pressing twice leads to the code's page."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self._waited_for = request.session.get(LOGIN_SESSION_KEY)
        _begin_anew(request)
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        name_device(request, response)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"by_sms": bool(settings.SMS_GATEWAY)}

    def form_valid(self, form: Any) -> HttpResponse:
        # Sessions lie in the database, where no phone lies open: only the masked number goes into this one.
        masked = mask_phone(form.cleaned_data["phone"])
        LoginCodeVerificationProcess.initiate(request=self.request, user=form._user, phone=masked)
        return redirect(self.get_success_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        if form.retry_after == RESEND_SECONDS and self._still_waits(form.cleaned_data["phone"]):
            return redirect(self.get_success_url())
        return _refused(self.request, form, super().form_invalid(form))

    def _still_waits(self, phone: str) -> bool:
        """Whether a code went to this number from this browser a moment ago; then it is waited for again."""
        session = self.request.session
        # The other press may have written its session while this one was already on its way.
        kept = self._waited_for or type(session)(session.session_key).get(LOGIN_SESSION_KEY)
        if not kept or phone_of(Login.deserialize(kept).user) != phone:
            return False
        session[LOGIN_SESSION_KEY] = kept
        return True


class ConfirmCodeView(ConfirmLoginCodeView):
    """The six digits. Three tries and five minutes for each code; a new one after a minute."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        if getattr(self, "_process", True) is None:
            messages.error(request, _("验证码过期了，请重新要一个。"))
            return redirect(self._ask_again())
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self._action == "verify" and self._tried_too_often():
            self._process.abort()
            messages.error(request, _("试的次数太多了，请重新要一个验证码。"))
            return redirect(self._ask_again())
        return super().post(request, *args, **kwargs)

    def _ask_again(self) -> str:
        return str(self.passthrough_next_url(reverse("account_request_login_code")))

    def _tried_too_often(self) -> bool:
        """Counted before the code is looked at, outside of the session: a hundred guesses at once are still three."""
        words = f"{self._process.user.pk}:{self._process.state['at']}:{self._process.code}"
        return too_often(f"code-tries:{hashlib.sha256(words.encode()).hexdigest()}", limit=TRIES, seconds=SECONDS)

    def form_invalid(self, form: Any) -> HttpResponse:
        if not self._process.record_invalid_attempt():
            messages.error(self.request, _("试的次数太多了，请重新要一个验证码。"))
            return redirect(self._ask_again())
        page = self.render_to_response(self.get_context_data(form=form))
        return _refused(self.request, form, page)

    def _resend_form_valid(self, form: Any) -> HttpResponse:
        process = self._process
        try:
            count(self.request, phone_of(process.user))
        except TooManyCodes as refused:
            messages.error(self.request, str(refused))
            page = self.render_to_response(self.get_context_data(form=CodeForm()))
            page.status_code, page["Retry-After"] = 429, str(refused.retry_after)
            return page
        self.request.code_counted = True
        # A new code has its own five minutes and its own three tries.
        process.state |= {"at": time.time(), "failed_attempts": 0}
        process.resend()
        return redirect(self.passthrough_next_url(reverse("account_confirm_login_code")))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waited = int(time.time() - self._process.state["at"])
        return super().get_context_data(**kwargs) | {"resend_seconds": max(0, RESEND_SECONDS - waited)}


sign_in = SignInView.as_view()
ask_code = AskCodeView.as_view()
confirm_code = ConfirmCodeView.as_view()


@login_stage_required("returning", "account_login")
@require_http_methods(["GET", "POST"])
def returning(request: HttpRequest) -> HttpResponse:
    """Whose number is it now: the name of somebody it stood for, or a fresh start for a new holder."""
    stage = request._login_stage
    if request.method == "POST" and request.POST.get("answer") == "new":
        return _fresh_start(request, stage)
    form = ReturningForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if stage.tried_too_often():
            return _fresh_start(request, stage)
        if stage.knows(form.cleaned_data["name"]):
            return stage.exit()
        form.add_error("name", _("和这个号码以前登记的姓名不一样，请核对。号码是新换来的，请按下面的按钮。"))
    return render(request, "account/returning.html", {"form": form}, status=422 if form.is_bound else 200)


def _fresh_start(request: HttpRequest, stage: Any) -> HttpResponse:
    """The number's new holder gets an account of their own; the old one keeps nothing that hangs on it."""
    old = stage.login.user
    masked = mask_phone(phone_of(old))
    new = release_phone(old)
    next_url = stage.login.redirect_url
    clear_login(request)
    record_authentication(request, new, "code", phone=masked)
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
