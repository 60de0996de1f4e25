"""Ballots that look made are held apart, none is ever deleted; two officers decide, and what they decide is published.

Held ones do not count until released. All are weighed again as more come in: what looks odd later is held then,
and what no longer does goes back by itself. What officers decided stays, whatever comes in after. Officers judge by the
signals: nothing here, and no page, tells them for which entries held ballots are.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import Proposal, User
from residents.rights import Act, may, may_over
from residents.two_people import NotWaiting, decide, handler, propose

from . import signals
from .ballot_locks import stop_voting
from .errors import Incomplete, NotAllowed, WrongState
from .models import Contest, ContestPick, ContestVote, VoteDecision
from .models.votes import REASON_MOST
from .signal_words import signals_in_words
from .stages import moment_words

ROWS = 500  # of one statement
Outcome = VoteDecision.Outcome


@dataclass(frozen=True)
class Batch:
    """Held ballots that are looked at together: one place, one telephone, one burst. `signals` counts by code."""

    cluster: str
    count: int
    first_at: datetime.datetime
    last_at: datetime.datetime
    signals: dict[str, int]
    young: int  # of accounts made within the hour before
    places: int

    @property
    def kind(self) -> str:
        """ "a" for an address, "n" a network, "d" a telephone, "b" a burst, as it begins the mark."""
        return self.cluster[:1]

    @property
    def name(self) -> str:
        """The first digits of its mark, which mean nothing outside of this contest."""
        return self.cluster[2:8]


@dataclass(frozen=True)
class PublicNumbers:
    """What everybody may know of the ballots."""

    received: int
    held: int
    released: int
    rejected: int


def may_release(user: User | AnonymousUser, contest: Contest) -> bool:
    """Whether the account is one of those who decide about held ballots, by two."""
    if not user.is_authenticated:
        return False
    if contest.village is not None:
        return may(user, Act.RELEASE_VOTES, contest.village)
    return contest.region is not None and may_over(user, Act.RELEASE_VOTES, contest.region)


def weigh_again(contest: Contest, *, always: bool = False) -> tuple[int, int]:
    """Weigh all ballots together; how many are held from now on and how many go back among the counted.

    Nothing is done (0, 0) once the scores are locked, or when no ballot came or changed since the last time, unless
    `always`. Voters need not wait meanwhile.
    """
    if contest.state != Contest.State.ANNOUNCED:
        return 0, 0
    votes = ContestVote.objects.filter(contest=contest)
    drop_undecided(contest)
    stand = votes.aggregate(count=Count("pk"), cast=Max("cast_at"), changed=Max("changed_at"), decided=Max("decision"))
    name, now_at = f"contest-weighed:{contest.pk}", str(stand)
    if not stand["count"] or (not always and cache.get(name) == now_at):
        return 0, 0
    with transaction.atomic():
        _one_at_a_time(contest)
        found = signals.weigh(_casts(contest), per_device=contest.ballots_per_device)
        open_ones = votes.filter(decision=None)
        counted = set(open_ones.counted().values_list("pk", flat=True))
        held = dict(open_ones.held().values_list("pk", "reasons"))
        hold = {pk: one for pk, one in found.items() if one.held and (pk in counted or pk in held)}
        new = sum(_note(open_ones, group, one) for one, group in _grouped(hold).items())
        back = _let_go(open_ones, [pk for pk in held if pk not in hold])
        if new or back:
            record(
                action="weigh_votes", subject=contest, village_id=contest.village_id, held=new, let_go=back,
            )  # fmt: skip
    cache.set(name, now_at, 3600)
    return new, back


def _one_at_a_time(contest: Contest) -> None:
    """Two that go through the same ballots would wait for each other. Voters do not wait for this lock."""
    Contest.objects.select_for_update(of=("self",), no_key=True).get(pk=contest.pk)


def _casts(contest: Contest) -> list[signals.Cast]:
    picks: defaultdict[int, set[int]] = defaultdict(set)
    for vote_id, entry_id in ContestPick.objects.filter(vote__contest=contest).values_list("vote_id", "entry_id"):
        picks[vote_id].add(entry_id)
    rows = ContestVote.objects.filter(contest=contest).values_list(
        "pk", "cast_at", "device", "address", "network", "age_under", "on_roll"
    )
    return [
        signals.Cast(pk, at.timestamp(), device, address, network, age, on_roll, frozenset(picks[pk]))
        for pk, at, device, address, network, age, on_roll in rows
    ]


def _grouped(hold: dict[int, signals.Suspicion]) -> dict[signals.Suspicion, list[int]]:
    groups: defaultdict[signals.Suspicion, list[int]] = defaultdict(list)
    for pk, one in hold.items():
        groups[one].append(pk)
    return groups


def _note(votes: Any, keys: list[int], one: signals.Suspicion) -> int:
    """Hold these for these reasons; how many were counted until now."""
    new = 0
    for rows in _in_rows(keys):
        those = votes.filter(pk__in=rows)
        new += those.counted().count()
        those.update(
            state=ContestVote.State.QUARANTINED, score=one.score, reasons=list(one.reasons), cluster=one.cluster
        )
    return new


def _let_go(votes: Any, keys: list[int]) -> int:
    return sum(
        votes.held().filter(pk__in=rows).update(state=ContestVote.State.COUNTED, score=0, reasons=[], cluster="")
        for rows in _in_rows(keys)
    )


def _in_rows(keys: list[int]) -> Iterable[list[int]]:
    return (keys[start : start + ROWS] for start in range(0, len(keys), ROWS))


def batches(contest: Contest) -> list[Batch]:
    """What is held and nobody has proposed to decide yet, the largest first."""
    groups: defaultdict[str, list[ContestVote]] = defaultdict(list)
    for vote in ContestVote.objects.filter(contest=contest, decision=None).held():
        groups[vote.cluster].append(vote)
    found = [
        Batch(
            cluster=cluster,
            count=len(group),
            first_at=min(one.cast_at for one in group),
            last_at=max(one.cast_at for one in group),
            signals=_signals(group),
            young=sum(one.age_under is not None and one.age_under <= signals.YOUNG_MINUTES for one in group),
            places=len({one.address for one in group}),
        )
        for cluster, group in groups.items()
    ]
    return sorted(found, key=lambda one: (-one.count, one.cluster))


def _signals(group: Iterable[ContestVote]) -> dict[str, int]:
    count = Counter(reason for one in group for reason in one.reasons)
    return {reason: count[reason] for reason in signals.REASONS if count[reason]}


@transaction.atomic
def propose_decision(
    contest: Contest, clusters: Collection[str], *, release: bool, reason: str, by: User
) -> VoteDecision:
    """One of two officers proposes to release or reject all that is held now of these batches, with the reason that is
    published; what comes into them afterwards is not part of it.

    Raises NotAllowed, Incomplete without a reason or ballots, WrongState once the scores are locked.
    """
    if not may_release(by, contest):
        raise NotAllowed(_("暂扣的票由主办方的两个人核查。"))
    contest = stop_voting(contest)
    if contest.state != Contest.State.ANNOUNCED:
        raise WrongState(_("分数已经锁定，不能再处理暂扣的票。"))
    drop_undecided(contest)
    reason = reason.strip()
    if not reason:
        raise Incomplete(_("请写明理由，这句话会公布。"), "reason")
    if len(reason) > REASON_MOST:
        raise Incomplete(_("理由最多 %(most)s 个字，请写短一点。") % {"most": REASON_MOST}, "reason")
    votes = list(ContestVote.objects.filter(contest=contest, decision=None, cluster__in=clusters).held())
    if not votes:
        raise Incomplete(_("请先勾选要处理的票。刚才勾的可能已经处理了，请看看现在的。"), "batches")
    asked = Outcome.RELEASED if release else Outcome.REJECTED
    decision = VoteDecision(
        contest=contest, number=contest.vote_decisions.count() + 1, asked=asked, reason=reason, count=len(votes),
        first_at=min(one.cast_at for one in votes), last_at=max(one.cast_at for one in votes), signals=_signals(votes),
    )  # fmt: skip
    decision.proposal = propose(
        kind=Proposal.Kind.RELEASE_VOTES,
        summary=_("%(contest)s：%(count)s 张暂扣的票，%(what)s")
        % {"contest": contest.title, "count": len(votes), "what": Outcome(asked).label},
        payload={"contest": contest.pk, "number": decision.number, "words": decision_in_words(decision)},
        by=by,
        village=contest.village,
        region=contest.region,
    )
    decision.save()
    for rows in _in_rows([one.pk for one in votes]):
        ContestVote.objects.filter(pk__in=rows).update(decision=decision)
    return decision


def decision_in_words(decision: VoteDecision) -> list[list[str]]:
    """What the second officer reads: never for which entries the ballots are."""
    contest = decision.contest
    times = f"{moment_words(contest, decision.first_at)} – {moment_words(contest, decision.last_at)}"
    return [
        [_("票数"), str(decision.count)],
        [_("投票时间"), times],
        [_("迹象"), signals_in_words(decision.signals)],
        [_("提出"), str(Outcome(decision.asked).label)],
        [_("公布的理由"), decision.reason],
    ]


@transaction.atomic
def settle_decision(decision: VoteDecision, *, by: User, accept: bool, note: str = "") -> VoteDecision:
    """The second officer confirms or sends back with a reason; who proposed it may withdraw. Raises TwoPeopleError."""
    if decision.proposal is None:
        raise NotWaiting(_("这件事已经办过、退回或者过期了，请刷新页面看看。"))
    decide(decision.proposal, by=by, accept=accept, note=note)
    drop_undecided(decision.contest)
    decision.refresh_from_db()
    return decision


@handler(Proposal.Kind.RELEASE_VOTES, Act.RELEASE_VOTES, step_up=True)
def _confirm(proposal: Proposal, by: User) -> None:
    decision = VoteDecision.objects.select_related("contest").filter(proposal=proposal).first()
    if decision is None or decision.outcome != Outcome.WAITING:
        raise NotWaiting(_("这件事已经办过、退回或者过期了，请刷新页面看看。"))
    if stop_voting(decision.contest).state != Contest.State.ANNOUNCED:
        raise NotWaiting(_("分数已经锁定，不能再处理暂扣的票。"))
    release = decision.asked == Outcome.RELEASED
    ContestVote.objects.filter(decision=decision).held().update(
        state=ContestVote.State.COUNTED if release else ContestVote.State.REJECTED
    )
    decision.outcome, decision.decided_at = decision.asked, timezone.now()
    decision.save(update_fields=["outcome", "decided_at"])
    record(
        action="decide_votes", subject=decision.contest, village_id=decision.contest.village_id, actor=by,
        number=decision.number, outcome=decision.outcome, count=decision.count, reason=decision.reason,
    )  # fmt: skip


def drop_undecided(contest: Contest) -> None:
    """Ballots of proposals that were sent back, withdrawn or forgotten wait for another one."""
    late = Q(proposal=None) | ~Q(proposal__state=Proposal.State.PROPOSED) | Q(proposal__expires_at__lte=timezone.now())
    dropped = contest.vote_decisions.filter(late, outcome=Outcome.WAITING)
    if not dropped.exists():
        return
    with transaction.atomic():
        _one_at_a_time(contest)
        for decision in dropped.all():
            ContestVote.objects.filter(decision=decision).update(decision=None)
            decision.outcome = Outcome.DROPPED
            decision.save(update_fields=["outcome"])


def require_none_held(contest: Contest) -> None:
    """Before the scores are locked: all ballots are weighed a last time, and every held one has been decided on.

    Raises WrongState with the number that waits.
    """
    weigh_again(contest, always=True)
    held = ContestVote.objects.filter(contest=contest).held().count()
    if held:
        raise WrongState(
            _("还有 %(count)s 张暂扣的票没有处理。请先由两个人决定计入还是不计入，再锁定分数。") % {"count": held}
        )


def public_numbers(contest: Contest) -> PublicNumbers:
    """How many ballots came and what became of those that were held; brings no entry into it."""
    states = Counter(dict(contest.votes.values_list("state").annotate(Count("pk")).order_by()))
    released = contest.votes.filter(decision__outcome=Outcome.RELEASED).count()
    return PublicNumbers(
        received=states.total(),
        held=states[ContestVote.State.QUARANTINED],
        released=released,
        rejected=states[ContestVote.State.REJECTED],
    )


def decided(contest: Contest) -> list[VoteDecision]:
    """What two officers decided, for everybody to read."""
    return list(contest.vote_decisions.filter(outcome__in=[Outcome.RELEASED, Outcome.REJECTED]))
