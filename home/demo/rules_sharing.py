"""Rules of the demo that are shared, model clauses among them, and the township's yearly check of one."""

from __future__ import annotations

from typing import Any

from residents.models import Village
from villagerules import clauses, yearly
from villagerules.models import ClauseTheme, VillageRules

from .files import Days


def load_sharing(document: dict[str, Any], days: Days) -> None:
    """What is missing of it; a village that took its agreement back keeps it so."""
    themes = {one.slug: one for one in ClauseTheme.objects.all()}
    for row in document["shared"]:
        rules = _rules(row)
        version = rules.version_in_force(days.today)
        if version is None or rules.model_clauses.exists():
            continue
        clauses.share_rules(rules, shared=True, by=None)
        for anchor, names in row["clauses"].items():
            clauses.pick_clause(version, anchor, themes=[themes[name] for name in names], by=None)
    for row in document["checks"]:
        version = _rules(row).version_in_force(days.today)
        if version is not None and not version.yearly_checks.exists():
            on = days.after(-row["days_ago"])
            yearly.check_rules(version, on=on, result=row["result"], words=row["words"], by=None)


def _rules(row: dict[str, Any]) -> VillageRules:
    return VillageRules.objects.of(Village.objects.get(slug=row["village"])).get(slug=row["slug"])
