"""What a village's own page shows: its meetings and their results, topics, promises, rules, offices, figures.

Plain reads for templates, a fixed number of queries, no resident's name: only those of people in public office.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from audit.heads import heads_of
from audit.models import AuditHead
from consultation.bulletin_reads import readable
from consultation.follow_ups import Counts, by_urgency, counts_of
from consultation.models import FollowUp, Meeting, MeetingIndexPage, Petition, Topic
from home.models import NewsIndexPage, NewsPage, PilotPage, StandardPage, VillagePage
from residents.models import Appointment, Household, PilotMark, Role, Village, VillageGroup, Yard
from residents.office_titles import role_title
from residents.pilots import pilot_of
from villagerules.models import RulesIndexPage, RuleVersion, VillageRulesPage

from .front_page import (
    NOTICES_MOST,
    RESULTS_MOST,
    Happening,
    above,
    happening,
    real_meetings,
    rules_in_force,
    seal_words,
    with_ancestors,
)

PAST_MOST = 5
TOPICS_MOST = 3


@dataclass(frozen=True)
class PromisesNow:
    """How many things that meetings promised are under way, late and done, and those due first."""

    counts: Counts
    next: Sequence[FollowUp]


@dataclass(frozen=True)
class TopicsNow:
    """How many topics wait and are late, and those answered last, under their published titles."""

    open_count: int
    overdue_count: int
    answered: Sequence[Topic]


@dataclass(frozen=True)
class RulesLine:
    page: VillageRulesPage
    version: RuleVersion | None


@dataclass(frozen=True)
class Holder:
    """A person in public office: all that one person does in one body stands on one line."""

    name: str
    title: str
    detail: str


@dataclass(frozen=True)
class OfficeGroup:
    title: str
    holders: Sequence[Holder]


@dataclass(frozen=True)
class Figure:
    label: str
    number: int
    unit: str


@dataclass(frozen=True)
class VillageHome:
    village: Village
    place: Sequence[str]
    seal: str
    pilot: PilotMark | None
    pilot_page: Page | None
    happening: Happening
    past: Sequence[Meeting]
    rules: Sequence[RulesLine]
    notices: Sequence[NewsPage]
    notice_board: Page | None
    rules_index: Page | None
    meeting_index: Page | None
    topics: TopicsNow
    promises: PromisesNow
    demanded: int  # meetings that enough have demanded and that were not called
    more_pages: Sequence[Page]
    offices: Sequence[OfficeGroup]
    figures: Sequence[Figure]
    yards: Sequence[Yard]
    audit_head: AuditHead | None
    has_bulletins: bool


def village_home(page: VillagePage, *, now: datetime.datetime) -> VillageHome:
    """A village's own home at that moment."""
    today = timezone.localdate(now)
    village = page.village
    here = Q(village=village)
    indexes = _children(page)
    pages = VillageRulesPage.objects.descendant_of(page).live().select_related("rules").order_by("path")
    versions = {version.rules_id: version for version in rules_in_force(today, here, 100)}
    past = real_meetings().filter(here).exclude(state__in=[Meeting.State.LIVE, Meeting.State.NOTICED])
    return VillageHome(
        village=village,
        place=above(with_ancestors(village.region_id), itself=True),
        seal=seal_words(village.name),
        pilot=pilot_of(village, on=village.local_date(now)),
        pilot_page=indexes.get(PilotPage),
        happening=happening(now, here, per_meeting=RESULTS_MOST),
        past=list(past.order_by("-starts_at")[:PAST_MOST]),
        rules=[RulesLine(rules_page, versions.get(rules_page.rules_id)) for rules_page in pages],
        notices=list(NewsPage.objects.descendant_of(page).live().order_by("-published_on", "-pk")[:NOTICES_MOST]),
        notice_board=indexes.get(NewsIndexPage),
        rules_index=indexes.get(RulesIndexPage),
        meeting_index=indexes.get(MeetingIndexPage),
        topics=_topics_now(village, village.local_date(now)),
        promises=_promises_now(village, village.local_date(now)),
        demanded=Petition.objects.of(village).waiting().count(),
        more_pages=list(StandardPage.objects.child_of(page).live().order_by("path")),
        offices=offices_of(village, on=today),
        figures=_village_figures(village),
        yards=list(
            Yard.objects.of(village)
            .annotate(household_count=Count("households", distinct=True))
            .prefetch_related("groups")
            .order_by("pk")
        ),
        audit_head=next(iter(heads_of(village.pk, most=1)), None),
        has_bulletins=readable(village).exists(),
    )


