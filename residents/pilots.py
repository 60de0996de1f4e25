"""A village becomes a pilot unit, and ceases to be one, by two people of its township, its county or the operators.

The title itself is given by a document of the authorities; what is done here is to show it, so the document is named.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from audit.log import record

from .models import PilotMark, Proposal, Region, User, Village
from .rights import Act
from .two_people import NotWaiting, handler, propose

NOW = "pilot_now"  # where `with_pilots` lays the present title beside a village


class PilotError(Exception):
    """Refused; `field` is the one it is about."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def with_pilots(villages: QuerySet[Village], *, on: datetime.date) -> QuerySet[Village]:
    """Each with the titles it holds that day as `pilot_now`, one at most; one query more for all of them."""
    return villages.prefetch_related(Prefetch("pilot_marks", queryset=PilotMark.objects.current(on), to_attr=NOW))


def pilot_of(village: Village, *, on: datetime.date) -> PilotMark | None:
    return PilotMark.objects.of(village).current(on).first()


def _check(village: Village, *, from_on: datetime.date, to_on: datetime.date | None) -> None:
    if village.merged_into_id is not None or village.is_practice:
        raise PilotError(_("这个村（社区）已经并入别的村，不能认定。"), "village")
    if to_on is not None and to_on < from_on:
        raise PilotError(_("结束的日子不能早于开始的日子。"), "to_on")
    others = PilotMark.objects.of(village).filter(Q(to_on__isnull=True) | Q(to_on__gte=from_on))
    if (others if to_on is None else others.filter(from_on__lte=to_on)).exists():
        raise PilotError(_("%(village)s在这段时间已经是示范点了。") % {"village": village.name}, "village")


def _refuse_twice(same: str) -> None:
    if Proposal.objects.waiting().filter(kind__in=_KINDS, payload__same=same).exists():
        raise PilotError(_("同样的事已经有人提出，正等第二人确认，不用再提。"))


def propose_pilot(
    region: Region,
    village: Village,
    *,
    level: str,
    document: str,
    from_on: datetime.date,
    to_on: datetime.date | None,
    by: User,
) -> Proposal:
    """Ask a second person to mark a village. Raises PilotError for a time in which it is one already, or was asked."""
    _check(village, from_on=from_on, to_on=to_on)
    same = f"pilot:{village.pk}"
    _refuse_twice(same)
    label = PilotMark.Level(level).label
    words = [
        (_("村（社区）"), village.name),
        (_("哪一级"), str(label)),
        (_("依据的文件"), document),
        (_("从哪天起"), from_on.isoformat()),
        (_("到哪天止"), to_on.isoformat() if to_on else _("没有期限")),
    ]
    return _propose(
        Proposal.Kind.MARK_PILOT,
        region,
        _("认定%(village)s为%(level)s示范点") % {"village": village.name, "level": label},
        words,
        by,
        village=village.pk,
        level=level,
        document=document,
        from_on=from_on.isoformat(),
        to_on=to_on.isoformat() if to_on else None,
        same=same,
    )


def propose_end(region: Region, mark: PilotMark, *, to_on: datetime.date, reason: str, by: User) -> Proposal:
    """Ask a second person to end a title on a day. Raises PilotError for a day before it began or after its end."""
    _check_end(mark, to_on)
    same = f"end-pilot:{mark.pk}"
    _refuse_twice(same)
    words = [
        (_("村（社区）"), mark.village.name),
        (_("示范点"), str(mark)),
        (_("到哪天止"), to_on.isoformat()),
        (_("原因"), reason),
    ]
    return _propose(
        Proposal.Kind.END_PILOT,
        region,
        _("%(village)s不再是示范点") % {"village": mark.village.name},
        words,
        by,
        mark=mark.pk,
        to_on=to_on.isoformat(),
        reason=reason,
        same=same,
    )


def _check_end(mark: PilotMark, to_on: datetime.date) -> None:
    if to_on < mark.from_on:
        raise PilotError(_("不能早于开始的日子（%(day)s）。") % {"day": mark.from_on}, "to_on")
    if mark.to_on is not None and mark.to_on <= to_on:
        raise PilotError(_("到 %(day)s 本来就结束了，请刷新页面看看。") % {"day": mark.to_on}, "to_on")


def _propose(
    kind: str, region: Region, summary: str, words: Iterable[tuple[str, str]], by: User, **payload: Any
) -> Proposal:
    told = {**payload, "words": [[label, text] for label, text in words]}
    return propose(kind=kind, region=region, summary=summary, payload=told, by=by)


def _here(proposal: Proposal, key: int) -> Village:
    """The village, while it is still below the region before which this was laid."""
    village = Village.objects.select_for_update(of=("self",)).select_related("region__parent").filter(pk=key).first()
    if village is None or proposal.region_id not in (village.region_id, village.region.parent_id):
        raise NotWaiting(_("这个村（社区）已经不归这里管，请退回。"))
    return village


@handler(Proposal.Kind.MARK_PILOT, Act.MARK_PILOT, step_up=True)
def _mark(proposal: Proposal, by: User) -> None:
    told = proposal.payload
    village = _here(proposal, told["village"])
    from_on = datetime.date.fromisoformat(told["from_on"])
    to_on = datetime.date.fromisoformat(told["to_on"]) if told["to_on"] else None
    try:
        _check(village, from_on=from_on, to_on=to_on)
    except PilotError as refused:
        raise NotWaiting(str(refused)) from refused
    mark = PilotMark.objects.create(
        village=village, level=told["level"], document=told["document"], from_on=from_on, to_on=to_on
    )
    record(
        action="mark_pilot", subject=mark, village_id=village.pk, actor=proposal.proposed_by, level=mark.level,
        document=mark.document, from_on=told["from_on"], to_on=told["to_on"], confirmed_by=by.pk,
    )  # fmt: skip


@handler(Proposal.Kind.END_PILOT, Act.MARK_PILOT, step_up=True)
def _end(proposal: Proposal, by: User) -> None:
    told = proposal.payload
    mark = PilotMark.objects.select_for_update(of=("self",)).select_related("village").filter(pk=told["mark"]).first()
    if mark is None:
        raise NotWaiting(_("已经不是示范点了，请退回。"))
    _here(proposal, mark.village_id)
    to_on = datetime.date.fromisoformat(told["to_on"])
    try:
        _check_end(mark, to_on)
    except PilotError as refused:
        raise NotWaiting(str(refused)) from refused
    mark.to_on, mark.end_reason = to_on, told["reason"]
    mark.save(update_fields=["to_on", "end_reason"])
    record(
        action="end_pilot", subject=mark, village_id=mark.village_id, actor=proposal.proposed_by,
        to_on=told["to_on"], reason=mark.end_reason, confirmed_by=by.pk,
    )  # fmt: skip


_KINDS = (Proposal.Kind.MARK_PILOT, Proposal.Kind.END_PILOT)


def pilots_in(villages: QuerySet[Village], *, on: datetime.date) -> list[PilotMark]:
    """The titles that villages hold that day, the highest level first."""
    ranks = {level: rank for rank, level in enumerate(PilotMark.Level.values)}
    held = PilotMark.objects.current(on).filter(village__in=villages).select_related("village__region", "village__page")
    return sorted(held.order_by("village__code"), key=lambda mark: ranks[mark.level])
