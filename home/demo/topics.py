"""Topics in every state, by the same rules that real ones are raised, seconded and answered under."""

from __future__ import annotations

import datetime
from typing import Any

from consultation import topics
from consultation.models import AgendaItem, Topic, TopicCategory
from residents.models import Appointment, Household, Resident, Role, User, Village

from .files import Days
from .meetings import person_named


def load_topic(row: dict[str, Any], days: Days) -> None:
    """One topic, unless the village has one of that title."""
    village = Village.objects.get(slug=row["village"])
    if Topic.objects.of(village).filter(title=row["title"]).exists():
        return
    at = days.moment(_day(row, "raised_on", days), "10:00")
    # Made-up people whom the demo's accounts are not: the first to vote for a household, in order.
    neighbours = _neighbours(village)
    author = person_named(village, row["raised_by"]) if row["raised_by"] else neighbours.pop()
    topic = topics.raise_topic(
        village=village,
        person=author,
        title=row["title"],
        text=row["text"],
        category=TopicCategory.objects.get(key=row["category"], applies_to=village.kind),
        show_name=bool(row["raised_by"]),
        by=None,
        at=at,
    )
    others = [one for one in neighbours if one.household_id != author.household_id]
    for number, person in enumerate(others[: row["households"] - 1]):
        topics.second(topic, person=person, by=None, at=at + datetime.timedelta(minutes=40 * (number + 1)))
    if "answer" in row:
        _answer(topic, row["answer"], days)
    if "agenda" in row:
        items = AgendaItem.objects.of(village).filter(meeting__title=row["agenda"]["meeting"])
        items.filter(number__in=row["agenda"]["items"]).update(topic=topic)


def _day(row: dict[str, Any], name: str, days: Days) -> datetime.date:
    """A fixed day of the files, or so many days before the demo day."""
    fixed = days.date(row.get(name))
    return fixed or days.after(-row["days_ago"])


def _answer(topic: Topic, row: dict[str, Any], days: Days) -> None:
    into = Topic.objects.of(topic.village).filter(title=row["into"]).first() if "into" in row else None
    said = topics.Answer(
        state=Topic.State(row["state"]),
        reason=row["reason"],
        published_title=row.get("title", topic.title),
        sent_to=row.get("sent_to", ""),
        into=into,
    )
    topics.answer(topic, said, by=_chair(topic.village), at=days.moment(_day(row, "answered_on", days), "15:00"))


def _neighbours(village: Village) -> list[Resident]:
    homes = Household.objects.of(village).filter(representative__claims__isnull=True, representative__note="")
    voters = homes.select_related("representative").order_by("number")[:40]
    return [home.representative for home in voters if home.representative is not None]


def _chair(village: Village) -> User | None:
    office = Appointment.objects.of(village).filter(role=Role.COMMITTEE_CHAIR, resident__claims__isnull=False).first()
    claim = office.resident.claims.first() if office and office.resident else None
    return claim.user if claim else None
