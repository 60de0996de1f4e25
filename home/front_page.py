"""What the public pages show now: the home page, a county's or township's, a village's own.

Plain reads for templates, a fixed number of queries each, nothing of practice villages, no resident's name: only
those of people in public office.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from audit.heads import heads_of
from audit.models import AuditHead
from consultation.bulletin_reads import readable
from consultation.follow_ups import Counts, by_urgency, counts_of
from consultation.models import Decision, FollowUp, Meeting, MeetingIndexPage, Motion, Outcome, Topic
from consultation.presets import referral_labels
from contest.models import ContestPage
from home.models import NewsIndexPage, NewsPage, RegionPage, StandardPage, VillagePage
from home.published import Published, published_by
from residents.models import Appointment, Household, Region, Role, Village, VillageGroup, Yard
from residents.office_titles import role_title
from villagerules.models import RulesIndexPage, RuleVersion, VillageRulesPage

LIVE_MOST = 6
COMING_MOST = 4
RESULTS_MOST = 5
RULES_MOST = 6
VILLAGES_MOST = 8
NOTICES_MOST = 5
PAST_MOST = 5
TOPICS_MOST = 3


@dataclass(frozen=True)
class LiveMeeting:
    """A meeting that is going on, with what is being voted on; no turnout, which only those present may see."""

    meeting: Meeting
    motion: Motion | None


@dataclass(frozen=True)
class Result:
    """One announced result with its numbers in words."""

    decision: Decision
    motion: Motion
    meeting: Meeting
    words: str

    @property
    def carried(self) -> bool:
        return self.decision.outcome == Outcome.CARRIED


@dataclass(frozen=True)
class Happening:
    """What goes on in some villages: live first, then to come, then what was decided."""

    live: Sequence[LiveMeeting]
    coming: Sequence[Meeting]
    results: Sequence[Result]


@dataclass(frozen=True)
class Figures:
    villages: int
    communities: int
    rules: int
    meetings: int


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
class FrontPage:
    happening: Happening
    rules: Sequence[RuleVersion]
    contests: Sequence[ContestPage]
    notices: Sequence[NewsPage]
    notice_board: NewsIndexPage | None
    counties: Sequence[RegionPage]
    villages: Sequence[Village]
    figures: Figures

    @property
    def village_count(self) -> int:
        return self.figures.villages + self.figures.communities


@dataclass(frozen=True)
class RegionBelow:
    """A township of a county with its villages."""

    page: RegionPage
    lines: Sequence[Published]


@dataclass(frozen=True)
class RegionOverview:
    place: Sequence[str]
    townships: Sequence[RegionBelow]
    villages: Sequence[Village]
    lines: Sequence[Published]
    village_count: int
    happening: Happening
    rules: Sequence[RuleVersion]


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
    happening: Happening
    past: Sequence[Meeting]
    rules: Sequence[RulesLine]
    notices: Sequence[NewsPage]
    notice_board: Page | None
    rules_index: Page | None
    meeting_index: Page | None
    topics: TopicsNow
    promises: PromisesNow
    more_pages: Sequence[Page]
    offices: Sequence[OfficeGroup]
    figures: Sequence[Figure]
    yards: Sequence[Yard]
    audit_head: AuditHead | None
    has_bulletins: bool


def result_of(decision: Decision, labels: dict[str, str]) -> Result:
    """The result in words: votes by choice, the chosen option, or where the matter was passed on to.

    `labels` are the places a matter may be referred to, by key. Loads nothing when motion and meeting are there.
    """
    motion = decision.motion
    lines = {line["key"]: line for line in decision.lines}
    if decision.outcome == Outcome.REFERRED:
        words = labels.get(motion.referred_to, motion.referred_to)
    elif decision.winner and decision.winner in lines:
        winner = lines[decision.winner]
        words = _("选定：%(option)s（%(count)s 票）") % {"option": winner["label"], "count": winner["count"]}
    elif decision.counts:
        words = " · ".join(f"{line['label']} {line['count']}" for line in lines.values())
    else:
        words = ""
    return Result(decision=decision, motion=motion, meeting=motion.meeting, words=words)


def _real_meetings() -> QuerySet[Meeting]:
    return Meeting.objects.real().announced().select_related("village__page", "village__region", "preset", "yard")


@lru_cache(maxsize=1)
def _referrals() -> dict[str, str]:
    """Read once: the labels come from a file that changes with the code."""
    return referral_labels()


def _results(where: Q, most: int, per_meeting: int) -> list[Result]:
    """The newest announced results, each in the version that stands now, no more than so many of one meeting."""
    newest = Decision.objects.filter(motion=OuterRef("motion")).order_by("-version").values("pk")[:1]
    decisions = (
        Decision.objects.published()
        .filter(where, village__is_practice=False, pk=Subquery(newest))
        .exclude(motion__meeting__state=Meeting.State.PREPARING)
        .select_related("motion__meeting__village__page")
        .order_by("-decided_at", "-motion__number")[: most * 4]
    )
    shown: defaultdict[int, int] = defaultdict(int)
    results = []
    for decision in decisions:
        shown[decision.motion.meeting_id] += 1
        if shown[decision.motion.meeting_id] <= per_meeting:
            results.append(result_of(decision, _referrals()))
    return results[:most]


def happening(now: datetime.datetime, where: Q, *, per_meeting: int = 2) -> Happening:
    """What goes on where `where` holds: a condition on rows that have a `village`. Four queries."""
    live = list(_real_meetings().live().filter(where).order_by("-opened_at")[:LIVE_MOST])
    motions = {motion.meeting_id: motion for motion in Motion.objects.running().filter(meeting__in=live)}
    return Happening(
        live=[LiveMeeting(meeting, motions.get(meeting.pk)) for meeting in live],
        coming=list(_real_meetings().upcoming(now).filter(where)[:COMING_MOST]),
        results=_results(where, RESULTS_MOST, per_meeting),
    )


def _rules_in_force(on: datetime.date, where: Q, most: int) -> list[RuleVersion]:
    """The version in force of each document that has a page, the youngest first."""
    present = RuleVersion.objects.in_force(on).filter(rules=OuterRef("rules")).values("pk")[:1]
    return list(
        RuleVersion.objects.in_force(on)
        .filter(where, village__is_practice=False, rules__page__live=True, pk=Subquery(present))
        .select_related("rules__page", "village")[:most]
    )


def _villages() -> QuerySet[Village]:
    return (
        Village.objects.real()
        .standing()
        .filter(page__live=True)
        .select_related("page__listing_image", "region__parent")
        .prefetch_related("page__listing_image__renditions")
    )


def front_page(*, now: datetime.datetime) -> FrontPage:
    """All that the home page shows at that moment."""
    today = timezone.localdate(now)
    kinds = dict(Village.objects.real().standing().values_list("kind").annotate(number=Count("pk")).order_by())
    rules_count = RuleVersion.objects.in_force(today).filter(village__is_practice=False).order_by()
    lately = Max("meetings__starts_at", filter=~Q(meetings__state=Meeting.State.PREPARING))
    board = NewsIndexPage.objects.live().filter(depth=3).order_by("path").first()
    return FrontPage(
        happening=happening(now, Q()),
        rules=_rules_in_force(today, Q(), RULES_MOST),
        contests=_contests(today),
        notices=list(NewsPage.objects.child_of(board).live().order_by("-published_on", "-pk")[:NOTICES_MOST])
        if board
        else [],
        notice_board=board,
        counties=list(RegionPage.objects.live().filter(region__level=Region.Level.COUNTY).order_by("path")),
        villages=list(
            _villages().annotate(lately=lately).order_by(F("lately").desc(nulls_last=True), "code")[:VILLAGES_MOST]
        ),
        figures=Figures(
            villages=kinds.get(Village.Kind.VILLAGE, 0),
            communities=kinds.get(Village.Kind.COMMUNITY, 0),
            rules=rules_count.values("rules").distinct().count(),
            meetings=Meeting.objects.real()
            .announced()
            .exclude(state__in=[Meeting.State.NOTICED, Meeting.State.CANCELLED])
            .filter(starts_at__year=today.year)
            .count(),
        ),
    )


def _contests(today: datetime.date) -> list[ContestPage]:
    """The editions that are open; while none is, the one that closed last."""
    pages = ContestPage.objects.live().filter(opens_on__lte=today)
    running = list(pages.filter(closes_on__gte=today).order_by("closes_on"))
    return running or list(pages.order_by("-closes_on")[:1])


def _above(region: Region, *, itself: bool) -> list[str]:
    """Names from the province down, each once: a prefecture may carry its county's name."""
    names = [place.name for place in region.ancestors()]
    return [*names, region.name] if itself else names


