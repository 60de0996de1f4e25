"""Topics as residents raise them."""

from __future__ import annotations

from consultation import topics
from consultation.models import Topic, TopicCategory
from consultation.topic_categories import seed_topic_categories
from residents.models import Resident, Village

from .residents import make_resident


def category(village: Village, key: str = "facilities") -> TopicCategory:
    seed_topic_categories()
    return TopicCategory.objects.get(key=key, applies_to=village.kind)


def make_topic(
    village: Village, person: Resident | None = None, *, about: str = "facilities", **fields: object
) -> Topic:
    """Raised by somebody of the village, who is made when none is given."""
    defaults = {
        "village": village,
        "person": person or make_resident(village),
        "title": "井边的路灯坏了",
        "text": "三组井边的路灯坏了两个月，晚上打水看不见。",
        "category": category(village, about),
        "by": None,
    }
    return topics.raise_topic(**defaults | fields)


def second_by(topic: Topic, count: int, **options: object) -> list[Resident]:
    """So many new households second it."""
    people = [make_resident(topic.village) for _number in range(count)]
    for person in people:
        topics.second(topic, person=person, by=None, **options)
    topic.refresh_from_db()
    return people
