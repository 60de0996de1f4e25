"""What people read of opinions on rules: on one article, how many on each, what waits to be looked at, one's own."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from consultation.locks import database_now
from residents.models import Claim, Resident, User, Village

from .drafting import figure
from .models import Opinion, OpinionReport, RuleVersion


@dataclass(frozen=True)
class Reader:
    """Who reads: as which person of the roll, whether working on the draft, whether letting opinions through."""

    person: Resident | None = None
    works: bool = False
    moderates: bool = False


@dataclass(frozen=True)
class Said:
    """An opinion as one reader finds it."""

    opinion: Opinion
    own: bool
    words: bool  # whether this reader reads them
    reported: bool  # by this reader
    reports: Sequence[OpinionReport]  # that wait to be decided, for who decides
    overdue: bool  # nobody has looked at it for too long, for who should

    @property
    def to_look_at(self) -> bool:
        one = self.opinion
        return bool(self.reports) or not (one.is_released or one.hidden_because)


def read_by(opinions: Iterable[Opinion], reader: Reader, *, late: datetime.datetime | None) -> list[Said]:
    """Opinions of one village, for one reader; `late`: what came before and was not looked at is overdue. One query."""
    lines = list(opinions)
    reports = OpinionReport.objects.filter(opinion__in=lines)
    waiting: dict[int, list[OpinionReport]] = {}
    if reader.moderates:
        for one in reports.filter(decided_at__isnull=True):
            waiting.setdefault(one.opinion_id, []).append(one)
    mine: set[int] = set()
    if reader.person is not None:
        mine = set(reports.filter(reporter=reader.person).values_list("opinion", flat=True))
    found = []
    for line in lines:
        own = reader.person is not None and line.author_id == reader.person.pk
        looked_at = line.is_released or bool(line.hidden_because)
        found.append(
            Said(
                line,
                own=own,
                words=own or reader.works or reader.moderates or line.is_readable,
                reported=line.pk in mine,
                reports=waiting.get(line.pk, ()),
                overdue=reader.moderates and not looked_at and late is not None and line.at < late,
            )
        )
    return found


def visible_to(version: RuleVersion, reader: Reader) -> Iterable[Opinion]:
    """All for who works on the draft or lets opinions through; else those of which others are told, and one's own."""
    found = version.opinions.select_related("reply", "author", "entered_by").order_by("number")
    if reader.works or reader.moderates:
        return found
    own = Q(author=reader.person) if reader.person is not None else Q(pk__in=())
    return found.filter(Q(pk__in=version.opinions.told().values("pk")) | own)


def unanswered_first(opinions: Iterable[Opinion], reader: Reader) -> list[Opinion]:
    """For who works on the draft; everybody else reads them by their number."""
    lines = list(opinions)
    return sorted(lines, key=lambda one: (one.answer is not None, one.number)) if reader.works else lines


def said_on(version: RuleVersion, lineage: uuid.UUID | None, reader: Reader) -> list[Said]:
    """On one article or stanza, or on the whole, in the order in which it was said."""
    here = [one for one in visible_to(version, reader) if one.lineage == lineage]
    return read_by(here, reader, late=late_before(version))


def counts(version: RuleVersion) -> Mapping[uuid.UUID | None, int]:
    """How many others read on each article or stanza, None the whole; one query."""
    rows = version.opinions.readable().order_by().values("lineage").annotate(number=Count("pk"))
    return {row["lineage"]: row["number"] for row in rows}


def late_before(version: RuleVersion) -> datetime.datetime | None:
    """What was said before that moment should have been looked at by now (the county's figure `opinion_seen`)."""
    days = figure(version, "opinion_seen")
    if days is None or days.days is None:
        return None
    return database_now() - datetime.timedelta(days=days.days)


@dataclass(frozen=True)
class ToLookAt:
    """What waits for somebody who lets opinions through, of one version."""

    version: RuleVersion
    number: int
    overdue: int
    reported: int


def to_look_at(village: Village) -> list[ToLookAt]:
    """The versions of a village with opinions to look at."""
    found = []
    waiting = Opinion.objects.of(village).to_look_at()
    for version in RuleVersion.objects.of(village).filter(pk__in=waiting.values("version")).select_related("rules"):
        version.village = village
        lines = list(waiting.filter(version=version).select_related("reply"))
        late = late_before(version)
        new = [one for one in lines if not one.is_released and not one.hidden_because]
        overdue = sum(1 for one in new if late is not None and one.at < late)
        found.append(ToLookAt(version, len(lines), overdue, len(lines) - len(new)))
    return found


def answered_to(user: User, *, since: datetime.datetime) -> Iterable[Opinion]:
    """The account's own opinions that were answered since, the newest answer first."""
    itself = Claim.objects.confirmed().filter(user=user, relation=Claim.Relation.SELF)
    found = Opinion.objects.filter(author__in=itself.values("resident"), village__is_practice=False)
    found = found.filter(reply__at__gte=since).order_by("-reply__at")
    return found.select_related("reply", "version__rules", "version__village")


def decided_for(user: User, *, since: datetime.datetime) -> Iterable[OpinionReport]:
    """What became of what the account reported."""
    found = OpinionReport.objects.filter(entered_by=user, decided_at__gte=since, village__is_practice=False)
    return found.select_related("opinion__version__rules", "opinion__version__village").order_by("-decided_at")
