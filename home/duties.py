"""What is overdue in the villages of a township or county: shown to its officers, never to the public.

Which duties there are, and within how many days, are figures in the database with their source (legal_figures.py); a
period without days is switched off. A village that was made lately has its full period before it is late.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import AuditEntry
from consultation.models import FollowUp, Meeting, Minutes, Petition, Topic
from residents.legal_figures import all_figures
from residents.models import LegalFigure, Resident, RollChange, Village
from ui.dates import plain_date
from villagerules.models import RuleSuggestion
from villagerules.registry import LateFiling, late_filings

from .published import HELD, last_notices

# The bodies whose meetings a duty asks for.
_ASSEMBLIES = ("villagers_assembly", "residents_assembly")
_REPRESENTATIVES = ("villagers_representative_assembly", "residents_representative_assembly")
_OPEN_MINUTES = (Minutes.State.DRAFT, Minutes.State.CHECKED)
_NAMED_MOST = 3


@dataclass(frozen=True)
class Overdue:
    """One duty that a village has not done in time: what, by what rule, since when."""

    label: str
    words: str
    basis: str


@dataclass(frozen=True)
class LateVillage:
    village: Village
    duties: Sequence[Overdue]


@dataclass(frozen=True)
class _Known:
    """What the database tells of all the villages at once."""

    since: Mapping[int, datetime.date]  # when each was made
    unpublished: Mapping[int, Sequence[Meeting]]
    unsigned: Mapping[int, Sequence[Meeting]]
    unanswered: Mapping[int, Sequence[Topic]]  # whose own last day has passed
    uncalled: Mapping[int, Sequence[Petition]]  # meetings that enough have demanded, likewise
    unkept: Mapping[int, Sequence[FollowUp]]  # promises of meetings, likewise
    suggested: Mapping[int, Sequence[RuleSuggestion]]  # amendments that enough households second, likewise
    unfiled: Mapping[int, Sequence[LateFiling]]  # rules that were voted
    assemblies: Mapping[int, datetime.datetime | None]
    representatives: Mapping[int, datetime.datetime | None]
    notices: Mapping[int, datetime.date]
    people: Mapping[int, int]
    changes: Mapping[int, datetime.datetime]


def demanded_in(villages: Sequence[Village]) -> list[Petition]:
    """Meetings that enough have demanded and that were not called yet, the one due first on top."""
    waiting = Petition.objects.waiting().filter(village__in=villages).select_related("village", "preset", "meeting")
    return list(waiting.order_by("call_by", "village__code", "number"))


def overdue_in(villages: Sequence[Village], *, now: datetime.datetime) -> list[LateVillage]:
    """Those villages that are late with something, in their order; a fixed number of queries for any number."""
    figures = all_figures(on=timezone.localdate(now))
    known = _look(villages, figures, on=timezone.localdate(now))
    late = []
    for village in villages:
        mine = {key: figure for (kind, key), figure in figures.items() if kind == village.kind and figure.days}
        duties = list(_overdue(village, mine, known, now))
        if duties:
            late.append(LateVillage(village, duties))
    return late


def _look(villages: Sequence[Village], figures: Mapping[tuple[str, str], LegalFigure], *, on: datetime.date) -> _Known:
    mine = [village.pk for village in villages]
    made = AuditEntry.objects.filter(action="create_village", village_id__in=mine).order_by()
    since = {pk: timezone.localdate(at) for pk, at in made.values_list("village_id").annotate(at=Min("at"))}
    closed = (
        Meeting.objects.filter(village__in=mine, closed_at__isnull=False)
        .filter(Q(state=Meeting.State.CLOSED) | Q(minutes__isnull=True) | Q(minutes__state__in=_OPEN_MINUTES))
        .exclude(state__in=[Meeting.State.CANCELLED, Meeting.State.ARCHIVED])
        .select_related("minutes")
        .order_by("closed_at")
    )
    unpublished: defaultdict[int, list[Meeting]] = defaultdict(list)
    unsigned: defaultdict[int, list[Meeting]] = defaultdict(list)
    for meeting in closed:
        if meeting.state == Meeting.State.CLOSED:
            unpublished[meeting.village_id].append(meeting)
        if getattr(meeting, "minutes", None) is None or meeting.minutes.state in _OPEN_MINUTES:
            unsigned[meeting.village_id].append(meeting)
    unanswered: defaultdict[int, list[Topic]] = defaultdict(list)
    for topic in Topic.objects.overdue(on).filter(village__in=mine).order_by("answer_by", "number"):
        unanswered[topic.village_id].append(topic)
    uncalled: defaultdict[int, list[Petition]] = defaultdict(list)
    for petition in Petition.objects.overdue(on).filter(village__in=mine).select_related("preset").order_by("number"):
        uncalled[petition.village_id].append(petition)
    unkept: defaultdict[int, list[FollowUp]] = defaultdict(list)
    for promise in FollowUp.objects.overdue(on).filter(village__in=mine).order_by("due", "number"):
        unkept[promise.village_id].append(promise)
    suggested: defaultdict[int, list[RuleSuggestion]] = defaultdict(list)
    for suggestion in RuleSuggestion.objects.overdue(on).filter(village__in=mine).order_by("answer_by", "number"):
        suggested[suggestion.village_id].append(suggestion)
    met = (
        Meeting.objects.filter(village__in=mine, state__in=HELD)
        .order_by()
        .values_list("village")
        .annotate(
            assembly=Max("starts_at", filter=Q(preset__body__in=_ASSEMBLIES)),
            representatives=Max("starts_at", filter=Q(preset__body__in=_REPRESENTATIVES)),
        )
    )
    meetings = {pk: (assembly, representatives) for pk, assembly, representatives in met}
    people = Resident.objects.filter(village__in=mine).order_by().values_list("village").annotate(number=Count("pk"))
    changes = RollChange.objects.filter(village__in=mine).order_by().values_list("village").annotate(last=Max("at"))
    return _Known(
        since=since,
        unpublished=unpublished,
        unsigned=unsigned,
        unanswered=unanswered,
        uncalled=uncalled,
        unkept=unkept,
        suggested=suggested,
        unfiled=late_filings(villages, figures, on=on),
        assemblies={pk: assembly for pk, (assembly, _other) in meetings.items()},
        representatives={pk: other for pk, (_assembly, other) in meetings.items()},
        notices=last_notices(mine),
        people=dict(people),
        changes=dict(changes),
    )


def _overdue(
    village: Village, figures: Mapping[str, LegalFigure], known: _Known, now: datetime.datetime
) -> Iterator[Overdue]:
    for key, waiting in (("results_published", known.unpublished), ("minutes_signed", known.unsigned)):
        figure = figures.get(key)
        if figure is not None:
            late = [one for one in waiting.get(village.pk, ()) if _days_since(one.closed_at, now) > (figure.days or 0)]
            if late:
                yield Overdue(figure.label, _meetings(late), figure.basis)
    figure, topics = figures.get("topic_answered"), known.unanswered.get(village.pk, ())
    if figure is not None and topics:
        yield Overdue(figure.label, _topics(topics), figure.basis)
    figure, suggested = figures.get("suggestion_answered"), known.suggested.get(village.pk, ())
    if figure is not None and suggested:
        yield Overdue(figure.label, _suggested(suggested), figure.basis)
    for petition in known.uncalled.get(village.pk, ()):
        yield Overdue(_("签名够数的会议没有召集"), _petition(petition), _basis(petition))
    promises = known.unkept.get(village.pk, ())
    if promises:
        yield Overdue(_("会上答应的事过期没办好"), _promises(promises), _("会上定的日子"))
    figure, rules = figures.get("rules_filed"), known.unfiled.get(village.pk, ())
    if figure is not None and rules:
        yield Overdue(figure.label, _filings(rules), figure.basis)
    last = {
        "assembly_held": known.assemblies.get(village.pk),
        "representatives_met": known.representatives.get(village.pk),
        "affairs_published": known.notices.get(village.pk),
        "roll_kept": known.changes.get(village.pk),
    }
    for key, done in last.items():
        figure = figures.get(key)
        if figure is None:
            continue
        began = done or known.since.get(village.pk)
        if began is None or _days_since(began, now) > (figure.days or 0):
            yield Overdue(figure.label, _since(key, done, known.people.get(village.pk, 0)), figure.basis)


def _days_since(moment: datetime.date | None, now: datetime.datetime) -> int:
    if moment is None:
        return 0
    day = timezone.localdate(moment) if isinstance(moment, datetime.datetime) else moment
    return (timezone.localdate(now) - day).days


def _meetings(late: Sequence[Meeting]) -> str:
    named = "、".join(
        _("%(title)s（%(day)s散会）") % {"title": one.title, "day": timezone.localdate(one.closed_at).isoformat()}
        for one in late[:_NAMED_MOST]
    )
    return named if len(late) <= _NAMED_MOST else _("%(named)s等 %(count)s 场") % {"named": named, "count": len(late)}


def _topics(late: Sequence[Topic]) -> str:
    """By number: a resident's own words stay within the village."""
    named = "、".join(
        _("%(number)s 号议题（最迟 %(day)s）") % {"number": one.number, "day": one.answer_by}
        for one in late[:_NAMED_MOST]
    )
    return named if len(late) <= _NAMED_MOST else _("%(named)s等 %(count)s 件") % {"named": named, "count": len(late)}


