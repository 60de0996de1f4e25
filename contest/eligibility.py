"""Which versions of rules a village may enter, and why the others may not: the register's days against the contest."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultation.locks import database_now
from residents.models import Village
from villagerules.models import RuleVersion
from villagerules.reviewing import needs_filing

from .models import Contest, Entry
from .voters import villages_of


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day so many calendar months later; the last of a month that is too short for it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def full_months(since: datetime.date, on: datetime.date) -> int:
    """How many calendar months are full on that day; 0 before the first. From 31 January, one is on 28 February."""
    whole = (on.year - since.year) * 12 + on.month - since.month
    return max(0, whole if months_after(since, whole) <= on else whole - 1)


@dataclass(frozen=True)
class Held:
    """From when to when a version was in force: until its repeal, its successor or, None, today."""

    since: datetime.date
    until: datetime.date | None = None


def unbroken_since(spans: Sequence[Held]) -> datetime.date:
    """Since when there is one after the other without a gap, up to the last. `spans` by `since`, at least one."""
    since = spans[-1].since
    for span in reversed(spans[:-1]):
        if span.until is not None and span.until < since:
            break
        since = span.since
    return since


@dataclass(frozen=True)
class Candidate:
    """A version in force or that was; `reasons` in words, none for one that may be entered."""

    version: RuleVersion
    months: int
    reasons: tuple[str, ...]

    @property
    def is_eligible(self) -> bool:
        return not self.reasons


def why_not_village(contest: Contest, village: Village, *, but: Entry | None = None) -> list[str]:
    """What keeps the village itself out: another place, practice, or as many entries as are allowed."""
    reasons = []
    if village.is_practice and not (contest.village is not None and contest.village.is_practice):
        reasons.append(_("练习用的村不能参评。"))
    if not villages_of(contest).filter(pk=village.pk).exists():
        reasons.append(_("这次评选由%(place)s主办，%(village)s不在它的范围里。") % {
            "place": contest.host, "village": village.name,
        })  # fmt: skip
    mine = contest.entries.of(village).standing()
    if but is not None:
        mine = mine.exclude(pk=but.pk)
    if contest.form != Contest.Form.LINE and mine.count() >= contest.entries_per_village:
        reasons.append(
            ngettext(
                "每个村最多报 %(most)s 件，已经报满了。",
                "每个村最多报 %(most)s 件，已经报满了。",
                contest.entries_per_village,
            )
            % {"most": contest.entries_per_village}
        )
    return reasons


def candidates(contest: Contest, village: Village, *, on: datetime.date | None = None) -> list[Candidate]:
    """Each document's newest published version, the eligible ones first. `on` defaults to the village's today."""
    day = on or village.local_date(database_now())
    published = RuleVersion.objects.of(village).public().select_related("rules", "village")
    by_rules: dict[int, list[RuleVersion]] = {}
    for version in published:
        by_rules.setdefault(version.rules_id, []).append(version)
    found = [_judged(contest, versions, day) for versions in by_rules.values()]
    return sorted(found, key=lambda one: (not one.is_eligible, one.version.rules.title))


def judge(contest: Contest, version: RuleVersion, *, on: datetime.date | None = None) -> Candidate:
    """The same for one version, whichever it is."""
    day = on or version.village.local_date(database_now())
    versions = version.rules.versions.public().select_related("rules", "village")
    return _judged(contest, versions, day, version)


def _judged(
    contest: Contest, versions: Iterable[RuleVersion], day: datetime.date, wanted: RuleVersion | None = None
) -> Candidate:
    begun = sorted(
        (one for one in versions if one.effective_on is not None and one.effective_on <= day),
        key=lambda one: (one.effective_on, one.number),
    )
    version = wanted or (begun[-1] if begun else next(iter(versions)))
    reasons: list[str] = []
    months = 0
    if not begun or begun[-1].pk != version.pk or (version.repealed_on is not None and version.repealed_on <= day):
        reasons.append(_("今天没有在施行。"))
    else:
        months = full_months(_since(begun, contest), day)
        if months < contest.months_in_force:
            reasons.append(
                _("施行了 %(months)s 个月，要满 %(least)s 个月。")
                % {"months": months, "least": contest.months_in_force}
            )
    if contest.kinds and version.rules.kind not in contest.kinds:
        reasons.append(_("这次评选不收%(kind)s。") % {"kind": version.rules.get_kind_display()})
    if contest.must_be_filed and needs_filing(version) and (version.filed_on is None or version.filed_on > day):
        reasons.append(_("依法应当报乡镇（街道）备案，名册里还没有备案日期。"))
    return Candidate(version, months, tuple(reasons))


def _since(begun: Sequence[RuleVersion], contest: Contest) -> datetime.date:
    spans = []
    for one, later in zip(begun, [*begun[1:], None], strict=True):
        assert one.effective_on is not None  # noqa: S101  only such have begun
        ends = [day for day in (one.repealed_on, later.effective_on if later else None) if day is not None]
        spans.append(Held(one.effective_on, min(ends, default=None)))
    return unbroken_since(spans) if contest.predecessor_counts else spans[-1].since
