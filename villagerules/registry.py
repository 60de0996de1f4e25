"""The register of rules of many villages: what is in force where, filed when, due for what. A few queries for all."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Max, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from residents.legal_figures import all_figures
from residents.models import LegalFigure, Village

from .bodies import body_name
from .drafting import ENDED
from .models import Review, RuleVersion, VillageRules, YearlyCheck
from .reviewing import FILED_KINDS

Kind, State = VillageRules.Kind, RuleVersion.State
# What a line can be asked for by; a line may be several of them.
NONE, FILING_LATE, AMENDING, CORRECTION_OPEN, CHECK_DUE = "none", "filing_late", "amending", "correction", "check_due"
STATES: Mapping[str, Promise] = {
    NONE: _("没有村规"),
    FILING_LATE: _("备案逾期"),
    AMENDING: _("正在修订"),
    CORRECTION_OPEN: _("责令改正未完成"),
    CHECK_DUE: _("该年检了"),
}


@dataclass(frozen=True)
class Correction:
    """An order to correct; `done` by a later version that was published since."""

    version: RuleVersion
    on: datetime.date
    done: bool


@dataclass
class Line:
    """A village and one of its documents, or a village without rules (`rules` None).

    `making`: the version under way. `filing_due`: the last day to file what was voted and is not on file. `check_due`:
    the last day of the next yearly check.
    """

    village: Village
    rules: VillageRules | None = None
    in_force: RuleVersion | None = None
    making: RuleVersion | None = None
    filing_due: datetime.date | None = None
    checked: YearlyCheck | None = None
    check_due: datetime.date | None = None
    corrections: list[Correction] = field(default_factory=list)
    states: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        return self.rules.title if self.rules is not None else ""

    @property
    def adopted_by(self) -> str:
        return body_name(self.in_force.adopted_by) if self.in_force is not None else ""

    @property
    def state_words(self) -> list[str]:
        return [str(words) for name, words in STATES.items() if name in self.states]

    @property
    def needs_filing(self) -> bool:
        return self.rules is not None and self.rules.kind in FILED_KINDS


@dataclass(frozen=True)
class Asked:
    """What is looked for: a township's code, a kind, a state of STATES, words of a name, a title, a filing number."""

    township: str = ""
    kind: str = ""
    state: str = ""
    words: str = ""

    def wants(self, line: Line) -> bool:
        if self.township and line.village.region.code != self.township:
            return False
        if self.kind and (line.rules is None or line.rules.kind != self.kind):
            return False
        if self.state and self.state not in line.states:
            return False
        said = f"{line.village.name} {line.title} {line.in_force.filing_number if line.in_force else ''}".lower()
        return all(word in said for word in self.words.lower().split())


def read_registry(villages: Sequence[Village], *, on: datetime.date, asked: Asked | None = None) -> list[Line]:
    """One line for each document of each village, and one for a village without village rules (a community without a
    convention); in the villages' order. The same number of queries for any number of villages."""
    known = _look([village.pk for village in villages], on)
    lines = [line for village in villages for line in _lines(village, known, on)]
    return lines if asked is None else [line for line in lines if asked.wants(line)]


@dataclass(frozen=True)
class _Known:
    documents: Mapping[int, Sequence[VillageRules]]  # of a village
    in_force: Mapping[int, RuleVersion]  # by document, as all below
    making: Mapping[int, RuleVersion]
    published: Mapping[int, int]  # the last number that was published
    ordered: Mapping[int, Sequence[Review]]
    checks: Mapping[int, YearlyCheck]
    figures: Mapping[tuple[str, str], LegalFigure]


