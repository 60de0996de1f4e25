"""What people ask who match nothing by themselves: one officer finds the line, a second one confirms it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Q, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from residents import claim_requests as rules
from residents.claims import ClaimError
from residents.entry_forms import AnswerForm, LineForm
from residents.models import Claim, ClaimRequest, Proposal, Resident, Village
from residents.rights import Act
from ui.answers import STATUS, refuse

from .doors import village_door
from .roll_doors import trail

PAGE_ROWS = 50
FOUND_MOST = 30
LONGEST_SEARCH = 60


@village_door("GET", act=Act.APPROVE_CLAIM)
def claim_requests(request: HttpRequest, village: Village) -> HttpResponse:
    """Those that wait, oldest first, then those that were decided last."""
    page = Paginator(rules.waiting_requests(village), PAGE_ROWS).get_page(request.GET.get("page"))
    looked_at = rules.second_looks(village)
    context = {
        "village": village,
        "trail": trail(village),
        "page": page,
        "lines": [(one, one.pk in looked_at) for one in page],
        "past": ClaimRequest.objects.of(village).exclude(state=ClaimRequest.State.WAITING)[:20],
        "waits_for_second": Proposal.objects.of(village).waiting().filter(kind=Proposal.Kind.CLAIM).count(),
    }
    response = render(request, "residents/entry/claims.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _people(request: HttpRequest, village: Village, one: ClaimRequest) -> tuple[str, list[Resident]]:
    """Those of the roll whose name answers: at first to what was stated, then to what the officer looks for."""
    asked = request.GET.get("q", one.stated_name).replace("\x00", "").strip()[:LONGEST_SEARCH]
    here = Resident.objects.of(village).on_roll(timezone.localdate()).select_related("household__group")
    named = Q(name=one.stated_name)  # those of exactly this name first
    found = here.named_like(asked).order_by(Case(When(named, then=0), default=1), "household__number", "born_on", "pk")
    return asked, list(found[:FOUND_MOST])


def _page(
    request: HttpRequest,
    village: Village,
    one: ClaimRequest,
    *,
    form: LineForm | None = None,
    answer_form: AnswerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    asked, people = _people(request, village, one)
    context = {
        "village": village,
        "trail": [*trail(village), (_("身份申请"), reverse("residents:claims", args=[village.slug]))],
        "one": one,
        "asked": asked,
        "people": people,
        "form": form or LineForm(people=people),
        "answer_form": answer_form or AnswerForm(),
        "looked_at": one.pk in rules.second_looks(village),
        "own": one.user_id == request.user.pk,
    }
    response = render(request, "residents/entry/claim.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@village_door("GET", "POST", act=Act.APPROVE_CLAIM)
def claim_request(request: HttpRequest, village: Village, ref: str) -> HttpResponse:
    """One request: find the line, then ask the second officer."""
    one = get_object_or_404(ClaimRequest.objects.of(village).select_related("user", "village"), ref=ref)
    if request.method != "POST":
        return _page(request, village, one)
    form = LineForm(request.POST, people=_people(request, village, one)[1])
    if not form.is_valid():
        return _page(request, village, one, form=form, status=422)
    resident = get_object_or_404(
        Resident.objects.of(village).select_related("household__group"), ref=form.cleaned_data["resident"]
    )
    relation = Claim.Relation(form.cleaned_data["relation"])
    try:
        rules.propose_claim(one, resident, by=request.user, relation=relation)
    except ClaimError as refused:
        form.add_error(None, str(refused))
        return _page(request, village, one, form=form, status=STATUS[refused.code])
    messages.success(request, _("已提交。请另一位工作人员在“待确认事项”里核对、确认。"))
    return redirect("residents:claims", village=village.slug)


@village_door("POST", act=Act.APPROVE_CLAIM)
def refuse_claim(request: HttpRequest, village: Village, ref: str) -> HttpResponse:
    """No, and why."""
    one = get_object_or_404(ClaimRequest.objects.of(village).select_related("user", "village"), ref=ref)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, village, one, answer_form=form, status=422)
    try:
        rules.answer_no(one, answer=form.cleaned_data["answer"], by=request.user)
    except ClaimError as refused:
        return refuse(request, refused.code, str(refused), back=reverse("residents:claims", args=[village.slug]))
    messages.success(request, _("已答复申请人。"))
    return redirect("residents:claims", village=village.slug)
