"""After signing in: who somebody is on a roll, whom else they act for, and what to do when nothing matches."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from residents import claim_requests
from residents.claims import (
    Ambiguous,
    ClaimError,
    TooOften,
    claim_by_phone,
    confirm_family,
    count_try,
    end,
    family_of,
)
from residents.entry_forms import AskForm, MembersForm, WhoForm
from residents.models import Claim, ClaimRequest, Village
from residents.offices import person_of
from residents.phone_accounts import phone_of
from residents.phones import mask_phone
from ui.answers import STATUS

from .roll_doors import trail
from .second_factor import own_address

FOUND_MOST = 30
LONGEST_SEARCH = 60


def address_of_who(village: Village, next_path: str = "", name: str = "me:who") -> str:
    """The page of that name for this village, and where to go on from it."""
    asked = {"village": village.slug} | ({"next": next_path} if next_path else {})
    return f"{reverse(name)}?{urlencode(asked)}"


def open_village(slug: str) -> Village:
    """A village that people may say they belong to; one that joined another leads there. 404 for practice villages."""
    village = get_object_or_404(Village.objects.real().select_related("merged_into"), slug=slug)
    return village.merged_into or village


def _asked(request: HttpRequest) -> tuple[Village | None, str]:
    """The village and the way on that an address or a form names."""
    given = request.POST if request.method == "POST" else request.GET
    slug = given.get("village", "") or request.GET.get("village", "")
    next_path = own_address(request, given.get("next", "") or request.GET.get("next", ""))
    return (open_village(slug) if slug else None), next_path


def _find_village(request: HttpRequest, next_path: str) -> HttpResponse:
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    found = Village.objects.real().filter(merged_into=None).named_like(asked).select_related("region__parent")
    claims = Claim.objects.confirmed().filter(user=request.user, village__is_practice=False).select_related("village")
    mine = list(dict.fromkeys(claim.village for claim in claims))
    if len(mine) == 1 and "q" not in request.GET:
        return redirect(address_of_who(mine[0], next_path))
    context = {
        "asked": asked,
        "found": [(one, address_of_who(one, next_path)) for one in found.order_by("code")[:FOUND_MOST]],
        "mine": [(one, address_of_who(one, next_path)) for one in mine],
        "next": next_path,
    }
    return render(request, "residents/entry/which_village.html", context)


def _page(
    request: HttpRequest,
    village: Village,
    next_path: str,
    *,
    form: WhoForm | None = None,
    ask_form: AskForm | None = None,
    unmatched: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Who one is here, or the ways to say it."""
    user = request.user
    claims = Claim.objects.of(village).filter(user=user).confirmed().select_related("resident__household__group")
    requests = ClaimRequest.objects.of(village).filter(user=user).exclude(state=ClaimRequest.State.WITHDRAWN)[:5]
    myself = person_of(user, village)
    context = {
        "village": village,
        "trail": trail(village),
        "next": next_path,
        "claims": sorted(claims, key=lambda claim: (claim.relation != Claim.Relation.SELF, claim.pk)),
        "myself": myself,
        "family": family_of(user, myself) if myself else [],
        "family_url": address_of_who(village, next_path, "me:family"),
        "has_phone": bool(user.phone_hash) and user.phone_verified_at is not None,
        "phone": mask_phone(phone_of(user)),
        "form": form or WhoForm(),
        "ask_form": ask_form or AskForm(initial={"name": form.data.get("name", "") if form else ""}),
        "asks": ask_form is not None,
        "unmatched": unmatched,
        "requests": requests,
        "waiting": any(one.state == ClaimRequest.State.WAITING for one in requests),
    }
    return render(request, "residents/entry/who.html", context, status=status)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def who(request: HttpRequest) -> HttpResponse:
    """Name and own number show who one is; nothing is told of lines that are not found."""
    village, next_path = _asked(request)
    if village is None:
        return _find_village(request, next_path)
    if request.method != "POST":
        return _page(request, village, next_path)
    form = WhoForm(request.POST)
    if not form.is_valid():
        return _page(request, village, next_path, form=form, status=422)
    try:
        count_try(request.user)
        claim = claim_by_phone(
            request.user, village, name=form.cleaned_data["name"], birth_year=form.cleaned_data["birth_year"]
        )
    except Ambiguous as more:
        form = WhoForm(request.POST, ask_year=True)
        form.add_error("birth_year", str(more))
        return _page(request, village, next_path, form=form, status=422)
    except ClaimError as refused:
        form.add_error(None, str(refused))
        response = _page(request, village, next_path, form=form, status=STATUS[refused.code])
        if isinstance(refused, TooOften):
            response["Retry-After"] = str(24 * 3600)
        return response
    if claim is None:
        return _page(request, village, next_path, form=form, unmatched=True, status=422)
    return go_on(request, claim, next_path)


