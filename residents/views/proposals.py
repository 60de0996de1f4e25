"""What waits for a second person in a village."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from residents import (  # noqa: F401  register what confirmed proposals do
    appointment_proposals,
    claim_requests,
    restoring,
    roll_edit_proposals,
    roll_imports,
)
from residents.forms import ReasonForm
from residents.models import Proposal, User, Village
from residents.models.proposals import ProposalQuerySet
from residents.rights import Act, granting, letters_of, may
from residents.step_up import ask
from residents.two_people import TwoPeopleError, asks_again, decide, right_for
from ui.answers import refuse

from .doors import village_door
from .roll import trail

SHOWN_PAST = 20


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
        (one, one.proposed_by_id == request.user.pk, may(request.user, right_for(one.kind), village)) for one in waiting
    ]
    context = {
        "village": village,
        "trail": trail(village),
        "waiting": lines,
        "past": past.select_related("proposed_by", "decided_by")[:SHOWN_PAST],
    }
    return render(request, "residents/roll/proposals.html", context)


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
    try:
        done = decide(proposal, by=request.user, accept=accept, note=note)
    except TwoPeopleError as error:
        return refuse(request, error.code, error.message, back=request.path.rsplit("/", 2)[0] + "/")
    messages.success(request, _("已办理：%(what)s。") % {"what": f"{done.summary}（{done.get_state_display()}）"})
    return redirect("residents:proposals", village=village.slug)
