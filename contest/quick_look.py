"""What can be told of one ballot at once, beside those that are there; all are weighed together a minute later."""

from __future__ import annotations

from collections.abc import Collection

from . import signals
from .models import ContestVote


def looks_odd(vote: ContestVote, entries: Collection[int]) -> None:
    """Hold a ballot that is about to be kept, by its reasons, when its telephone has had its number of them, or when
    others for one of the same entries (by key) from the same place are held already as a campaign's."""
    here = ContestVote.objects.filter(contest=vote.contest_id)
    # More than the limit are held afterwards too, so nobody needs to wait for the others on the same telephone.
    if vote.device and here.filter(device=vote.device).count() >= vote.contest.ballots_per_device:
        _hold(vote, (signals.SHARED_DEVICE,), f"d-{vote.device}")
    elif not vote.on_roll and vote.address:
        like = here.held().filter(address=vote.address, picks__entry__in=entries, decision=None)
        for one in like.filter(cluster=f"a-{vote.address}", on_roll=False)[:1]:
            _hold(vote, one.reasons, one.cluster)


def _hold(vote: ContestVote, reasons: Collection[str], cluster: str) -> None:
    vote.state = ContestVote.State.QUARANTINED
    vote.reasons, vote.cluster = list(reasons), cluster
    vote.score = sum(signals.POINTS[one] for one in reasons)
