"""What judges have not finished yet."""

from __future__ import annotations

from .models import Assignment, Contest, Entry


def judges_unfinished(contest: Contest) -> int:
    """How many judges of the contest have a sheet of an entry on show that they have not finished."""
    sheets = Assignment.objects.filter(judge__contest=contest, entry__state__in=Entry.ON_SHOW)
    return sheets.to_score().filter(done_at=None).values("judge").distinct().count()
