"""The judge's desk: own sheets, one at a time; a form without script, kept whenever it is sent."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from contest import judging
from contest.errors import ContestRefused
from contest.judging_forms import ConflictForm, NoteForm
from contest.models import Assignment, Contest
from residents.views.doors import sign_in_first, wrong_method
from ui.answers import STATUS, is_no_form, refuse, refuse_no_form

from .vote_doors import contest_door, trail_of


@never_cache
def desk(request: HttpRequest) -> HttpResponse:
    """The account's own sheets, contest by contest."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    if request.method not in ("GET", "HEAD"):
        return wrong_method(request, ("GET",))
    sheets = judging.own_sheets(request.user).order_by("judge__contest__pk", "entry__number")
    return render(request, "contest/judging_desk.html", {"sheets": sheets})


def _sheet(request: HttpRequest, contest: Contest, number: int) -> Assignment:
    """The account's own; somebody else's is as if it were not there."""
    sheet = judging.own_sheets(request.user).filter(judge__contest=contest, entry__number=number).first()
    if sheet is None:
        raise Http404
    return sheet


@contest_door("GET", "POST")
@never_cache
def sheet(request: HttpRequest, contest: Contest, number: int) -> HttpResponse:
    """Marks and a note for one entry; `done` finishes it and goes on to the next."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    own = _sheet(request, contest, number)
    if request.method != "POST":
        return _page(request, contest, own)
    if is_no_form(request):
        return refuse_no_form(request, back=request.path)
    form = NoteForm(request.POST)
    criteria = [one.key for one in contest.criteria.all()]
    typed = {key: request.POST.get(f"mark-{key}", "").strip() for key in criteria}
    if not form.is_valid():
        return _page(request, contest, own, typed=typed, form=form, status=422)
    revision = request.POST.get("revision", "")
    known = int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 9 else None
    try:
        judging.record_score(own, {key: mark for key, mark in typed.items() if mark}, by=request.user, revision=known)
        judging.write_note(own, form.cleaned_data["note"], by=request.user)
        if "done" in request.POST:
            judging.submit_sheet(own, by=request.user)
    except ContestRefused as error:
        if error.code == "invalid":
            return _page(request, contest, own, typed=typed, form=form, wrong=error.message, at=error.field, status=422)
        return refuse(request, error.code, error.message, back=request.path)
    messages.success(request, _("评完了。") if "done" in request.POST else _("记下了。"))
    following = (
        judging.own_sheets(request.user).to_score()
        .filter(judge__contest=contest, done_at=None).exclude(pk=own.pk).order_by("entry__number").first()
    )  # fmt: skip
    if "done" in request.POST:
        if following is None:
            return redirect(reverse("contest:judging"))
        return redirect(contest.address("judging_sheet", following.entry.number))
    return redirect(request.path)


def _page(
    request: HttpRequest,
    contest: Contest,
    own: Assignment,
    *,
    typed: dict[str, str] | None = None,
    form: NoteForm | None = None,
    wrong: str = "",
    at: str = "",
    status: int = 200,
) -> HttpResponse:
    held = {one.criterion_id: f"{one.mark.normalize():f}" for one in own.scores.all()}
    rows = [
        {"criterion": one, "mark": held.get(one.pk, "") if typed is None else typed[one.key], "wrong": at == one.key}
        for one in contest.criteria.all()
    ]
    context = {
        "contest": contest,
        "trail": trail_of(contest),
        "sheet": own,
        "rows": rows,
        "form": form or NoteForm(initial={"note": own.note}),
        "wrong": wrong,
    }
    return render(request, "contest/judging_sheet.html", context, status=status)


@contest_door("GET", "POST")
@never_cache
def conflict(request: HttpRequest, contest: Contest, number: int) -> HttpResponse:
    """The judge declares a tie with the entry and has no part in it."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    own = _sheet(request, contest, number)
    form = ConflictForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if is_no_form(request):
            return refuse_no_form(request, back=request.path)
        status = 422
        if form.is_valid():
            try:
                judging.declare_conflict(own, form.cleaned_data["kind"], form.cleaned_data["words"], by=request.user)
            except ContestRefused as error:
                if error.code != "invalid":
                    return refuse(request, error.code, error.message, back=request.path)
                form.add_error(error.field or None, error.message)
                status = STATUS[error.code]
            else:
                messages.success(request, _("已经回避，您在这一件上没有分数。"))
                return redirect(reverse("contest:judging"))
    context = {"contest": contest, "trail": trail_of(contest), "sheet": own, "form": form}
    return render(request, "contest/judging_conflict.html", context, status=status)
