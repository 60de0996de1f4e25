"""How many judges of a contest still have sheets to fill in."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from .models import Contest


def judges_unfinished(contest: Contest) -> int:
    """Judges with at least one sheet to score that is not done."""
    sheets: Any = apps.all_models["contest"].get("assignment")  # not there before judging is
    if sheets is None:
        return 0
    waiting = sheets.objects.filter(judge__contest=contest).to_score().filter(done_at=None)
    return int(waiting.values("judge").distinct().count())
