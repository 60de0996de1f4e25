"""The yearly ledger of a village (议事协商台账): what was called, decided and promised, what was raised and answered.

A reading only, and of words the village reads anyway: no names of residents, and an opinion or a result not before it
was signed or announced.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce, ExtractYear
from django.utils.translation import gettext as _

from residents.models import Village

from .models import AgendaItem, Attendance, Decision, FollowUp, Meeting, Minutes, Motion, Outcome, Topic
from .topic_reads import counts_of
from .wording import ballots_in_words, unit_words

_UNRESOLVED = (Motion.State.ANNULLED, Motion.State.DISPUTED, Motion.State.INTERRUPTED)
_SIGNED = (Minutes.State.SIGNED, Minutes.State.PUBLISHED, Minutes.State.ARCHIVED)


@dataclass(frozen=True)
class MeetingLine:
    """One meeting or consultation; `present` None where nobody was ever signed in."""

    meeting: Meeting
    on: datetime.date
    kind: str
    binding: bool
    topics: Sequence[str]
    entitled: int | None
    present: int | None
    unit: str
    results: Sequence[str]
    opinion: str
    follow_ups: Sequence[FollowUp]


@dataclass(frozen=True)
class TopicLine:
    """One topic with its answer: `days` from raising to it; `late` when it came, or is still to come, after its day."""

    topic: Topic
    title: str
    on: datetime.date
    seconds: int
    ended_on: datetime.date | None
    days: int | None
    late: bool
    meetings: Sequence[int]


@dataclass(frozen=True)
class Ledger:
    village: Village
    year: int
    meetings: Sequence[MeetingLine]
    topics: Sequence[TopicLine]
    on: datetime.date
    motions: int
    carried: int

    @property
    def consultations(self) -> int:
        return sum(not line.binding for line in self.meetings)

    @property
    def answered(self) -> int:
        return sum(line.topic.is_answered for line in self.topics)

    @property
    def late(self) -> int:
        return sum(line.late for line in self.topics)

    @property
    def follow_ups(self) -> list[FollowUp]:
        return [one for line in self.meetings for one in line.follow_ups]

    @property
    def done(self) -> int:
        return sum(one.state == FollowUp.State.DONE for one in self.follow_ups)


@dataclass(frozen=True)
class YearOfLedger:
    """A year that can be chosen, and how much there is in it."""

    year: int
    meetings: int
    topics: int


def _bounds(village: Village, year: int) -> tuple[datetime.datetime, datetime.datetime]:
    """The year as the village's clocks have it, half open."""
    zone = zoneinfo.ZoneInfo(village.time_zone)
    return datetime.datetime(year, 1, 1, tzinfo=zone), datetime.datetime(year + 1, 1, 1, tzinfo=zone)


def _meetings_of(village: Village) -> QuerySet[Any]:  # the annotation is not the model's
    """Everything that was announced, on the day it was opened, or else was to be."""
    return Meeting.objects.of(village).announced().annotate(held_at=Coalesce("opened_at", "starts_at"))


def years_of(village: Village, *, today: datetime.date) -> list[YearOfLedger]:
    """From this year (or the last one announced) back to the first in which there was anything."""
    zone = zoneinfo.ZoneInfo(village.time_zone)

    def by_year(rows: QuerySet[Any], field: str) -> dict[int, int]:
        counted = rows.order_by().annotate(year=ExtractYear(field, tzinfo=zone)).values_list("year")
        return dict(counted.annotate(number=Count("pk")))

    meetings = by_year(_meetings_of(village), "held_at")
    topics = by_year(Topic.objects.of(village), "raised_at")
    known = {*meetings, *topics, today.year}
    return [
        YearOfLedger(year, meetings.get(year, 0), topics.get(year, 0)) for year in range(max(known), min(known) - 1, -1)
    ]


def read_ledger(village: Village, *, year: int, today: datetime.date) -> Ledger:
    """The ledger of a year as it stands today; of a year in which nothing happened an empty one."""
    start, end = _bounds(village, year)
    meetings = list(
        _meetings_of(village)
        .filter(held_at__gte=start, held_at__lt=end)
        .select_related("village", "roster", "minutes", "preset__law")
        .order_by("held_at", "number")
    )
    decisions = _standing(meetings)
    return Ledger(
        village=village,
        year=year,
        meetings=_meeting_lines(village, meetings, decisions),
        topics=_topic_lines(village, start, end, today),
        on=today,
        motions=sum(decision.motion.is_voted for decision in decisions.values()),
        carried=sum(decision.outcome == Outcome.CARRIED for decision in decisions.values()),
    )


