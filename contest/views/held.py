"""Held votes: two officers decide by the signals, never told for whom they are; and what everybody may read of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from contest import quarantine
from contest.errors import ContestRefused
from contest.models import Contest, VoteDecision
from contest.signal_words import KINDS, signals_in_words
from contest.standings import standings
from contest.vote_forms import DecisionForm
from residents.forms import ReasonForm
from residents.two_people import TwoPeopleError
from ui.answers import STATUS, is_no_form, refuse, refuse_no_form

from .vote_doors import contest_door, officers_door, trail_of

SHOWN_PAST = 50
BATCHES_SHOWN = 400  # a form has 500 fields at most


@officers_door("GET", "POST")
@never_cache
def held(request: HttpRequest, contest: Contest) -> HttpResponse:
    """What is held, by batch; one officer proposes what becomes of those that are ticked."""
    quarantine.drop_undecided(contest)
    found = quarantine.batches(contest)[:BATCHES_SHOWN]
    clusters = [one.cluster for one in found]
    if request.method != "POST":
        return _page(request, contest, found, DecisionForm(clusters=clusters))
    if is_no_form(request):
        return refuse_no_form(request, back=request.path)
    form = DecisionForm(request.POST, clusters=clusters)
    if not form.is_valid():
        return _page(request, contest, found, form, status=422)
    asked = form.cleaned_data
    try:
        quarantine.propose_decision(
            contest, asked["batches"], release=asked["what"] == "release", reason=asked["reason"], by=request.user
        )
    except ContestRefused as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return _page(request, contest, found, form, status=STATUS[error.code])
    messages.success(request, _("提出了。请另一位主办方的人确认，确认以后才办。"))
    return redirect(contest.address("held"))


def _by_kind(found: list[quarantine.Batch], form: DecisionForm, ticked: set[str]) -> list[dict[str, Any]]:
    """Batches of which the same signals speak, together: 200 addresses of one campaign are looked at as one thing."""
    groups: dict[str, list[quarantine.Batch]] = {}
    for one in found:
        groups.setdefault("-".join([one.kind, *one.signals]), []).append(one)
    told = []
    for kind, batches in groups.items():
        signals: Counter[str] = Counter()
        for one in batches:
            signals.update(one.signals)
        told.append(
            {
                "kind": kind,
                "label": KINDS.get(batches[0].kind, ""),
                "batches": batches,
                "count": sum(one.count for one in batches),
                "young": sum(one.young for one in batches),
                "first_at": min(one.first_at for one in batches),
                "last_at": max(one.last_at for one in batches),
                "signals": signals_in_words(signals),
                "shown": f"{kind}|{','.join(one.cluster for one in batches)}",
                "ticked": kind in form.ticked_kinds(),
                "open": any(one.cluster in ticked for one in batches),
            }
        )
    return sorted(told, key=lambda one: -one["count"])


def _page(
    request: HttpRequest, contest: Contest, found: list[quarantine.Batch], form: DecisionForm, status: int = 200
) -> HttpResponse:
    ticked = set(form["batches"].value() or []) if form.is_bound else set()
    decisions = contest.vote_decisions.select_related("proposal__proposed_by", "proposal__decided_by")
    context = {
        "contest": contest,
        "trail": trail_of(contest),
        "form": form,
        "kinds": _by_kind(found, form, ticked),
        "ticked": ticked,
        "total": sum(one.count for one in found),
        "waiting": [
            (one, quarantine.decision_in_words(one), one.proposal.proposed_by_id == request.user.pk)
            for one in decisions.filter(outcome=VoteDecision.Outcome.WAITING)
        ],
        "past": decisions.exclude(outcome=VoteDecision.Outcome.WAITING).order_by("-number")[:SHOWN_PAST],
        "numbers": quarantine.public_numbers(contest),
    }
    return render(request, "contest/held.html", context, status=status)


@officers_door("POST")
def settle(request: HttpRequest, contest: Contest, number: int) -> HttpResponse:
    """The second officer confirms or sends back; who proposed it withdraws."""
    decision = get_object_or_404(contest.vote_decisions.select_related("proposal", "contest"), number=number)
    back = contest.address("held")
    form = ReasonForm(request.POST)
    note = form.cleaned_data["reason"] if form.is_valid() else ""
    accept = request.POST.get("answer") == "confirm"
    own = decision.proposal is not None and decision.proposal.proposed_by_id == request.user.pk
    if not accept and not note and not own:
        return refuse(request, "invalid", _("退回时请写明原因，好让提出的人知道怎么改。"), field="reason", back=back)
    try:
        quarantine.settle_decision(decision, by=request.user, accept=accept, note=note)
    except TwoPeopleError as error:
        return refuse(request, error.code, error.message, back=back)
    messages.success(request, _("办好了。") if accept else _("退回了，这些票仍然暂扣。"))
    return redirect(back)


@contest_door("GET")
def progress(request: HttpRequest, contest: Contest) -> HttpResponse:
    """For everybody: how many ballots there are, what was held and decided and why, and coarsely how it stands."""
    found = standings(contest, timezone.now())
    context = {
        "contest": contest,
        "trail": trail_of(contest),
        "numbers": quarantine.public_numbers(contest),
        "decided": [(one, signals_in_words(one.signals)) for one in quarantine.decided(contest)],
        "hidden": found.hidden.label if found.hidden is not None else "",
        "thirds": [(third.label, entries) for third, entries in found.entries.items() if entries],
    }
    response = render(request, "contest/progress.html", context)
    response["Cache-Control"] = "no-store"
    return response
