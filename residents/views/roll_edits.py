"""Forms that change the roll: each asks for a second person, nothing changes at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from residents import roll_forms as forms
from residents.corrections import answered_by, wish_of
from residents.models import Correction, Village
from residents.rights import Act
from residents.roll_changes import RollChangeError
from residents.roll_edit_proposals import propose_edit

from .corrections import asked_for
from .doors import village_door
from .people import find_household, find_person
from .roll_doors import roll_trail

_WORDS: Mapping[str, tuple[Any, Any]] = {
    "add": (gettext_lazy("添加一个人"), gettext_lazy("迁入、出生、漏登的人。先看看名册上是不是已经有了。")),
    "correct": (gettext_lazy("更正"), gettext_lazy("改错的、补缺的都在这里。只有改过的内容会记下来。")),
    "leave": (
        gettext_lazy("出册"),
        gettext_lazy("从这一天起不再计入应到人数；账号、职务和户代表随之解除，原来的记录都留着。"),
    ),
    "return": (
        gettext_lazy("撤销出册"),
        gettext_lazy("出册是登记错了的，在这里改回来。账号、职务和户代表已经解除，要重新办。"),
    ),
    "move": (gettext_lazy("换户"), gettext_lazy("转到本村（社区）的另一户，或者新立一户。")),
    "split": (gettext_lazy("分户"), gettext_lazy("选出分出去的人，原户至少留一人。分好以后再指定新户的户代表。")),
    "join": (gettext_lazy("并户"), gettext_lazy("全户转到另一户。")),
    "represent": (gettext_lazy("指定户代表"), gettext_lazy("按户表决时由户代表投票，须是本户年满18周岁的人。")),
}
_OF_PERSON = {
    "correct": forms.CorrectForm,
    "leave": forms.LeaveForm,
    "move": forms.MoveForm,
    "return": forms.ReturnForm,
}
_OF_HOUSEHOLD = {"split": forms.SplitForm, "join": forms.JoinForm, "represent": forms.RepresentativeForm}


def _ask(
    request: HttpRequest,
    village: Village,
    form: forms.EditForm,
    act: str,
    *,
    about: Any,
    back: str,
    correction: Correction | None = None,
) -> HttpResponse:
    """Show the form, or propose what was filled in; `correction` is what a person asked for, settled by it."""
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                proposal = propose_edit(village, form.edit(), by=request.user)
                if correction is not None:
                    answered_by(correction, proposal, by=request.user)
        except RollChangeError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("已提交。请另一位村（社区）管理员在“待确认事项”里核对、确认，名册才会改。"))
            return redirect(back)
    title, lead = _WORDS[act]
    context = {
        "village": village, "trail": roll_trail(village), "form": form, "title": title, "lead": lead, "about": about,
        "back": back, "correction": correction, "wish": wish_of(correction) if correction else "",
    }  # fmt: skip
    return render(request, "residents/roll/edit.html", context, status=422 if form.is_bound else 200)


@village_door("GET", "POST", act=Act.IMPORT_ROLL)
def add_person(request: HttpRequest, village: Village) -> HttpResponse:
    """Somebody new, in the household of `?household=` where it is given."""
    number = request.GET.get("household", "")
    home = find_household(village, int(number)) if number.isdecimal() and len(number) < 9 else None
    form = forms.AddForm(request.POST or None, village=village, today=timezone.localdate(), household=home)
    back = (
        reverse("residents:household", args=[village.slug, home.number])
        if home
        else reverse("residents:roll", args=[village.slug])
    )
    return _ask(request, village, form, "add", about=home, back=back)


@village_door("GET", "POST", act=Act.IMPORT_ROLL)
def edit_person(request: HttpRequest, village: Village, ref: str, act: str) -> HttpResponse:
    if act not in _OF_PERSON:
        raise Http404
    one = find_person(village, ref)
    form = _OF_PERSON[act](request.POST or None, village=village, today=timezone.localdate(), resident=one)
    back = reverse("residents:person", args=[village.slug, one.ref])
    correction = asked_for(request, village, one)
    return _ask(request, village, form, act, about=one, back=back, correction=correction)


@village_door("GET", "POST", act=Act.IMPORT_ROLL)
def edit_household(request: HttpRequest, village: Village, number: int, act: str) -> HttpResponse:
    if act not in _OF_HOUSEHOLD:
        raise Http404
    home = find_household(village, number)
    form = _OF_HOUSEHOLD[act](request.POST or None, village=village, today=timezone.localdate(), household=home)
    back = reverse("residents:household", args=[village.slug, home.number])
    return _ask(request, village, form, act, about=home, back=back)