def _standing(meetings: Iterable[Meeting]) -> dict[int, Decision]:
    """The result that stands now of every motion that was announced, by the motion's key."""
    found = Decision.objects.published().filter(motion__meeting__in=meetings).select_related("motion")
    return {decision.motion_id: decision for decision in found.order_by("version")}


def _meeting_lines(village: Village, meetings: list[Meeting], decisions: dict[int, Decision]) -> list[MeetingLine]:
    present = dict(
        Attendance.objects.filter(meeting__in=meetings, voided_at__isnull=True)
        .order_by()
        .values_list("meeting")
        .annotate(Count("entry", distinct=True))
    )
    topics: defaultdict[int, list[str]] = defaultdict(list)
    for item in AgendaItem.objects.filter(meeting__in=meetings, topic__isnull=False).select_related("topic"):
        if item.topic is not None:
            words = {"number": item.topic.number, "title": item.topic.published_title or item.topic.title}
            topics[item.meeting_id].append(_("%(number)s 号：%(title)s") % words)
    results: defaultdict[int, list[str]] = defaultdict(list)
    told = Q(pk__in=decisions) | Q(state__in=_UNRESOLVED)
    for motion in Motion.objects.filter(told, meeting__in=meetings).order_by("meeting", "number"):
        results[motion.meeting_id].append(_result(motion, decisions.get(motion.pk)))
    follow_ups: defaultdict[int, list[FollowUp]] = defaultdict(list)
    for one in FollowUp.objects.filter(meeting__in=meetings).select_related("village").order_by("number"):
        follow_ups[one.meeting_id].append(one)
    lines = []
    for meeting in meetings:
        rules, minutes, roster = meeting.procedure, getattr(meeting, "minutes", None), getattr(meeting, "roster", None)
        lines.append(
            MeetingLine(
                meeting=meeting,
                on=village.local_date(meeting.opened_at or meeting.starts_at),
                kind=rules["label"],
                binding=rules["binding"],
                topics=topics[meeting.pk],
                entitled=roster.entitled_count if roster else None,
                present=present.get(meeting.pk),
                unit=unit_words(rules["electorate"]),
                results=results[meeting.pk],
                opinion=minutes.opinion if minutes and minutes.state in _SIGNED else "",
                follow_ups=follow_ups[meeting.pk],
            )
        )
    return lines


def _result(motion: Motion, decision: Decision | None) -> str:
    """修水渠：通过（赞成 5，反对 1，弃权 0；应到 8，实到 6）; without a result, why there is none."""
    if decision is None:
        return _("%(text)s：%(outcome)s") % {"text": motion.text, "outcome": motion.get_state_display()}
    if not motion.is_voted:
        told = decision.words or motion.referred_to
        return _("%(text)s：%(outcome)s") % {"text": motion.text, "outcome": decision.outcome_label} + (
            _("（%(words)s）") % {"words": told} if told else ""
        )
    counts = ballots_in_words(motion, decision.cast) + _("，").join(decision.told)
    return _("%(text)s：%(outcome)s（%(counts)s；应到 %(entitled)s，实到 %(present)s）") % {
        "text": motion.text,
        "outcome": decision.outcome_label,
        "counts": counts,
        "entitled": decision.entitled,
        "present": decision.present,
    }


def _topic_lines(
    village: Village, start: datetime.datetime, end: datetime.datetime, today: datetime.date
) -> list[TopicLine]:
    """Those raised in that time; what became of them may lie after it."""
    topics = list(
        Topic.objects.of(village)
        .filter(raised_at__gte=start, raised_at__lt=end)
        .select_related("category", "merged_into", "village")
        .order_by("number")
    )
    counts = counts_of(topics, on=today)
    meetings: defaultdict[int, list[int]] = defaultdict(list)
    announced = AgendaItem.objects.filter(topic__in=topics).exclude(meeting__state=Meeting.State.PREPARING)
    for topic, number in announced.order_by("meeting__number").values_list("topic", "meeting__number"):
        meetings[topic].append(number)
    lines = []
    for one in topics:
        on, ended_on = village.local_date(one.raised_at), village.local_date(one.ended_at) if one.ended_at else None
        answered_on = ended_on if one.is_answered else None
        due = one.answer_by
        lines.append(
            TopicLine(
                topic=one,
                # The committee's own words for it once there are any: a resident's may name a neighbour.
                title=one.published_title or one.title,
                on=on,
                seconds=counts.get(one.pk, 0),
                ended_on=ended_on,
                days=(answered_on - on).days if answered_on else None,
                late=one.is_overdue(today) or (answered_on is not None and due is not None and answered_on > due),
                meetings=list(dict.fromkeys(meetings[one.pk])),
            )
        )
    return lines
