"""How the visitor wants to see the portal, the one style sheet, and the gallery of components."""

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from . import stylesheets
from .context_processors import ELDER_COOKIE

YEAR = 365 * 24 * 3600


# A token would put a cookie on every public page. All a forged request can do here is change type size or language.
@csrf_exempt
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Remember language and type size in two cookies, then go back to where the visitor was."""
    response = HttpResponseRedirect(_safe_next(request))
    response.status_code = 303
    language = request.POST.get("language")
    if language in dict(settings.LANGUAGES):
        _remember(response, request, settings.LANGUAGE_COOKIE_NAME, language)
    elder = request.POST.get("elder")
    if elder in ("0", "1"):
        _remember(response, request, ELDER_COOKIE, elder)
    return response


def _safe_next(request: HttpRequest) -> str:
    """The path asked for, if it stays on this site."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else "/"


def _remember(response: HttpResponse, request: HttpRequest, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=YEAR,
        samesite="Lax",
        secure=request.is_secure(),
        httponly=True,
    )


@require_safe
@gzip_page
def stylesheet(request: HttpRequest, version: str) -> HttpResponse:
    """All CSS in one answer. An outdated address still gets the present sheet, but only for a minute."""
    sheet = stylesheets.current()
    response = HttpResponse(sheet.text, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = (
        f"public, max-age={YEAR}, immutable" if version == sheet.version else "public, max-age=60"
    )
    return response


class SampleForm(forms.Form):
    """One field of each kind, for the gallery."""

    name = forms.CharField(label=_("姓名"), help_text=_("请写户口簿上的名字。"), max_length=20)
    phone = forms.CharField(label=_("手机号"), help_text=_("只用来通知开会，不会公开。"), min_length=11)
    group = forms.ChoiceField(
        label=_("村民小组"),
        choices=[("", _("请选择")), ("1", _("第一组（老屋场）")), ("2", _("第二组（茶亭坳）"))],
    )
    born_on = forms.DateField(label=_("出生日期"), widget=forms.DateInput(attrs={"type": "date"}), required=False)
    method = forms.ChoiceField(
        label=_("怎样参加"),
        widget=forms.RadioSelect,
        choices=[("in_person", _("到现场")), ("remote", _("在外地，用手机参加"))],
        help_text=_("在外地的，请家里人代为转告会议内容。"),
    )
    topics = forms.MultipleChoiceField(
        label=_("关心的事"),
        widget=forms.CheckboxSelectMultiple,
        choices=[("road", _("修路")), ("water", _("饮水")), ("rules", _("村规民约修订"))],
        required=False,
    )
    opinion = forms.CharField(label=_("您的意见"), widget=forms.Textarea(attrs={"rows": 4}), required=False)
    sheet = forms.FileField(label=_("签到表照片"), required=False)
    agreed = forms.BooleanField(label=_("我已经读过并同意用户协议和隐私政策"))


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    _only_in_development()
    wrong = SampleForm(
        {"name": "", "phone": "139", "group": "9", "opinion": "希望村口的路灯早点修好。"},
        auto_id="wrong_%s",
        use_required_attribute=False,
    )
    return render(
        request,
        "ui/gallery.html",
        {"form": SampleForm(), "wrong": wrong, "choices": CHOICES},
    )


CHOICES = [("for", _("赞成")), ("against", _("反对")), ("abstain", _("弃权"))]


@require_safe
def gallery_hall(request: HttpRequest) -> HttpResponse:
    """The projector's screen; ?state=voting|result|lost."""
    _only_in_development()
    return render(request, "ui/gallery_hall.html", {"state": request.GET.get("state", "voting")})


@require_safe
def gallery_minutes(request: HttpRequest) -> HttpResponse:
    """Minutes and sign-in sheet as they come out of the printer."""
    _only_in_development()
    return render(request, "ui/gallery_minutes.html", {"rows": range(1, 25)})


def _only_in_development() -> None:
    if not settings.DEVELOPMENT:
        raise Http404
