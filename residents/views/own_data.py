"""/me/data/…: what is held on the account and its person; copy it, correct it, take consent back, close the account."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from residents import corrections
from residents.fresh_sign_in import ask_again
from residents.leaving import StillInOffice, delete_account, offices_to_end, withdraw_consent
from residents.models import Correction, User
from residents.own_copy import copy_of
from residents.own_data import held_on, lines_of
from residents.own_forms import CorrectionForm, UnderstoodForm
from residents.sign_ins import end_sign_ins
from ui.answers import refuse
from ui.limits import too_often

COPIES_AN_HOUR = 5
TYPES = {"json": "application/json", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@never_cache
@login_required
@require_safe
def own_data(request: HttpRequest) -> HttpResponse:
    """All of it on one page."""
    asked = Correction.objects.filter(user=request.user).select_related("village", "resident", "proposal")
    context = {
        "parts": held_on(request.user),
        "lines": lines_of(request.user),
        "asked": [(one, corrections.state_in_words(one), corrections.is_open(one)) for one in asked[:10]],
        "consents": User.objects.filter(pk=request.user.pk, consented_at__isnull=False).exists(),
        "edition": settings.PRIVACY_EDITION,
    }
    return render(request, "residents/own_data/own_data.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: HttpRequest) -> HttpResponse:
    """A file to keep. GET only leads back: who shows again who it is comes here by an address."""
    page = reverse("me:own_data")
    asked = ask_again(request, back=page)
    if asked is not None:
        return asked
    if request.method != "POST":
        return redirect(page)
    kind = request.POST.get("kind", "")
    if kind not in TYPES:
        raise Http404
    if too_often(f"own-copy:{request.user.pk}", limit=COPIES_AN_HOUR, seconds=3600):
        return refuse(request, "slow_down", _("一小时最多下载 5 次，请过一会儿再试。"), retry_after=3600, back=page)
    response = HttpResponse(copy_of(request.user, kind=kind), content_type=TYPES[kind])
    name = f"my-data-{timezone.localdate():%Y%m%d}.{kind}"
    response["Content-Disposition"] = f"attachment; filename={name}"
    return response


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest) -> HttpResponse:
    """Ask the committee to put one's line right."""
    lines = lines_of(request.user)
    form = CorrectionForm(request.POST or None, lines=lines, initial={"about": request.GET.get("about", "")})
    if request.method == "POST" and lines and form.is_valid():
        data = form.cleaned_data
        try:
            corrections.ask(request.user, data["line"], about=data["about"], wish=data["wish"])
        except corrections.CorrectionError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("已经告诉村（居）委会。办好了，这一页会写明。"))
            return redirect("me:own_data")
    context = {"form": form, "lines": lines}
    return render(request, "residents/own_data/correct.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def withdraw_correction(request: HttpRequest, village: str, number: int) -> HttpResponse:
    asked = Correction.objects.filter(user=request.user, village__slug=village, number=number).first()
    if asked is None:
        raise Http404
    corrections.withdraw(asked, by=request.user)
    messages.success(request, _("已撤回。"))
    return redirect("me:own_data")


@login_required
@require_POST
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    """All other devices are signed out; this one stays."""
    ended = end_sign_ins(request.user, but=request.session.session_key)
    messages.success(request, _("已经让别的 %(count)s 台设备退出登录。") % {"count": ended})
    return redirect("me:own_data")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest) -> HttpResponse:
    """Take consent back; the page says first what ends by it."""
    return _last_step(request, "consent")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """Close the account; the page says first what goes and what stays."""
    return _last_step(request, "delete")


_STEPS = {"consent": withdraw_consent, "delete": delete_account}


def _last_step(request: HttpRequest, step: str) -> HttpResponse:
    asked = ask_again(request, back=request.path)
    if asked is not None:
        return asked
    form = UnderstoodForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _STEPS[step](request.user)
            except StillInOffice as refused:
                form.add_error(None, str(refused))
                status = 409
            else:
                logout(request)
                return HttpResponseRedirect(reverse("me:gone", args=[step]), status=303)
    context = {"form": form, "offices": offices_to_end(request.user)}
    return render(request, f"residents/own_data/{step}.html", context, status=status)


@never_cache
@require_safe
def gone(request: HttpRequest, step: str) -> HttpResponse:
    """It is done; anybody may read that page, it says nothing of anybody."""
    if step not in _STEPS:
        raise Http404
    return render(request, "residents/own_data/gone.html", {"step": step})
