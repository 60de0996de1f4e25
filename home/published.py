"""What each village has published, for the page of its township or county: a fixed number of queries for any number."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Max
from django.db.models.functions import Substr
from django.utils import timezone

from consultation.models import Meeting, Motion
from home.models import NewsPage, VillagePage
from residents.models import Village
from villagerules.models import RuleVersion

# What counts as held: it began, whatever came of it.
HELD = (
    Meeting.State.LIVE, Meeting.State.CLOSED, Meeting.State.RESULTS_PUBLISHED, Meeting.State.ARCHIVED,
    Meeting.State.ADJOURNED,
)  # fmt: skip


@dataclass(frozen=True)
class Published:
    """One village with what it has published: rules in force, and of this year meetings held and results."""

    village: Village
    rules: int
    meetings: int
    results: int
    last_notice_on: datetime.date | None


def published_by(villages: Sequence[Village], *, now: datetime.datetime) -> list[Published]:
    """In the order of the villages; five queries."""
    today = timezone.localdate(now)
    mine = [village.pk for village in villages]
    in_force = RuleVersion.objects.in_force(today).filter(village__in=mine).order_by()
    rules = dict(in_force.values_list("village").annotate(number=Count("rules", distinct=True)))
    held = Meeting.objects.filter(village__in=mine, state__in=HELD, starts_at__year=today.year).order_by()
    meetings = dict(held.values_list("village").annotate(number=Count("pk")))
    announced = Motion.objects.filter(
        village__in=mine, state=Motion.State.PUBLISHED, meeting__starts_at__year=today.year
    ).order_by()
    results = dict(announced.values_list("village").annotate(number=Count("pk")))
    notices = last_notices(mine)
    return [
        Published(
            village=village,
            rules=rules.get(village.pk, 0),
            meetings=meetings.get(village.pk, 0),
            results=results.get(village.pk, 0),
            last_notice_on=notices.get(village.pk),
        )
        for village in villages
    ]


def last_notices(villages: Collection[int]) -> Mapping[int, datetime.date]:
    """The day of the newest notice on each village's board; by where its pages stand in the tree."""
    paths = dict(VillagePage.objects.filter(village__in=villages).values_list("path", "village"))
    found: dict[int, datetime.date] = {}
    # Village pages stand at one depth, so this is one query.
    for length in {len(path) for path in paths}:
        notices = NewsPage.objects.live().annotate(stem=Substr("path", 1, length)).order_by()
        for stem, newest in (
            notices.filter(stem__in=[path for path in paths if len(path) == length])
            .values_list("stem")
            .annotate(newest=Max("published_on"))
        ):
            found[paths[stem]] = newest
    return found
