"""A year of talking things over in figures: topics, meetings, who came, promises, what people thought of them.

Sums only, for one village or for many at once: the same five queries for any number of them. Shares are two whole
numbers ("7/9"); nothing is divided. Who came is told by group and by sex meeting by meeting as small_cells.py allows
and only then added up, so that no two readings of the page give away a few people.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any, TypeVar

from django.db.models import Count, Min, Q, QuerySet

from residents.models import Resident, Village

from .models import Attendance, FollowUp, FollowUpRating, Meeting, RosterEntry, Topic
from .quorum import Share, is_met
from .small_cells import shown_cells

# Begun and over: what is still being held changes every minute.
OVER = (Meeting.State.CLOSED, Meeting.State.RESULTS_PUBLISHED, Meeting.State.ARCHIVED, Meeting.State.ADJOURNED)
MONTHS = 12
_NONE_YET = (0,) * MONTHS

Key = TypeVar("Key", int, str)


@dataclass(frozen=True)
class Part:
    """So many of so many."""

    part: int = 0
    whole: int = 0

    def __str__(self) -> str:
        return f"{self.part}/{self.whole}"

    def __add__(self, other: Part) -> Part:
        return Part(self.part + other.part, self.whole + other.whole)

    @property
    def rank(self) -> Fraction:
        """What lists are sorted by; nothing of nothing comes before none of some."""
        return Fraction(self.part, self.whole) if self.whole else Fraction(-1)


@dataclass(frozen=True)
class Promises:
    """What became of what the year's meetings promised; each counts once. `late`: done, but after its first day."""

    kept: int = 0
    late: int = 0
    under_way: int = 0
    overdue: int = 0
    dropped: int = 0

    @property
    def number(self) -> int:
        return self.kept + self.late + self.under_way + self.overdue + self.dropped

    @property
    def done(self) -> Part:
        """Those done, of those whose day has passed or that have ended."""
        done = self.kept + self.late
        return Part(done, done + self.overdue + self.dropped)

    def __add__(self, other: Promises) -> Promises:
        return Promises(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True)
class Figures:
    """`answered`: in time, of those that were answered or should have been; `quorate`: enough came, of those held;
    `turnout` counts everybody who was there at some time, a proxy's grantor with them, once for each meeting.
    """

    topics: int = 0
    answered: Part = Part()
    meetings: int = 0
    quorate: Part = Part()
    turnout: Part = Part()
    promises: Promises = Promises()
    ratings: Mapping[str, int] = field(default_factory=dict)
    raised_by_month: Sequence[int] = _NONE_YET
    answered_by_month: Sequence[int] = _NONE_YET
    by_group: Mapping[int, Part] = field(default_factory=dict)
    by_sex: Mapping[str, Part] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.topics or self.meetings or self.promises.number or any(self.answered_by_month))


def total(figures: Iterable[Figures]) -> Figures:
    """All of them together. Groups of several villages are no groups of one: they stay away."""
    lines = list(figures)
    return Figures(
        topics=sum(one.topics for one in lines),
        answered=_sum(one.answered for one in lines),
        meetings=sum(one.meetings for one in lines),
        quorate=_sum(one.quorate for one in lines),
        turnout=_sum(one.turnout for one in lines),
        promises=sum((one.promises for one in lines), Promises()),
        ratings={key: sum(one.ratings.get(key, 0) for one in lines) for key in FollowUpRating.Answer.values},
        raised_by_month=_by_month(one.raised_by_month for one in lines),
        answered_by_month=_by_month(one.answered_by_month for one in lines),
        by_sex=_merged(one.by_sex for one in lines),
    )


def _sum(parts: Iterable[Part]) -> Part:
    return sum(parts, Part())


def _by_month(rows: Iterable[Sequence[int]]) -> tuple[int, ...]:
    return tuple(sum(month) for month in zip(_NONE_YET, *rows, strict=True))


def _merged(cells: Iterable[Mapping[Key, Part]]) -> dict[Key, Part]:
    found: dict[Key, Part] = {}
    for one in cells:
        for key, part in one.items():
            found[key] = found.get(key, Part()) + part
    return dict(sorted(found.items()))


def years_of(villages: Sequence[Village], *, today: datetime.date) -> list[int]:
    """From this year back to the first in which a topic was raised or a meeting was held; two queries."""
    zone = zoneinfo.ZoneInfo(villages[0].time_zone) if villages else datetime.UTC
    first = Topic.objects.filter(village__in=villages).aggregate(at=Min("raised_at"))["at"]
    held = Meeting.objects.filter(village__in=villages, state__in=OVER).aggregate(at=Min("opened_at"))["at"]
    known = [moment.astimezone(zone).year for moment in (first, held) if moment is not None]
    return list(range(today.year, min([today.year, *known]) - 1, -1))