def go_on(request: HttpRequest, claim: Claim, next_path: str) -> HttpResponse:
    """It is known who somebody is: on to the family that shares the number, else to where they wanted to go."""
    messages.success(request, _("您好，%(name)s，登记好了。") % {"name": claim.resident.name})
    if claim.relation == Claim.Relation.SELF and family_of(request.user, claim.resident):
        return redirect(address_of_who(claim.village, next_path, "me:family"))
    return redirect(next_path or address_of_who(claim.village))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def family(request: HttpRequest) -> HttpResponse:
    """Those of the household who share the number: whom the account acts for, too."""
    village, next_path = _asked(request)
    if village is None:
        raise Http404
    myself = person_of(request.user, village)
    members = family_of(request.user, myself) if myself else []
    onwards = next_path or address_of_who(village)
    if myself is None or not members:
        return redirect(onwards if myself else address_of_who(village, next_path))
    form = MembersForm(request.POST if request.method == "POST" else None, members=members)
    if form.is_valid():
        try:
            for claim in confirm_family(request.user, myself, form.cleaned_data["also"]):
                messages.success(request, _("您可以替%(name)s办事了。") % {"name": claim.resident.name})
        except ClaimError as refused:
            form.add_error(None, str(refused))
        else:
            return redirect(onwards)
    context = {"village": village, "trail": trail(village), "form": form, "myself": myself, "next": next_path}
    context["onwards"] = onwards
    return render(request, "residents/entry/family.html", context, status=422 if form.is_bound else 200)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Nothing matches by itself: two officers look at it."""
    village, next_path = _asked(request)
    if village is None:
        raise Http404
    if request.method != "POST":
        return redirect(address_of_who(village, next_path))
    form = AskForm(request.POST)
    if not form.is_valid():
        return _page(request, village, next_path, ask_form=form, status=422)
    data = form.cleaned_data
    try:
        claim_requests.ask(
            request.user,
            village,
            name=data["name"],
            birth_year=data["birth_year"],
            group=data["group"],
            note=data["note"],
        )
    except ClaimError as refused:
        form.add_error(None, str(refused))
        return _page(request, village, next_path, ask_form=form, status=STATUS[refused.code])
    messages.success(request, _("已经交给工作人员核对。办好了，您的页面上会看到。"))
    return redirect(address_of_who(village, next_path))


@login_required
@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take back what one asked the officers."""
    village, next_path = _asked(request)
    if village is None:
        raise Http404
    if claim_requests.withdraw(request.user, village, ref=request.POST.get("ref", "")):
        messages.success(request, _("申请已撤回。"))
    return redirect(address_of_who(village, next_path))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, village: str, ref: str) -> HttpResponse:
    """End one's own claim: what that means is read before."""
    claims = Claim.objects.confirmed().filter(user=request.user, village__slug=village, resident__ref=ref)
    claim = get_object_or_404(claims.select_related("village", "resident__household__group"))
    if request.method == "POST":
        end(claim, by=request.user, because="own_wish")
        messages.success(request, _("已解除。您不再替%(name)s办事。") % {"name": claim.resident.name})
        return redirect(address_of_who(claim.village))
    context: dict[str, Any] = {"village": claim.village, "trail": trail(claim.village), "claim": claim}
    context["back"] = address_of_who(claim.village)
    context["by_phone"] = bool(request.user.phone_hash)
    return render(request, "residents/entry/stop.html", context)
