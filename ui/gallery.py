"""The gallery of components: every one in every state, for those who build the portal. Development only.

Sample words are not translated: no visitor sees them.
"""

import segno
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .charts import bars

CHOICES = [("for", "赞成"), ("against", "反对"), ("abstain", "弃权")]
CRUMBS = [("首页", "#parts"), ("清溪镇", "#parts")]
STEPS = [
    {"title": "征集民意", "when": "9月1日—9月20日", "state": "done"},
    {"title": "乡镇审核", "text": "清溪镇人民政府，10月15日", "state": "done"},
    {"title": "村民会议表决", "state": "now"},
    {"title": "备案、公布、施行", "state": "next"},
]


class SampleForm(forms.Form):
    """One field of each kind, for the gallery."""

    name = forms.CharField(label="姓名", help_text="请写户口簿上的名字。", max_length=20)
    phone = forms.CharField(label="手机号", help_text="只用来通知开会，不会公开。", min_length=11)
    group = forms.ChoiceField(
        label="村民小组",
        choices=[("", "请选择"), ("1", "第一组（老屋场）"), ("2", "第二组（茶亭坳）")],
    )
    born_on = forms.DateField(label="出生日期", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    method = forms.ChoiceField(
        label="怎样参加",
        widget=forms.RadioSelect,
        choices=[("in_person", "到现场"), ("remote", "在外地，用手机参加")],
        help_text="在外地的，请家里人代为转告会议内容。",
    )
    topics = forms.MultipleChoiceField(
        label="关心的事",
        widget=forms.CheckboxSelectMultiple,
        choices=[("road", "修路"), ("water", "饮水"), ("rules", "村规民约修订")],
        required=False,
    )
    opinion = forms.CharField(label="您的意见", widget=forms.Textarea(attrs={"rows": 4}), required=False)
    sheet = forms.FileField(label="签到表照片", required=False)
    agreed = forms.BooleanField(label="我已经读过并同意用户协议和隐私政策")


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    _only_in_development()
    wrong = SampleForm(
        {"name": "", "phone": "139", "group": "9", "opinion": "…"},
        auto_id="wrong_%s",
        use_required_attribute=False,
    )
    return render(
        request,
        "ui/gallery.html",
        {
            "form": SampleForm(),
            "wrong": wrong,
            "choices": CHOICES,
            "crumbs": CRUMBS,
            "steps": STEPS,
            "option_bars": bars({"甲": 97, "乙": 64}, {"甲": "村口到小学", "乙": "第三组到晒谷坪"}),
            "bulletin_code": _code(),
            "chart_bars": [("1组", 31, 42), ("2组", 12, 40)],
            "chart_parts": [("按期", 7), ("晚了", 2), ("在办", 3), ("过期", 1), ("不办了", 1)],
            "chart_lines": [("提出", (1, 3, 2, 6, 0, 4)), ("答复", (0, 2, 3, 4, 2, 1))],
            "chart_steps": [f"{month}月" for month in range(1, 7)],
            "page": Paginator(range(120), 10).page(3),
        },
    )


@require_safe
def hall(request: HttpRequest) -> HttpResponse:
    """The projector's screen; ?state=check_in|voting|counts|result|long|longest|lost."""
    _only_in_development()
    state = request.GET.get("state", "voting")
    return render(request, "ui/gallery_hall.html", {"state": state, "bulletin_code": _code()})


@require_safe
def minutes(request: HttpRequest) -> HttpResponse:
    """Minutes and sign-in sheet as they come out of the printer."""
    _only_in_development()
    return render(request, "ui/gallery_minutes.html", {"rows": range(1, 25)})


def _code() -> str:
    """A bulletin's QR as an address of its own."""
    return segno.make("https://cun.example.gov.cn/v/tingquanao/bulletins/12/", micro=False).svg_data_uri(scale=4)


def _only_in_development() -> None:
    if not settings.DEVELOPMENT:
        raise Http404