def read_figures(villages: Sequence[Village], *, year: int, today: datetime.date, inside: bool) -> dict[int, Figures]:
    """Each village's figures of a year as they stand today, by the village's key.

    `inside`: for whoever reads what is the village's own. For everybody else promises count once the results of their
    meeting are public, and who came is not told by group and sex.
    """
    days = {village.pk: village for village in villages}
    topics, raised, answered = _topics(days, year, today)
    meetings, turnout = _meetings(days, year)
    groups, sexes = _who_came(meetings) if inside else ({}, {})
    promises, ratings = _promises(days, year, today, inside=inside)
    return {
        key: Figures(
            topics=topics[key].topics,
            answered=topics[key].answered,
            meetings=len(turnout[key]),
            quorate=Part(sum(one.reached for one in turnout[key]), len(turnout[key])),
            turnout=_sum(one.came for one in turnout[key]),
            promises=promises[key],
            ratings=ratings[key],
            raised_by_month=tuple(raised[key]),
            answered_by_month=tuple(answered[key]),
            by_group=groups.get(key, {}),
            by_sex=sexes.get(key, {}),
        )
        for key in days
    }


def _around(year: int) -> tuple[datetime.datetime, datetime.datetime]:
    """The year with a day on either side: which year it was is for each village's own clock to say."""
    start = datetime.datetime(year, 1, 1, tzinfo=datetime.UTC) - datetime.timedelta(days=1)
    return start, datetime.datetime(year + 1, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(days=1)


@dataclass
class _TopicSums:
    topics: int = 0
    in_time: int = 0
    due: int = 0

    @property
    def answered(self) -> Part:
        return Part(self.in_time, self.due)


def _topics(
    villages: Mapping[int, Village], year: int, today: datetime.date
) -> tuple[Mapping[int, _TopicSums], Mapping[int, list[int]], Mapping[int, list[int]]]:
    """Those raised in the year, and how many were raised and answered in each month of it."""
    sums: defaultdict[int, _TopicSums] = defaultdict(_TopicSums)
    raised: defaultdict[int, list[int]] = defaultdict(lambda: [0] * MONTHS)
    answers: defaultdict[int, list[int]] = defaultdict(lambda: [0] * MONTHS)
    around = _around(year)
    rows = Topic.objects.filter(Q(raised_at__range=around) | Q(ended_at__range=around), village__in=villages)
    for key, raised_at, state, ended_at, answer_by in rows.order_by().values_list(
        "village", "raised_at", "state", "ended_at", "answer_by"
    ):
        local = villages[key].local_date
        raised_on = local(raised_at)
        answered_on = local(ended_at) if ended_at is not None and state in Topic.ANSWERED else None
        if answered_on is not None and answered_on.year == year:
            answers[key][answered_on.month - 1] += 1
        if raised_on.year != year:
            continue
        raised[key][raised_on.month - 1] += 1
        line = sums[key]
        line.topics += 1
        overdue = state in Topic.OPEN and answer_by is not None and answer_by < today
        line.due += overdue or answered_on is not None
        line.in_time += answered_on is not None and (answer_by is None or answered_on <= answer_by)
    return sums, raised, answers


@dataclass(frozen=True)
class _Came:
    """One meeting: how many came of how many, and whether they were enough."""

    came: Part
    reached: bool


@dataclass(frozen=True)
class _Held:
    """The same, by group and by sex; not to be shown as it is."""

    village: int
    by_group: Mapping[int, Part]
    by_sex: Mapping[str, Part]


def _meetings(villages: Mapping[int, Village], year: int) -> tuple[Sequence[_Held], Mapping[int, list[_Came]]]:
    held = Meeting.objects.filter(village__in=villages, state__in=OVER, opened_at__range=_around(year))
    rows = [
        (key, village, rules, openings)
        for key, village, opened_at, rules, openings in held.order_by().values_list(
            "pk", "village", "opened_at", "rules", "openings"
        )
        if opened_at is not None and villages[village].local_date(opened_at).year == year
    ]
    entitled = _counted(RosterEntry.objects.filter(roster__meeting__in=held.values("pk")), "roster__meeting", "")
    there = Attendance.objects.filter(meeting__in=held.values("pk"), voided_at__isnull=True)
    present = _counted(there, "meeting", "entry__")
    lines: list[_Held] = []
    came: defaultdict[int, list[_Came]] = defaultdict(list)
    for key, village, rules, openings in rows:
        cells = {cell: Part(present[key].get(cell, 0), number) for cell, number in entitled[key].items()}
        all_of_them = _sum(cells.values())
        share = Share(rules["quorum_op"], rules["quorum_num"], rules["quorum_den"])
        # Nothing is put to the vote before enough are there.
        came[village].append(_Came(all_of_them, openings > 0 or is_met(all_of_them.part, all_of_them.whole, share)))
        by_group = _merged({group: part} for (group, _sex), part in cells.items())
        by_sex = _merged({sex: part} for (_group, sex), part in cells.items())
        lines.append(_Held(village, by_group, by_sex))
    return lines, came


def _counted(rows: QuerySet[Any], meeting: str, entry: str) -> Mapping[int, Mapping[tuple[int, str], int]]:
    """How many roster lines of each meeting, by group and sex."""
    names = (meeting, f"{entry}group_number", f"{entry}gender")
    lines = rows.order_by().values_list(*names).annotate(number=Count(entry.rstrip("_") or "pk", distinct=True))
    found: defaultdict[int, dict[tuple[int, str], int]] = defaultdict(dict)
    for key, group, sex, number in lines:
        found[key][group, sex] = number
    return found


def _shown(cells: Mapping[Key, Part]) -> dict[Key, Part]:
    allowed = shown_cells({key: part.whole for key, part in cells.items()})
    return {key: part for key, part in cells.items() if key in allowed}


def _who_came(lines: Sequence[_Held]) -> tuple[dict[int, dict[int, Part]], dict[int, dict[str, Part]]]:
    groups: defaultdict[int, list[Mapping[int, Part]]] = defaultdict(list)
    sexes: defaultdict[int, list[Mapping[str, Part]]] = defaultdict(list)
    for line in lines:
        groups[line.village].append(_shown(line.by_group))
        sexes[line.village].append(_shown(line.by_sex))
    return (
        {village: _merged(cells) for village, cells in groups.items()},
        {village: _known(_merged(cells)) for village, cells in sexes.items()},
    )


def _known(cells: Mapping[str, Part]) -> dict[str, Part]:
    """Without those whose sex the roll does not tell."""
    return {sex: cells[sex] for sex in Resident.Gender.values if sex in cells}


def _promises(
    villages: Mapping[int, Village], year: int, today: datetime.date, *, inside: bool
) -> tuple[Mapping[int, Promises], Mapping[int, dict[str, int]]]:
    """Of the year's meetings, with what people thought of what was done."""
    found: defaultdict[int, Promises] = defaultdict(Promises)
    ratings: defaultdict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(FollowUpRating.Answer.values, 0))
    rows = FollowUp.objects.filter(village__in=villages, meeting__opened_at__range=_around(year))
    answers = {key: Count("ratings", filter=Q(ratings__answer=key)) for key in FollowUpRating.Answer.values}
    named = ("village", "meeting__opened_at", "state", "due", "first_due", "ended_at", *answers)
    for line in (rows if inside else rows.public()).order_by().annotate(**answers).values_list(*named):
        key, opened_at, state, due, first_due, ended_at, *given = line
        local = villages[key].local_date
        if local(opened_at).year != year:
            continue
        found[key] += _one(state, due, first_due, local(ended_at) if ended_at else None, today)
        for answer, number in zip(answers, given, strict=True):
            ratings[key][answer] += number
    return found, ratings


def _one(
    state: str, due: datetime.date, first_due: datetime.date, ended_on: datetime.date | None, today: datetime.date
) -> Promises:
    if state == FollowUp.State.DROPPED:
        return Promises(dropped=1)
    if state == FollowUp.State.DONE:
        return Promises(late=1) if ended_on is not None and ended_on > first_due else Promises(kept=1)
    return Promises(overdue=1) if due < today else Promises(under_way=1)


COLUMNS: Mapping[str, Callable[[Figures], Any]] = {
    "topics": lambda one: one.topics,
    "answered": lambda one: (one.answered.rank, one.answered.whole),
    "meetings": lambda one: one.meetings,
    "quorate": lambda one: (one.quorate.rank, one.quorate.whole),
    "turnout": lambda one: (one.turnout.rank, one.turnout.whole),
    "done": lambda one: (one.promises.done.rank, one.promises.done.whole),
    "overdue": lambda one: one.promises.overdue,
}


def sorted_by(lines: Sequence[tuple[Village, Figures]], column: str, *, down: bool) -> list[tuple[Village, Figures]]:
    """By one of COLUMNS; those that are alike stay in their order."""
    return sorted(lines, key=lambda line: COLUMNS[column](line[1]), reverse=down)
