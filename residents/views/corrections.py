"""What people say is wrong on the roll, for its keepers: change it (two people) or answer why not."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from audit.log import record
from residents import corrections as rules
from residents.forms import ReasonForm
from residents.models import Correction, Proposal, Resident, RollLook, Village
from residents.rights import Act

from .doors import village_door
from .roll_doors import roll_trail

SHOWN = 50
SHOWN_PAST = 20


def _of(village: Village) -> QuerySet[Correction]:
    return Correction.objects.of(village).select_related("resident__household__group", "proposal", "decided_by")


def asked_for(request: HttpRequest, village: Village, one: Resident) -> Correction | None:
    """The open correction of `?correction=`, which must be this person's. A wished phone is a look at it, and kept."""
    number = request.GET.get("correction", "")
    if not (number.isdecimal() and len(number) < 9):
        return None
    found = _of(village).filter(number=int(number), resident=one).first()
    if found is None or not rules.is_open(found):
        return None
    if found.about == Correction.About.PHONE and request.method == "GET":
        with transaction.atomic():
            RollLook.objects.create(
                village=village, resident=one, what=RollLook.What.PHONE, reason=_("办理本人的更正申请"),
                by=request.user, by_name=request.user.get_full_name()[:60],
            )  # fmt: skip
            record(action="see_phone", subject=one, village_id=village.pk, actor=request.user)
    return found


@village_door("GET", act=Act.IMPORT_ROLL)
def corrections(request: HttpRequest, village: Village) -> HttpResponse:
    """Open ones with the two ways to answer, then those that were answered last."""
    return _list(request, village)


def _list(request: HttpRequest, village: Village, *, number: int = 0, error: str = "") -> HttpResponse:
    asked = _of(village)
    waiting = [one for one in asked.open().order_by("pk")[: 4 * SHOWN] if rules.is_open(one)][:SHOWN]
    settled = Q(state__in=[Correction.State.REFUSED, Correction.State.WITHDRAWN]) | Q(
        proposal__state__in=[Proposal.State.DONE, Proposal.State.PROPOSED]
    )
    context = {
        "village": village,
        "trail": roll_trail(village),
        "waiting": [(one, _shown(one), error if one.number == number else "") for one in waiting],
        "past": [(one, rules.state_in_words(one)) for one in asked.filter(settled)[:SHOWN_PAST]],
        "typed": request.POST.get("reason", "") if error else "",
    }
    response = render(request, "residents/roll/corrections.html", context, status=422 if error else 200)
    response["Cache-Control"] = "no-store"
    return response


def _shown(one: Correction) -> str:
    """The wish; of a phone only that it is one: it is seen, and logged, where the change is typed."""
    if one.about == Correction.About.PHONE:
        return _("新号码在“去改名册”里看，会记下来。")
    return rules.wish_of(one)


@village_door("POST", act=Act.IMPORT_ROLL)
def answer_no(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """The roll stays as it is; the person reads why."""
    one = _of(village).filter(number=number).first()
    if one is None:
        raise Http404
    form = ReasonForm(request.POST)
    answer = form.cleaned_data["reason"].strip() if form.is_valid() else ""
    if not answer:
        return _list(request, village, number=number, error=_("请写明为什么不改，本人会看到。"))
    try:
        rules.answer_no(one, answer=answer, by=request.user)
    except rules.CorrectionError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已答复，本人在“我的资料”里看得到。"))
    return redirect("residents:corrections", village=village.slug)
