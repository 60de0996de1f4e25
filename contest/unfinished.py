"""How many judges of a contest still have sheets to fill in."""

from __future__ import annotations

from django.apps import apps

from .models import Contest


def judges_unfinished(contest: Contest) -> int:
    """Judges with at least one sheet to score that is not done."""
    if "assignment" not in apps.all_models["contest"]:  # judging is not there yet
        return 0
    sheets = apps.get_model("contest", "Assignment").objects.filter(judge__contest=contest)
    return sheets.to_score().filter(done_at=None).values("judge").distinct().count()
