"""Events of the council's register, points of households and suggestions to amend, by their own rules."""

from __future__ import annotations

import datetime

from django.utils import timezone

from residents.models import Household, Resident, User, Village
from residents.two_people import decide
from tests.factories.residents import appoint, make_account, make_resident
from villagerules import council, point_categories, points, suggestions
from villagerules.council import Figures
from villagerules.models import (
    CeremonyEvent,
    EventKind,
    PointsCategory,
    PointsEntry,
    RuleSuggestion,
    RuleVersion,
    VillageRules,
)


def kind(key: str = "wedding") -> EventKind:
    council.seed_event_kinds()
    return EventKind.objects.get(key=key)


def make_event(household: Household, *, in_days: int = 12, about: str = "wedding", **fields: object) -> CeremonyEvent:
    """Registered by the system, on a day to come unless `in_days` is below 0."""
    planned = fields.pop("planned", Figures(tables=18, days=1))
    day = timezone.localdate() + datetime.timedelta(days=in_days)
    return council.register_event(
        village=household.village, household=household, kind=kind(about), on=day, planned=planned, by=None, **fields
    )


def make_officer(village: Village, role: str = "committee_member") -> User:
    person = make_resident(village)
    appoint(person, role)
    return make_account(person)


def make_category(version: RuleVersion, *, points: int = 5, **fields: object) -> PointsCategory:
    """Set by the village's rules in force, a year ago unless `from_on` says otherwise."""
    from_on = fields.pop("from_on", timezone.localdate())
    replaces = fields.pop("replaces", None)
    text = point_categories.CategoryText(label=str(fields.pop("label", "参加义务清塘")), points=points, **fields)
    return point_categories.set_category(
        version.village, text, from_on=from_on, by=None, version=version, replaces=replaces
    )


def make_entry(
    category: PointsCategory, household: Household, *, by: tuple[User, User] | None = None, **fields: object
) -> PointsEntry:
    """Entered by one officer and confirmed by another."""
    village = household.village
    first, other = by or (make_officer(village), make_officer(village))
    defaults = {"on": timezone.localdate(), "note": ""}
    entry = points.enter_points(village=village, household=household, category=category, by=first, **defaults | fields)
    decide(entry.proposal, by=other, accept=True)
    entry.refresh_from_db()
    return entry


def make_suggestion(rules: VillageRules, person: Resident | None = None, **fields: object) -> RuleSuggestion:
    defaults = {"text": "加一条：村道不晒谷。", "reason": "车子过不去。", "by": None}
    return suggestions.suggest(rules=rules, person=person or make_resident(rules.village), **defaults | fields)


def second_by(suggestion: RuleSuggestion, count: int, **options: object) -> list[Resident]:
    """So many new households second it."""
    people = [make_resident(suggestion.village) for _number in range(count)]
    for person in people:
        suggestions.second_suggestion(suggestion, person=person, by=None, **options)
    suggestion.refresh_from_db()
    return people
