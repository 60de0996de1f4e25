"""What the public pages show now: the home page, a county's or township's (a village's: village_home.py).

Plain reads for templates, a fixed number of queries each, nothing of practice villages, no resident's name: only
those of people in public office.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from consultation.models import Decision, Meeting, Motion, Outcome
from consultation.options import picks_of
from consultation.presets import referral_labels
from contest.models import ContestPage
from home.models import NewsIndexPage, NewsPage, RegionPage
from home.published import Published, published_by
from residents.models import Region, Village
from residents.pilots import with_pilots
from villagerules.models import RuleVersion

LIVE_MOST = 6
COMING_MOST = 4
RESULTS_MOST = 5
RULES_MOST = 6
VILLAGES_MOST = 8
NOTICES_MOST = 5


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


def result_of(decision: Decision, labels: dict[str, str]) -> Result:
    """The result in words: votes by choice, the chosen option, or where the matter was passed on to.

    `labels` are the places a matter may be referred to, by key. Loads nothing when motion and meeting are there.
    """
    motion = decision.motion
    lines = {line["key"]: line for line in decision.lines}
    if decision.outcome == Outcome.REFERRED:
        words = labels.get(motion.referred_to, motion.referred_to)
    elif decision.words:
        words = decision.words
    elif decision.counts and motion.form.ranked:
        words = " · ".join(decision.told)
    elif winners := [lines[key] for key in picks_of(decision.winner) if key in lines]:
        words = " · ".join(
            _("选定：%(option)s（%(count)s 票）") % {"option": winner["label"], "count": winner["count"]}
            for winner in winners
        )
    elif decision.counts:
        words = " · ".join(decision.told)
    else:
        words = ""
    return Result(decision=decision, motion=motion, meeting=motion.meeting, words=words)


def real_meetings() -> QuerySet[Meeting]:
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
    live = list(real_meetings().live().filter(where).order_by("-opened_at")[:LIVE_MOST])
    motions = {motion.meeting_id: motion for motion in Motion.objects.running().filter(meeting__in=live)}
    return Happening(
        live=[LiveMeeting(meeting, motions.get(meeting.pk)) for meeting in live],
        coming=list(real_meetings().upcoming(now).filter(where)[:COMING_MOST]),
        results=_results(where, RESULTS_MOST, per_meeting),
    )


def rules_in_force(on: datetime.date, where: Q, most: int) -> list[RuleVersion]:
    """The version in force of each document that has a page, the youngest first."""
    present = RuleVersion.objects.in_force(on).filter(rules=OuterRef("rules")).values("pk")[:1]
    return list(
        RuleVersion.objects.in_force(on)
        .filter(where, village__is_practice=False, rules__page__live=True, pk=Subquery(present))
        .select_related("rules__page", "village")[:most]
    )


def _villages() -> QuerySet[Village]:
    found = (
        Village.objects.real()
        .standing()
        .filter(page__live=True)
        .select_related("page__listing_image", "region__parent")
        .prefetch_related("page__listing_image__renditions")
    )
    return with_pilots(found, on=timezone.localdate())


def front_page(*, now: datetime.datetime) -> FrontPage:
    """All that the home page shows at that moment."""
    today = timezone.localdate(now)
    kinds = dict(Village.objects.real().standing().values_list("kind").annotate(number=Count("pk")).order_by())
    rules_count = RuleVersion.objects.in_force(today).filter(village__is_practice=False).order_by()
    lately = Max("meetings__starts_at", filter=~Q(meetings__state=Meeting.State.PREPARING))
    board = NewsIndexPage.objects.live().filter(depth=3).order_by("path").first()
    return FrontPage(
        happening=happening(now, Q()),
        rules=rules_in_force(today, Q(), RULES_MOST),
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


def above(region: Region, *, itself: bool) -> list[str]:
    """Names from the province down, each once: a prefecture may carry its county's name."""
    names = [place.name for place in region.ancestors()]
    return [*names, region.name] if itself else names


def with_ancestors(region_id: int) -> Region:
    return Region.objects.select_related("parent__parent__parent").get(pk=region_id)


def region_overview(page: RegionPage, *, now: datetime.datetime | None = None) -> RegionOverview:
    """What lies below a county or township and what goes on there."""
    now = now or timezone.now()
    region = with_ancestors(page.region_id)
    here = Q(village__region=region) | Q(village__region__parent=region)
    villages = list(_villages().filter(Q(region=region) | Q(region__parent=region)).order_by("code"))
    by_region: defaultdict[int, list[Published]] = defaultdict(list)
    for line in published_by(villages, now=now):
        by_region[line.village.region_id].append(line)
    townships = RegionPage.objects.child_of(page).live().select_related("region").order_by("region__code")
    return RegionOverview(
        place=above(region, itself=False),
        townships=[RegionBelow(below, by_region[below.region_id]) for below in townships],
        villages=[line.village for line in by_region[region.pk]],
        lines=by_region[region.pk],
        village_count=len(villages),
        happening=happening(now, here),
        rules=rules_in_force(timezone.localdate(now), here, RULES_MOST),
    )


def seal_words(name: str) -> str:
    """Four characters for a seal, as seals are filled up: 老榨坊村, 橘灯里印, 荷塘之印."""
    core = name.removesuffix("社区").removesuffix("村") if len(name) != 4 else name  # untranslated: parts of names
    if len(core) == 3:
        return core + "印"  # untranslated: a seal is cut in Chinese
    if len(core) == 2:
        return core + "之印"  # untranslated: a seal is cut in Chinese
    return core[:4]
