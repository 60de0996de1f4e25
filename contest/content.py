"""A contest's settings, criteria, awards and stages as a file or a template writes them (schema contest/1)."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import models

from residents.seeding import add_missing, data_in

from .models import Award, Contest, ContestTemplate, Criterion, Stage

FILE = Path(__file__).parent / "data" / "templates.yaml"
# What the file calls a setting of its own name for.
_SAME = (
    "form", "scope", "time_zone", "kinds", "months_in_force", "predecessor_counts", "must_be_filed",
    "entries_per_village", "grace_seconds", "tie_rule", "recusal_rule",
)  # fmt: skip
_NAMED = {
    "organizer": "organizers", "eligibility": "conditions", "public_score_method": "public_method",
    "expert_score_method": "expert_method",
}  # fmt: skip
_OF_VOTING = {
    "show_counts": "counts_shown", "may_change": "may_change", "voters": "voters", "hidden_hours": "hidden_hours",
    "ballots_per_device": "ballots_per_device",
}  # fmt: skip


def seed_templates(model: type[models.Model] = ContestTemplate) -> int:
    """Add the templates that are missing; how many."""
    return add_missing(model, data_in(FILE), by=("slug",))


def settings_in(content: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of Contest that the content speaks of."""
    found = {name: content[name] for name in _SAME if name in content}
    found |= {field: content[name] for name, field in _NAMED.items() if name in content}
    if "weights" in content:
        found["expert_share"] = content["weights"]["expert"]
    voting = content.get("voting") or {}
    found |= {field: voting[name] for name, field in _OF_VOTING.items() if name in voting}
    if "picks_per_ballot" in voting:
        found |= {"picks_min": voting["picks_per_ballot"]["min"], "picks_max": voting["picks_per_ballot"]["max"]}
    return found


def criteria_in(content: Mapping[str, Any], contest: Contest) -> list[Criterion]:
    """Not saved yet, in their order."""
    return [
        Criterion(
            contest=contest, key=row["key"], label=row["label"], description=row.get("description", ""),
            most=Decimal(str(row["max"])), position=position,
        )
        for position, row in enumerate(content.get("criteria") or (), start=1)
    ]  # fmt: skip


def awards_in(content: Mapping[str, Any], contest: Contest) -> list[Award]:
    """Not saved yet, best first."""
    return [
        Award(contest=contest, name=row["name"], count=row["count"], position=position)
        for position, row in enumerate(content.get("awards") or (), start=1)
    ]


def stages_in(content: Mapping[str, Any], contest: Contest, *, first_day: datetime.date | None = None) -> list[Stage]:
    """Not saved yet. A stage says `opens` and `closes`, or one `date`: days, the last of them included, or moments;
    with `first_day` numbers are days after it."""
    zone = zoneinfo.ZoneInfo(contest.time_zone)

    def begin(value: Any) -> datetime.datetime:
        if isinstance(value, datetime.datetime):
            return value if value.tzinfo else value.replace(tzinfo=zone)
        if isinstance(value, int) and first_day is not None:
            value = first_day + datetime.timedelta(days=value)
        return datetime.datetime.combine(value, datetime.time(), zone)

    def end(value: Any) -> datetime.datetime:
        if isinstance(value, datetime.datetime):
            return begin(value)
        if isinstance(value, int) and first_day is not None:
            value = first_day + datetime.timedelta(days=value)
        return begin(value + datetime.timedelta(days=1))

    rows: Sequence[Mapping[str, Any]] = content.get("stages") or ()
    return [
        Stage(
            contest=contest, key=row["key"], label=row["label"], position=position,
            opens_at=begin(row["date"] if "date" in row else row["opens"]),
            closes_at=end(row["date"] if "date" in row else row["closes"]),
            quota=row.get("quota"), checks=row.get("checks") or [],
        )
        for position, row in enumerate(rows, start=1)
    ]  # fmt: skip
