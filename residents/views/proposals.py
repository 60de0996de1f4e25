"""What waits for a second person in a village."""

from __future__ import annotations

import functools

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from residents import (  # noqa: F401  register what confirmed proposals do
    appointment_proposals,
    claim_requests,
    import_confirming,
    restoring,
    roll_edit_proposals,
    roll_imports,
)
from residents.background import confirm_import
from residents.forms import ReasonForm
from residents.models import Proposal, User, Village
from residents.models.proposals import ProposalQuerySet
from residents.rights import Act, granting, letters_of, may
from residents.step_up import ask
from residents.two_people import TwoPeopleError, asks_again, check_decider, decide, may_decide, right_for
from ui.answers import refuse

from .doors import village_door
from .roll import trail

SHOWN_PAST = 20
REFRESH_SECONDS = 3


def _seen_by(user: User, village: Village) -> ProposalQuerySet:
    """All for those who read the log; a meeting's officers, who confirm who somebody is, see that and nothing else."""
    lines = Proposal.objects.of(village)
    return lines if may(user, Act.READ_AUDIT, village) else lines.filter(kind=Proposal.Kind.CLAIM)


@village_door("GET", act=Act.READ_AUDIT, or_act=Act.APPROVE_CLAIM)
def proposals(request: HttpRequest, village: Village) -> HttpResponse:
    """Waiting ones with buttons, then those that were decided last."""
    seen = _seen_by(request.user, village)
    waiting = seen.waiting().select_related("proposed_by")
    past = seen.exclude(state=Proposal.State.PROPOSED)
    lines = [
        (
            one,
            one.proposed_by_id == request.user.pk,
            may_decide(request.user, one),
            import_confirming.is_confirming(one),
            import_confirming.refused(one),
        )
        for one in waiting
    ]
    context = {
        "village": village,
        "trail": trail(village),
        "waiting": lines,
        "past": past.select_related("proposed_by", "decided_by")[:SHOWN_PAST],
    }
    response = render(request, "residents/roll/proposals.html", context)
    if any(confirming for *_one, confirming, _refused in lines):
        response["Refresh"] = str(REFRESH_SECONDS)
    return response


@village_door("POST", act=Act.READ_AUDIT, or_act=Act.APPROVE_CLAIM)
def decide_proposal(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """Confirm, send back, or withdraw one's own."""
    proposal = _seen_by(request.user, village).filter(number=number).first()
    if proposal is None:
        raise Http404
    form = ReasonForm(request.POST)
    note = form.cleaned_data["reason"] if form.is_valid() else ""
    accept = request.POST.get("answer") == "confirm"
    if not accept and not note and proposal.proposed_by_id != request.user.pk:
        messages.error(request, _("退回时请写明原因，好让提出的人知道怎么改。"))
        return redirect("residents:proposals", village=village.slug)
    if accept and asks_again(proposal.kind):
        asked = ask(request, granting(letters_of(request.user, village), right_for(proposal.kind)), again=True)
        if asked is not None:
            return asked
    if accept and import_confirming.is_large(proposal):
        return _confirm_large(request, village, proposal)
    try:
        done = decide(proposal, by=request.user, accept=accept, note=note)
    except TwoPeopleError as error:
        return refuse(request, error.code, error.message, back=request.path.rsplit("/", 2)[0] + "/")
    messages.success(request, _("已办理：%(what)s。") % {"what": f"{done.summary}（{done.get_state_display()}）"})
    return redirect("residents:proposals", village=village.slug)


def _confirm_large(request: HttpRequest, village: Village, proposal: Proposal) -> HttpResponse:
    """What takes long is written by the worker; the list tells when it is done. Refused at once what can be."""
    try:
        check_decider(proposal, by=request.user)
    except TwoPeopleError as error:
        return refuse(request, error.code, error.message, back=request.path.rsplit("/", 2)[0] + "/")
    if import_confirming.begin(proposal, request.user):
        transaction.on_commit(functools.partial(confirm_import.enqueue, proposal.pk, request.user.pk))
        messages.success(request, _("已确认，正在写入名册。写好以后，这一页会列在“办过的”里。"))
    return redirect("residents:proposals", village=village.slug)