def _with_ancestors(region_id: int) -> Region:
    return Region.objects.select_related("parent__parent__parent").get(pk=region_id)


def region_overview(page: RegionPage, *, now: datetime.datetime | None = None) -> RegionOverview:
    """What lies below a county or township and what goes on there."""
    now = now or timezone.now()
    region = _with_ancestors(page.region_id)
    here = Q(village__region=region) | Q(village__region__parent=region)
    villages = list(_villages().filter(Q(region=region) | Q(region__parent=region)).order_by("code"))
    by_region: defaultdict[int, list[Published]] = defaultdict(list)
    for line in published_by(villages, now=now):
        by_region[line.village.region_id].append(line)
    townships = RegionPage.objects.child_of(page).live().select_related("region").order_by("region__code")
    return RegionOverview(
        place=_above(region, itself=False),
        townships=[RegionBelow(below, by_region[below.region_id]) for below in townships],
        villages=[line.village for line in by_region[region.pk]],
        lines=by_region[region.pk],
        village_count=len(villages),
        happening=happening(now, here),
        rules=_rules_in_force(timezone.localdate(now), here, RULES_MOST),
    )


def village_home(page: VillagePage, *, now: datetime.datetime) -> VillageHome:
    """A village's own home at that moment."""
    today = timezone.localdate(now)
    village = page.village
    here = Q(village=village)
    indexes = _children(page)
    pages = VillageRulesPage.objects.descendant_of(page).live().select_related("rules").order_by("path")
    versions = {version.rules_id: version for version in _rules_in_force(today, here, 100)}
    past = _real_meetings().filter(here).exclude(state__in=[Meeting.State.LIVE, Meeting.State.NOTICED])
    return VillageHome(
        village=village,
        place=_above(_with_ancestors(village.region_id), itself=True),
        seal=seal_words(village.name),
        happening=happening(now, here, per_meeting=RESULTS_MOST),
        past=list(past.order_by("-starts_at")[:PAST_MOST]),
        rules=[RulesLine(rules_page, versions.get(rules_page.rules_id)) for rules_page in pages],
        notices=list(NewsPage.objects.descendant_of(page).live().order_by("-published_on", "-pk")[:NOTICES_MOST]),
        notice_board=indexes.get(NewsIndexPage),
        rules_index=indexes.get(RulesIndexPage),
        meeting_index=indexes.get(MeetingIndexPage),
        topics=_topics_now(village, village.local_date(now)),
        promises=_promises_now(village, village.local_date(now)),
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


def seal_words(name: str) -> str:
    """Four characters for a seal, as seals are filled up: 老榨坊村, 橘灯里印, 荷塘之印."""
    core = name.removesuffix("社区").removesuffix("村") if len(name) != 4 else name  # untranslated: parts of names
    if len(core) == 3:
        return core + "印"  # untranslated: a seal is cut in Chinese
    if len(core) == 2:
        return core + "之印"  # untranslated: a seal is cut in Chinese
    return core[:4]


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