def _topics_now(village: Village, on: datetime.date) -> TopicsNow:
    mine = Topic.objects.of(village)
    waiting = mine.open().aggregate(number=Count("pk"), late=Count("pk", filter=Q(answer_by__lt=on)))
    answered = mine.answered().select_related("village").order_by("-ended_at", "-number")
    return TopicsNow(waiting["number"], waiting["late"], list(answered[:TOPICS_MOST]))


def _promises_now(village: Village, on: datetime.date) -> PromisesNow:
    mine = FollowUp.objects.of(village).public()
    first = by_urgency(mine.open().select_related("village"))
    return PromisesNow(counts_of(mine, on=on), list(first[:TOPICS_MOST]))


def _children(page: VillagePage) -> dict[type, Page]:
    """The village's index pages by their class; editors may have renamed them."""
    found: dict[type, Page] = {}
    for child in Page.objects.child_of(page).live().order_by("path"):
        if child.specific_class is not None:
            found.setdefault(child.specific_class, child)
    return found


def _village_figures(village: Village) -> list[Figure]:
    """Numbers of the file; one that nobody has filled in stays away."""
    figures = [
        Figure(_("户数"), Household.objects.of(village).count(), _("户")),
        Figure(_("户籍人口"), village.population, _("人")),
        Figure(_("常住人口"), village.resident_population, _("人")),
        Figure(_("六十岁以上"), village.over_60, _("人")),
        Figure(
            _("居民小组") if village.is_community else _("村民小组"),
            VillageGroup.objects.of(village).count(),
            _("个"),
        ),
    ]
    return [figure for figure in figures if figure.number]


# Bodies in the order in which a notice board names them.
_BODIES: tuple[frozenset[str], ...] = (
    frozenset({Role.PARTY_SECRETARY, Role.COMMITTEE_CHAIR, Role.COMMITTEE_MEMBER}),
    frozenset({Role.SUPERVISORY_CHAIR, Role.SUPERVISORY_MEMBER}),
    frozenset({Role.GROUP_LEADER}),
    frozenset({Role.YARD_CHAIR}),
    frozenset({Role.HONGBAI_CHAIR, Role.HONGBAI_MEMBER}),
)
_RANK = {role: number for number, role in enumerate(Role.values)}


def _detail(appointments: Iterable[Appointment]) -> str:
    """Duty, group or yard of an office."""
    words = []
    for appointment in appointments:
        if appointment.duty:
            words.append(appointment.duty)
        if appointment.group is not None and appointment.role == Role.GROUP_LEADER:
            words.append(str(appointment.group))
        if appointment.yard is not None:
            words.append(appointment.yard.name)
    return "、".join(dict.fromkeys(words))


def offices_of(village: Village, *, on: datetime.date) -> list[OfficeGroup]:
    """Who holds which public office on that day. Committee and supervisors first; one query."""
    current = (
        Appointment.objects.of(village)
        .current(on)
        .filter(role__in=frozenset().union(*_BODIES), resident__isnull=False)
        .select_related("resident", "group", "yard")
        .order_by("pk")
    )
    held: list[defaultdict[int, list[Appointment]]] = [defaultdict(list) for _body in _BODIES]
    for appointment in current:
        number = next(n for n, roles in enumerate(_BODIES) if appointment.role in roles)
        held[number][appointment.resident_id].append(appointment)
    titles = (
        _("党组织和居委会") if village.is_community else _("党组织和村委会"),
        _("居务监督委员会") if village.is_community else _("村务监督委员会"),
        _("小组长"),
        _("院落（屋场）理事长"),
        _("红白理事会"),
    )
    groups = []
    for title, people in zip(titles, held, strict=True):
        holders = sorted(people.values(), key=lambda offices: min(_RANK[office.role] for office in offices))
        if holders:
            groups.append(OfficeGroup(title, [_holder(offices, village) for offices in holders]))
    return groups


def _holder(offices: list[Appointment], village: Village) -> Holder:
    ranked = sorted(offices, key=lambda office: _RANK[office.role])
    return Holder(
        name=str(ranked[0].resident),
        title="、".join(role_title(office.role, village) for office in ranked),
        detail=_detail(ranked),
    )
