"""Moving a stage of a contest: first whom that concerns is told, then it is done, with a reason that all can read."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.log import record
from consultation.locks import database_now
from residents.models import User

from . import publishing
from .errors import ContestRefused, Incomplete, Stale, WrongState
from .models import Contest, Entry, Stage, StageMove
from .models.moves import REASON_MOST
from .running import disorder, locked
from .unfinished import judges_unfinished


@dataclass(frozen=True)
class Move:
    """What moving a stage to these dates would mean. `refused`: why it can't be done, or empty. `warnings`: whom it
    concerns and what is odd about it; where there are any, it has to be confirmed. `needs_reason`: it is announced."""

    stage: Stage
    opens_at: datetime.datetime
    closes_at: datetime.datetime
    refused: str
    warnings: Sequence[str]
    needs_reason: bool

    @property
    def changes(self) -> bool:
        return (self.opens_at, self.closes_at) != (self.stage.opens_at, self.stage.closes_at)


def preview_move(
    stage: Stage, opens_at: datetime.datetime, closes_at: datetime.datetime, *, at: datetime.datetime | None = None
) -> Move:
    """What would come of it; changes nothing. Both dates are aware."""
    now = at or database_now()
    public = stage.contest.state != Contest.State.DRAFT
    refused = _refused(stage, opens_at, closes_at, now)
    warnings = [] if refused else [*_whom(stage, closes_at, now), *_odd(stage, opens_at, closes_at, now)]
    return Move(stage, opens_at, closes_at, refused, warnings, needs_reason=public)


def _refused(stage: Stage, opens_at: datetime.datetime, closes_at: datetime.datetime, now: datetime.datetime) -> str:
    contest = stage.contest
    after_lock = stage.key in (Stage.Key.PUBLIC_NOTICE, Stage.Key.PUBLISHED)
    open_to_change = {Contest.State.DRAFT, Contest.State.ANNOUNCED}
    if after_lock:
        open_to_change |= {Contest.State.SCORE_LOCKED, Contest.State.PUBLIC_NOTICE}
    if contest.state not in open_to_change:
        return _("评选现在是“%(state)s”，这个阶段的时间不能再改。") % {"state": contest.get_state_display()}
    if closes_at <= opens_at:
        return _("结束要在开始以后。")
    if contest.state == Contest.State.DRAFT:
        return ""
    if stage.opens_at <= now and opens_at != stage.opens_at:
        return _("这个阶段已经开始了，开始时间不能再改，只能改结束时间。")
    if opens_at != stage.opens_at and opens_at < now:
        return _("开始时间已经过去了，请改成以后的时间。")
    if closes_at != stage.closes_at and closes_at < now:
        return _("结束时间已经过去了。要现在结束，请填几分钟以后的时间。")
    return ""


def _whom(stage: Stage, closes_at: datetime.datetime, now: datetime.datetime) -> list[str]:
    """Those who are at it now, in numbers."""
    entries = Entry.objects.filter(contest=stage.contest)
    found = []
    if stage.key == Stage.Key.SUBMISSION:
        drafts = entries.filter(state__in=Entry.OPEN_TO_CHANGE).values("village").distinct().count()
        if drafts:
            found.append(
                ngettext("有 %(number)d 个村（社区）还在写申报。", "有 %(number)d 个村（社区）还在写申报。", drafts)
                % {"number": drafts}
            )
    elif stage.key in Stage.CHECKS:
        waiting = entries.filter(state__in=[Entry.State.SUBMITTED, Entry.State.RESUBMITTED, Entry.State.PASSED]).count()
        if waiting:
            found.append(
                ngettext("有 %(number)d 件申报在等审核。", "有 %(number)d 件申报在等审核。", waiting)
                % {"number": waiting}
            )
    elif stage.key == Stage.Key.PUBLIC_VOTE:
        voters = stage.contest.votes.count()
        if voters:
            found.append(
                ngettext("已经有 %(number)d 人投票。", "已经有 %(number)d 人投票。", voters) % {"number": voters}
            )
        if stage.closes_at <= now < closes_at:
            found.append(_("公众投票已经结束了。这样改会重新开放投票，原因和改动会公布在评选的网页上。"))
    elif stage.key == Stage.Key.EXPERT_REVIEW:
        judges = judges_unfinished(stage.contest)
        if judges:
            found.append(
                ngettext("有 %(number)d 位评委还没有评完。", "有 %(number)d 位评委还没有评完。", judges)
                % {"number": judges}
            )
    return found


def _odd(stage: Stage, opens_at: datetime.datetime, closes_at: datetime.datetime, now: datetime.datetime) -> list[str]:
    found = []
    if stage.opens_at <= now < stage.closes_at and closes_at < stage.closes_at:
        found.append(_("这个阶段正在进行，会比原来说的早结束。"))
    if stage.key != Stage.Key.PUBLIC_VOTE and stage.closes_at <= now < closes_at:
        found.append(_("这个阶段已经结束了，这样改会重新开放。"))
    before = list(stage.contest.stages.all())
    after = [
        Stage(key=one.key, label=one.label, position=one.position, opens_at=opens_at, closes_at=closes_at)
        if one.pk == stage.pk
        else one
        for one in before
    ]
    found += [line for line in disorder(after) if line not in disorder(before)]
    for one in before:
        touched = opens_at < one.closes_at and one.opens_at < closes_at
        if one.pk != stage.pk and touched and not (stage.opens_at < one.closes_at and one.opens_at < stage.closes_at):
            found.append(_("会和“%(other)s”同时进行。") % {"other": one.label})
    return found


@transaction.atomic
def move_stage(
    stage: Stage,
    opens_at: datetime.datetime,
    closes_at: datetime.datetime,
    *,
    by: User | None,
    reason: str = "",
    confirmed: Sequence[str] = (),
    at: datetime.datetime | None = None,
) -> Stage:
    """Move it. `stage` is as whoever moves it saw it; `confirmed` the warnings that were read.

    Raises NotAllowed, Stale where somebody moved it meanwhile, WrongState where it can't be done, Incomplete without a
    reason once it is announced, and ContestRefused `stale` where the warnings are others than those that were read.
    """
    contest = locked(stage.contest, by=by)
    line = Stage.objects.select_related("contest").get(pk=stage.pk)
    if (line.opens_at, line.closes_at) != (stage.opens_at, stage.closes_at):
        raise Stale
    move = preview_move(line, opens_at, closes_at, at=at)
    if move.refused:
        raise WrongState(move.refused)
    if not move.changes:
        return line
    told = reason.strip()[:REASON_MOST]
    if move.needs_reason and not told:
        raise Incomplete(_("评选已经发布，请写明为什么改时间，大家都看得到。"), "reason")
    if set(move.warnings) - set(confirmed):
        raise ContestRefused("stale", _("请先看一遍这样改会影响到谁，再确认。"), "confirmed")
    before = (line.opens_at, line.closes_at)
    line.opens_at, line.closes_at = opens_at, closes_at
    line.save(update_fields=["opens_at", "closes_at"])
    if contest.is_public:
        StageMove.objects.create(
            contest=contest, key=line.key, label=line.label, opened_at=before[0], closed_at=before[1],
            opens_at=opens_at, closes_at=closes_at, reason=told, by=by,
        )  # fmt: skip
        publishing.show_page(contest)
    record(
        action="move_contest_stage", subject=contest, village_id=contest.village_id, actor=by, contest=contest.slug,
        stage=line.key, opens_at=opens_at.isoformat(), closes_at=closes_at.isoformat(), reason=told,
    )  # fmt: skip
    return line