def _suggested(late: Sequence[RuleSuggestion]) -> str:
    """By number, as topics are told."""
    named = "、".join(_("%(what)s（最迟 %(day)s）") % {"what": one, "day": one.answer_by} for one in late[:_NAMED_MOST])
    return named if len(late) <= _NAMED_MOST else _("%(named)s等 %(count)s 件") % {"named": named, "count": len(late)}


def _petition(late: Petition) -> str:
    """By number, as topics are told."""
    return _("%(number)s 号请求：%(body)s（最迟 %(day)s）") % {
        "number": late.number, "body": late.preset.body_name, "day": late.call_by,
    }  # fmt: skip


def _basis(petition: Petition) -> str:
    return petition.days_basis or _("依据待核")


def _promises(late: Sequence[FollowUp]) -> str:
    named = "、".join(_("%(title)s（%(day)s）") % {"title": one.title, "day": one.due} for one in late[:_NAMED_MOST])
    return named if len(late) <= _NAMED_MOST else _("%(named)s等 %(count)s 件") % {"named": named, "count": len(late)}


def _filings(late: Sequence[LateFiling]) -> str:
    named = "、".join(
        _("%(title)s（最迟 %(day)s）") % {"title": one.version.shown_title, "day": plain_date(one.due)}
        for one in late[:_NAMED_MOST]
    )
    return named if len(late) <= _NAMED_MOST else _("%(named)s等 %(count)s 件") % {"named": named, "count": len(late)}


def _since(key: str, done: datetime.date | None, people: int) -> str:
    if key == "roll_kept" and not people:
        return _("名册还没有导入")
    if done is None:
        return _("还没有过")
    day = timezone.localdate(done) if isinstance(done, datetime.datetime) else done
    return _("上一次是 %(day)s") % {"day": day.isoformat()}
