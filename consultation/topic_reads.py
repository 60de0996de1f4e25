"""Topics as somebody looks at them: whose they are, who seconds them, what is to be done about them next."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.db.models import Count, F, QuerySet

from residents.models import Claim, Household, Resident, User, Village

from .models import AgendaItem, Meeting, Seconding, Topic
from .people import people_of
from .seconding import count_of


def households_of(user: User, village: Village, *, on: datetime.date) -> list[tuple[Household, Resident]]:
    """The households the account may act for today, each with the member it acts for: itself before those it helps."""
    found: dict[int, tuple[Household, Resident]] = {}
    for person in people_of(user, village, on=on):
        found.setdefault(person.household_id, (person.household, person))
    return list(found.values())


def seconds_count(topic: Topic, *, on: datetime.date) -> int:
    """How many households second it, each once, by the roll of that day; frozen once it has ended."""
    return count_of(topic, Seconding.objects.of(topic.village).filter(topic=topic), on=on)


def counts_of(topics: Iterable[Topic], *, on: datetime.date) -> dict[int, int]:
    """The same for many at once, by key; one query."""
    lines = list(topics)
    standing = Seconding.objects.filter(topic__in=[one for one in lines if one.seconds_count is None]).standing(on)
    counted = dict(standing.order_by().values_list("topic").annotate(number=Count("pk")))
    return counted | {one.pk: one.seconds_count for one in lines if one.seconds_count is not None}


def raised_by(topic: Topic, user: User) -> bool:
    """Whether the account is, or helps, the person who raised it."""
    mine = Claim.objects.of(topic.village).confirmed().filter(user=user, resident=topic.raised_by_id)
    return bool(user.is_authenticated) and mine.exists()


def may_be_merged_into(topic: Topic) -> QuerySet[Topic]:
    """The topics it may go into: others that are open or that were taken up."""
    others = Topic.objects.of(topic.village).filter(state__in=[*Topic.OPEN, Topic.State.ACCEPTED])
    return others.exclude(pk=topic.pk)


def meetings_about(topic: Topic) -> QuerySet[Meeting]:
    """The meetings that have it on their agenda, the newest first; those in preparation are known to few."""
    there = Meeting.objects.of(topic.village).filter(agenda__topic=topic).exclude(state=Meeting.State.CANCELLED)
    return (
        there.exclude(state=Meeting.State.PREPARING).select_related("village", "preset").order_by("-number").distinct()
    )


def to_be_discussed(village: Village) -> QuerySet[Topic]:
    """What the committee took up or passed on and no meeting has on its agenda yet, the oldest first."""
    planned = AgendaItem.objects.of(village).exclude(meeting__state=Meeting.State.CANCELLED).filter(topic__isnull=False)
    taken_up = Topic.objects.of(village).filter(state__in=Topic.ON_AGENDA)
    return taken_up.exclude(pk__in=planned.values("topic")).order_by("number")


def by_urgency(topics: QuerySet[Topic]) -> QuerySet[Topic]:
    """Those whose last day comes first before those without one; then the newest."""
    return topics.order_by(F("answer_by").asc(nulls_last=True), "-number")
