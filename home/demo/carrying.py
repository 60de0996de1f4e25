"""How rules are carried out in the demo: the council's register, points, suggestions, all by their own rules."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from typing import Any

from residents.models import Claim, Household, Resident, User, Village
from residents.two_people import decide
from villagerules import council, objections, point_categories, points, suggestions
from villagerules.council import Figures
from villagerules.models import Article, CeremonyEvent, EventKind, PointsCategory, RuleSuggestion, VillageRules

from .files import Days
from .meetings import person_named

_FIGURES = ("tables", "days", "gift", "cost")


def load_events(row: dict[str, Any], days: Days) -> None:
    """A village's register, unless it has one."""
    village = Village.objects.get(slug=row["village"])
    if CeremonyEvent.objects.of(village).exists():
        return
    homes = _homes(village)
    for told in row["each"]:
        person = person_named(village, told["person"]) if "person" in told else None
        on = days.after(told["in_days"])
        event = council.register_event(
            village=village, household=person.household if person else next(homes), person=person, by=None, on=on,
            kind=EventKind.objects.get(key=told["kind"]), planned=_figures(told),
            helpers=council.council_of(village, on=days.today)[:1],
            at=days.moment(min(days.today, on - datetime.timedelta(days=12)), "09:00"),
        )  # fmt: skip
        if "came" in told:
            council.note_outcome(event, _figures(told["came"]), by=None)
    if "past" in row:
        _past(village, row["past"], homes, days)


def _figures(told: dict[str, Any]) -> Figures:
    return Figures(**{name: told.get(name) for name in _FIGURES})


def _homes(village: Village) -> Iterator[Household]:
    """Made-up households whom no account is, one after the other."""
    return iter(Household.objects.of(village).filter(representative__claims__isnull=True).order_by("-number")[:60])


def _past(village: Village, told: dict[str, Any], homes: Iterator[Household], days: Days) -> None:
    """Events of a year that is over, enough of them to be told in sums."""
    year = days.today.year - told["year_ago"]
    for key in ("wedding", "funeral"):
        for number, home in enumerate(itertools.islice(homes, told[key])):
            on = datetime.date(year, 1 + number % 12, 6 + number)
            event = council.register_event(
                village=village, household=home, kind=EventKind.objects.get(key=key), on=on, by=None,
                planned=Figures(tables=18, cost=20_000 + 500 * number),
                at=days.moment(on - datetime.timedelta(days=10 if key == "wedding" else 0), "09:00"),
            )  # fmt: skip
            council.note_outcome(
                event, Figures(tables=12 + number % 6, days=1, cost=17_000 + 300 * number), by=None,
                at=days.moment(on + datetime.timedelta(days=3), "10:00"),
            )  # fmt: skip


def load_points(row: dict[str, Any], days: Days) -> None:
    """A village's categories and lines, unless it has some."""
    village = Village.objects.get(slug=row["village"])
    if PointsCategory.objects.of(village).exists():
        return
    rules = VillageRules.objects.of(village).get(slug=row["rules"])
    version = rules.version_in_force(days.today)
    began = version.effective_on if version is not None else None
    since = max(days.after(-row["since_days"]), began or days.today)
    categories = [
        point_categories.set_category(
            village, point_categories.CategoryText(**told), from_on=since, by=None, version=version
        )
        for told in row["categories"]
    ]
    first, other = (_account(person_named(village, name)) for name in row["officers"])
    for told in row["entries"]:
        _entry(village, categories, told, (first, other), days)
    many = row["many"]
    for home in itertools.islice(_homes(village), many["households"]):
        line = points.enter_points(
            village=village, household=home, category=categories[many["category"] - 1],
            on=days.after(-many["days_ago"]), note="", by=first,
        )  # fmt: skip
        decide(line.proposal, by=other, accept=True)


def _entry(
    village: Village, categories: list[PointsCategory], told: dict[str, Any], by: tuple[User, User], days: Days
) -> None:
    person = person_named(village, told["person"])
    line = points.enter_points(
        village=village, household=person.household, category=categories[told["category"] - 1],
        on=days.after(-told["days_ago"]), note=told.get("note", ""), by=by[0],
    )  # fmt: skip
    if "waits" in told:
        return
    decide(line.proposal, by=by[1], accept=True)
    if "named" in told:
        points.agree_to_name(line, person=person, agreed=True)
    if "objects" in told:
        objections.object_to(line, text=told["objects"], person=person, by=None)


def _account(person: Resident) -> User:
    return Claim.objects.confirmed().get(resident=person, relation=Claim.Relation.SELF).user


def load_suggestion(row: dict[str, Any], days: Days) -> None:
    """One suggestion to amend, unless the village has one of these words."""
    village = Village.objects.get(slug=row["village"])
    if RuleSuggestion.objects.of(village).filter(text=row["text"]).exists():
        return
    rules = VillageRules.objects.of(village).get(slug=row["rules"])
    version = rules.version_in_force(days.today)
    article = Article.objects.of(village).get(chapter__version=version, number=row["article"])
    at = days.moment(days.after(-row["days_ago"]), "20:00")
    made = suggestions.suggest(
        rules=rules, person=person_named(village, row["raised_by"]), text=row["text"], reason=row["reason"], by=None,
        lineage=article.lineage, at=at,
    )  # fmt: skip
    for number, home in enumerate(itertools.islice(_homes(village), row["households"] - 1), start=1):
        later = at + datetime.timedelta(minutes=50 * number)
        suggestions.second_suggestion(made, person=home.representative, by=None, at=later)
