"""How many valid public votes each entry of a contest has."""

from __future__ import annotations

from django.db.models import Count

from .models import Contest, ContestPick, ContestVote, CountedVotes, Entry


def valid_votes(contest: Contest) -> dict[int, int]:
    """By the entry's key in the database; an entry that nobody picked may be missing.

    Totals that were brought in with a past contest count where there are any, otherwise the valid ballots do.
    """
    brought_in = CountedVotes.objects.filter(entry__contest=contest).values_list("entry_id", "valid")
    return dict(brought_in) or _picks_of_valid_ballots(contest)


def _picks_of_valid_ballots(contest: Contest) -> dict[int, int]:
    """Held and rejected ballots do not count, nor picks of entries that have gone out since."""
    valid = ContestPick.objects.filter(
        vote__contest=contest, vote__state=ContestVote.State.COUNTED, entry__state__in=Entry.ON_SHOW
    )
    return dict(valid.values_list("entry_id").annotate(Count("pk")).order_by())
