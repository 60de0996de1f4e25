"""The number one signs in with: given to an account that has none, changed to another, always shown by a code."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from residents import code_by_sms
from residents.adapters import NOT_SENT
from residents.code_by_sms import CodeOver, Purpose, WrongCode
from residents.code_fields import PhoneField
from residents.fresh_sign_in import ask_again
from residents.own_phone import NumberTaken, ask_for_reminders, change_number
from residents.phone_accounts import phone_of
from residents.phone_sign_in import CodeForm
from residents.phones import mask_phone
from residents.sms import SmsNotSent
from residents.sms.configuration import reminds
from residents.sms.limits import RESEND_SECONDS, TooManyCodes
from ui.answers import refuse

WAITS_FOR = Purpose.OWN_PHONE


class NumberForm(forms.Form):
    phone = PhoneField(label=gettext_lazy("新的手机号"))

    def __init__(self, *args: object, number: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._number = number

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if phone == self._number:
            raise forms.ValidationError(_("这就是现在的号码，不用改。"))
        return phone


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def own_phone(request: HttpRequest) -> HttpResponse:
    """Which number it is now, and where to write the new one."""
    asked = ask_again(request, back=request.path)
    if asked is not None:
        return asked
    number = phone_of(request.user)
    form = NumberForm(request.POST if request.method == "POST" else None, number=number)
    retry_after = 0
    if form.is_valid():
        try:
            code_by_sms.begin(request, WAITS_FOR, form.cleaned_data["phone"])
        except TooManyCodes as refused:
            form.add_error("phone", str(refused))
            retry_after = refused.retry_after
        except SmsNotSent:
            return refuse(request, "try_again", str(NOT_SENT), back=request.path, retry_after=60)
        else:
            return redirect("me:phone_code")
    context = {
        "form": form,
        "number": mask_phone(number),
        "by_sms": bool(settings.SMS_GATEWAY),
        "reminds": bool(number) and reminds(),
    }
    response = render(request, "account/own_phone.html", context, status=_status(form, retry_after))
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def own_phone_code(request: HttpRequest) -> HttpResponse:
    """The code that came to the new number."""
    phone = code_by_sms.waiting(request, WAITS_FOR)
    if not phone:
        messages.error(request, _("验证码过期了，请重新要一个。"))
        return redirect("me:phone")
    form = CodeForm(request.POST if request.method == "POST" else None, any_code=True)
    if form.is_valid():
        try:
            change_number(request.user, code_by_sms.answer(request, WAITS_FOR, form.cleaned_data["code"]))
        except WrongCode as wrong:
            form.add_error("code", str(wrong))
        except (CodeOver, NumberTaken) as over:
            messages.error(request, str(over))
            return redirect("me:phone")
        else:
            messages.success(request, _("手机号改好了，以后用新号码登录。"))
            return redirect("home:me")
    context = {"form": form, "number": mask_phone(phone), "resend_seconds": RESEND_SECONDS}
    return render(request, "account/own_phone_code.html", context, status=_status(form))


@never_cache
@login_required
@require_http_methods(["POST"])
def reminders(request: HttpRequest) -> HttpResponse:
    """To be reminded of meetings by SMS, or no longer."""
    wanted = request.POST.get("wanted") == "yes"
    if wanted and not (reminds() and phone_of(request.user)):
        return refuse(
            request, "wrong_state", _("本站没有开通短信提醒，或者您还没有登记手机号。"), back=reverse("me:phone")
        )
    ask_for_reminders(request.user, wanted=wanted)
    said = _("好的，开会前一天发短信提醒您。") if wanted else _("好的，不再发短信提醒。")
    messages.success(request, said)
    return redirect("me:phone")


def _status(form: forms.Form, retry_after: int = 0) -> int:
    if retry_after:
        return 429
    return 422 if form.errors else 200
