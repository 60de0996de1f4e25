"""Who acts for a line of the roll, and what two officers may change about it: a lost way in, a wrong claim."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from residents import claim_requests, restoring
from residents.claims import ClaimError
from residents.entry_forms import EndForm, RestoreForm
from residents.models import Claim, Proposal, Resident, Village
from residents.phone_accounts import phone_of
from residents.phones import mask_phone
from residents.rights import Act, may
from residents.second_factor import has_one
from residents.two_people import TwoPeopleError
from ui.answers import STATUS

from .doors import village_door
from .people import find_person
from .roll_doors import roll_trail

_KINDS = (Proposal.Kind.RESTORE_ACCESS, Proposal.Kind.CHANGE_PHONE, Proposal.Kind.CLAIM)


def _page(
    request: HttpRequest,
    village: Village,
    one: Resident,
    *,
    form: RestoreForm | None = None,
    wrong_end: tuple[Claim, EndForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    claims = Claim.objects.of(village).confirmed().filter(resident=one).select_related("user").order_by("pk")
    waiting = Proposal.objects.of(village).waiting().filter(kind__in=_KINDS, payload__resident=one.pk)

    def end_form(claim: Claim) -> EndForm:
        if wrong_end is not None and wrong_end[0] == claim:
            return wrong_end[1]
        return EndForm(auto_id=f"end_{claim.pk}_%s")

    context = {
        "village": village,
        "trail": roll_trail(village, (one.name, reverse("residents:person", args=[village.slug, one.ref]))),
        "one": one,
        "accounts": [
            (claim, mask_phone(phone_of(claim.user)), has_one(claim.user), end_form(claim)) for claim in claims
        ],
        "account": restoring.account_of_person(village, one),
        "waiting": waiting,
        "form": form or RestoreForm(),
        "ends": may(request.user, Act.APPROVE_CLAIM, village),
    }
    response = render(request, "residents/entry/access.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@village_door("GET", "POST", act=Act.GIVE_ROLES, step_up=True)
def access(request: HttpRequest, village: Village, ref: str) -> HttpResponse:
    """The accounts that act for this person; two officers restore the way in."""
    one = find_person(village, ref)
    if request.method != "POST":
        return _page(request, village, one)
    form = RestoreForm(request.POST)
    if not form.is_valid():
        return _page(request, village, one, form=form, status=422)
    try:
        restoring.propose_restore(
            village, one, phone=form.cleaned_data["phone"], reason=form.cleaned_data["reason"], by=request.user
        )
    except TwoPeopleError as refused:
        form.add_error(None, refused.message)
        return _page(request, village, one, form=form, status=STATUS[refused.code])
    messages.success(request, _("已提交。请另一位有权限的工作人员在“待确认事项”里核对、确认。"))
    return redirect("residents:access", village=village.slug, ref=one.ref)


@village_door("POST", act=Act.APPROVE_CLAIM, step_up=True)
def end_claim(request: HttpRequest, village: Village, ref: str) -> HttpResponse:
    """A wrong claim: ended once a second officer agrees."""
    one = find_person(village, ref)
    number = request.POST.get("claim", "")
    claims = Claim.objects.of(village).confirmed().filter(resident=one)
    claim = get_object_or_404(claims, pk=int(number) if number.isdecimal() and len(number) < 16 else 0)
    form = EndForm(request.POST, auto_id=f"end_{claim.pk}_%s")
    if not form.is_valid():
        return _page(request, village, one, wrong_end=(claim, form), status=422)
    try:
        claim_requests.propose_end(claim, reason=form.cleaned_data["reason"], by=request.user)
    except ClaimError as refused:
        form.add_error(None, str(refused))
        return _page(request, village, one, wrong_end=(claim, form), status=STATUS[refused.code])
    messages.success(request, _("已提交。请另一位工作人员在“待确认事项”里核对、确认。"))
    return redirect("residents:access", village=village.slug, ref=one.ref)
