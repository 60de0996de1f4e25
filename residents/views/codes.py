"""The code on a household's paper: typed or scanned, looked at without being spent, used once; and its printing."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from residents import entry_codes
from residents.claims import ClaimError, TooOften
from residents.entry_forms import CodeForm, PickForm, PrintForm
from residents.models import EntryCode, User, Village
from residents.offices import person_of
from residents.phone_accounts import agreed
from residents.roll_reading import Reading
from ui.answers import refuse
from ui.limits import too_often

from .roll_doors import reading_door, roll_trail, trail
from .who import address_of_who

PRINTS_AN_HOUR = 60


def _who_asks(request: HttpRequest) -> dict[str, Any]:
    user = request.user if request.user.is_authenticated else None
    return {"user": user, "address": get_adapter().get_client_ip(request)}


def _too_often(request: HttpRequest, refused: ClaimError) -> HttpResponse:
    return refuse(request, "slow_down", str(refused), retry_after=3600, back=reverse("account_login"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter_code(request: HttpRequest) -> HttpResponse:
    """Where the code is typed."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            entry_codes.find_code(form.cleaned_data["code"], **_who_asks(request))
        except TooOften as refused:
            return _too_often(request, refused)
        except ClaimError as refused:
            form.add_error("code", str(refused))
        else:
            return redirect("code:use", code=entry_codes.digits_of(form.cleaned_data["code"]))
    return render(request, "residents/entry/code.html", {"form": form}, status=422 if form.is_bound else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def use_code(request: HttpRequest, code: str) -> HttpResponse:
    """What the QR code on the paper opens. Only the button spends it: chat apps fetch every address they see."""
    user = request.user if request.user.is_authenticated else None
    try:
        found = entry_codes.find_code(code, **_who_asks(request))
    except TooOften as refused:
        return _too_often(request, refused)
    except ClaimError as refused:
        used = entry_codes.spent_by(user, code) if user is not None else None
        if used is not None:
            return redirect(address_of_who(used.village))
        return refuse(request, "not_found", str(refused), back=reverse("code:enter"))
    members = list(entry_codes.grown_ups(found.village).filter(household=found.household))
    if not members:
        return refuse(request, "not_found", _("这一户现在没有成年人在名册上，请找村（居）委会核对。"), back="/")
    myself = person_of(user, found.village) if user is not None else None
    if members == [myself]:  # nobody else to act for
        return redirect(address_of_who(found.village))
    form = PickForm(
        request.POST if request.method == "POST" else None,
        members=[one for one in members if one != myself],
        knows_me=myself is not None,
        consented=user is not None and bool(user.consented_at),
    )
    # Without a phone somebody first says so: an account by phone opens again by itself, one by paper does not.
    alone = user is not None or request.method == "POST" or "alone" in request.GET
    if form.is_valid():
        answer = _use(request, found, form, user)
        if answer is not None:
            return answer
    context = {
        "code": entry_codes.digits_of(code),
        "village": found.village,
        "household": found.household,
        "trail": trail(found.village),
        "form": form,
        "members": members,
        "myself": myself,
        "alone": alone,
        "by_sms": bool(settings.SMS_GATEWAY),
        "sign_in_url": f"{reverse('account_login')}?{urlencode({'next': request.path})}",
    }
    return render(request, "residents/entry/household.html", context, status=422 if form.is_bound else 200)


def _use(request: HttpRequest, found: EntryCode, form: PickForm, user: User | None) -> HttpResponse | None:
    """Spend the code; None when it may not be, with the reason in the form."""
    people = {one.ref: one for one in entry_codes.grown_ups(found.village).filter(household=found.household)}
    chosen = people.get(form.cleaned_data.get("myself", ""))
    also = [people[ref] for ref in form.cleaned_data["also"] if ref in people]
    try:
        account, claims = entry_codes.use_code(user, found, myself=chosen, also=also)
    except ClaimError as refused:
        form.add_error(None, str(refused))
        return None
    if "consent" in form.cleaned_data:
        agreed(account)
    if user is None:
        login(request, account, backend="residents.backends.AccountBackend")
    names = "、".join(claim.resident.name for claim in claims)
    messages.success(request, _("登记好了：%(names)s。") % {"names": names})
    return redirect(address_of_who(found.village))


@reading_door("GET", "POST")
def print_codes(request: HttpRequest, village: Village, reading: Reading) -> HttpResponse:
    """Sheets for households: the administrator's whole village, a leader's own group."""
    if reading.groups is None and not reading.edits:
        return refuse(request, "forbidden", _("代码由村（社区）管理员或者小组长打印。"))
    homes = entry_codes.households_to_print(village)
    if reading.groups is not None:
        homes = homes.filter(group__in=reading.groups)
    groups = list(reading.groups if reading.groups is not None else village.groups.order_by("number"))
    number = request.GET.get("household", "")
    chosen = homes.filter(number=int(number)).first() if number.isdecimal() and len(number) < 9 else None
    form = PrintForm(
        request.POST if request.method == "POST" else None,
        groups=groups,
        initial={
            "households": (chosen.own_number or chosen.number) if chosen else "",
            "without_account": chosen is None,
                 "print_name": entry_codes.new_print()},
    )  # fmt: skip
    if form.is_valid():
        asked = form.cleaned_data
        if asked["without_account"]:
            homes = homes.filter(pk__in=entry_codes.households_to_print(village, without_account=True))
        if asked["group"]:
            homes = homes.filter(group__number=int(asked["group"]))
        if asked["households"]:
            homes = entry_codes.households_named(homes, asked["households"])
        if too_often(f"print-codes:{request.user.pk}", limit=PRINTS_AN_HOUR, seconds=3600):
            return refuse(request, "slow_down", _("打印得太频繁了，请过一会儿再试。"), retry_after=3600)
        try:
            sheets = entry_codes.print_codes(
                village, list(homes[: entry_codes.AT_ONCE + 1]), by=request.user, print_name=asked["print_name"]
            )
        except ClaimError as refused:
            form.add_error(None, str(refused))
        else:
            return _sheets(request, village, sheets)
    context = {
        "village": village,
        "trail": roll_trail(village),
        "form": form,
        "waiting": EntryCode.objects.of(village).usable().count(),
        "used": EntryCode.objects.of(village).filter(used_at__isnull=False).count(),
    }
    response = render(request, "residents/entry/print.html", context, status=422 if form.is_bound else 200)
    response["Cache-Control"] = "no-store"
    return response


def _sheets(request: HttpRequest, village: Village, sheets: list[entry_codes.PrintedCode]) -> HttpResponse:
    people = entry_codes.grown_ups(village).filter(household__in=[one.household for one in sheets])
    heads: dict[int, str] = {}
    for one in people:  # the head first
        heads.setdefault(one.household_id, one.name)
    context = {
        "village": village,
        "trail": roll_trail(village),
        "slips": [
            (one, f"{settings.PUBLIC_URL}{reverse('code:use', args=[one.code])}", heads.get(one.household.pk, ""))
            for one in sheets
        ],
        "today": timezone.localdate(),
        "enter_url": f"{settings.PUBLIC_URL}{reverse('code:enter')}",
    }
    response = render(request, "residents/entry/sheets.html", context)
    response["Cache-Control"] = "no-store"
    return response