def _look(mine: Sequence[int], on: datetime.date) -> _Known:
    documents: defaultdict[int, list[VillageRules]] = defaultdict(list)
    for rules in VillageRules.objects.filter(village__in=mine).order_by("kind", "slug"):
        documents[rules.village_id].append(rules)
    versions = RuleVersion.objects.filter(village__in=mine).select_related(
        "village", "rules", "motion__meeting__village"
    )
    making = versions.exclude(state__in=ENDED).exclude(imported=True).order_by("number")
    ordered: defaultdict[int, list[Review]] = defaultdict(list)
    orders = Review.objects.filter(village__in=mine, state=Review.State.ORDERED)
    for review in orders.select_related("version__village", "version__rules").order_by("-decided_at"):
        ordered[review.version.rules_id].append(review)
    checks = YearlyCheck.objects.filter(village__in=mine).select_related("version").order_by("on", "pk")
    public = RuleVersion.objects.filter(village__in=mine, state=State.PUBLISHED).order_by()
    return _Known(
        documents=documents,
        in_force={one.rules_id: one for one in versions.in_force(on)},
        making={one.rules_id: one for one in making},
        published=dict(public.values_list("rules").annotate(last=Max("number"))),
        ordered=ordered,
        checks={one.version.rules_id: one for one in checks},
        figures=all_figures(on=on),
    )


def _lines(village: Village, known: _Known, on: datetime.date) -> list[Line]:
    documents = known.documents.get(village.pk, ())
    lines = [_line(village, rules, known, on) for rules in documents]
    main = Kind.RESIDENTS_CONVENTION if village.is_community else Kind.VILLAGE_RULES
    if not any(one.kind == main for one in documents):
        lines.insert(0, Line(village, states=frozenset({NONE})))
    return lines


def _line(village: Village, rules: VillageRules, known: _Known, on: datetime.date) -> Line:
    line = Line(village, rules, known.in_force.get(rules.pk), known.making.get(rules.pk))
    line.checked = known.checks.get(rules.pk)
    line.filing_due = _filing_due(line, known)
    line.check_due = _check_due(line, known)
    line.corrections = [
        Correction(
            one.version,
            village.local_date(one.decided_at or one.submitted_at),
            done=known.published.get(rules.pk, 0) > one.version.number,
        )
        for one in known.ordered.get(rules.pk, ())
    ]
    states = {
        NONE: line.in_force is None and rules.kind in (Kind.VILLAGE_RULES, Kind.RESIDENTS_CONVENTION),
        FILING_LATE: line.filing_due is not None and line.filing_due < on,
        AMENDING: line.making is not None,
        CORRECTION_OPEN: any(not one.done for one in line.corrections),
        CHECK_DUE: line.check_due is not None and line.check_due <= on,
    }
    line.states = frozenset(name for name, holds in states.items() if holds)
    return line


def _days(line: Line, known: _Known, key: str) -> int | None:
    figure = known.figures.get((line.village.kind, key))
    return figure.days if figure is not None else None


def _filing_due(line: Line, known: _Known) -> datetime.date | None:
    days = _days(line, known, "rules_filed")
    voted = line.making
    if voted is None or voted.state != State.ADOPTED or voted.adopted_on is None or not line.needs_filing or not days:
        return None
    return voted.adopted_on + datetime.timedelta(days=days)


def _check_due(line: Line, known: _Known) -> datetime.date | None:
    """So many days after the last check, or after it came into force when that was later."""
    days = _days(line, known, "rules_yearly_check")
    if line.in_force is None or line.in_force.effective_on is None or not days:
        return None
    since = line.in_force.effective_on
    if line.checked is not None:
        since = max(since, line.checked.on)
    return since + datetime.timedelta(days=days)


@dataclass(frozen=True)
class LateFiling:
    """A version that was voted and should be on file."""

    version: RuleVersion
    due: datetime.date


def late_filings(
    villages: Sequence[Village], figures: Mapping[tuple[str, str], LegalFigure], *, on: datetime.date
) -> dict[int, list[LateFiling]]:
    """By village: what was voted, must be filed and is not, though its last day has passed; one query. `figures`: those
    of that day (all_figures)."""
    waiting = RuleVersion.objects.filter(
        Q(rules__kind__in=FILED_KINDS), village__in=villages, state=State.ADOPTED, adopted_on__isnull=False
    )
    found: defaultdict[int, list[LateFiling]] = defaultdict(list)
    for version in waiting.select_related("village", "rules").order_by("adopted_on", "pk"):
        figure = figures.get((version.village.kind, "rules_filed"))
        if figure is not None and figure.days and version.adopted_on is not None:
            due = version.adopted_on + datetime.timedelta(days=figure.days)
            if due < on:
                found[version.village_id].append(LateFiling(version, due))
    return dict(found)
