"""What those above say of an entry: the township checks, each level above recommends within its places."""

from __future__ import annotations

import datetime
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from consultation.locks import database_now
from residents.models import Region, User

from .entries import locked_entry, note
from .entry_rights import may_check, region_at
from .errors import Incomplete, NotAllowed, WrongState
from .models import Contest, Entry, EntryCheck, Stage
from .rights import may_run
from .stages import require_open

Result = EntryCheck.Result
THROUGH = (Result.PASSED, Result.RECOMMENDED)
WITH_THOSE_ABOVE = (
    Entry.State.SUBMITTED, Entry.State.RESUBMITTED, Entry.State.PASSED, Entry.State.RECOMMENDED,
)  # fmt: skip


def check_stages(contest: Contest) -> list[Stage]:
    """The stages at which entries are checked, from below."""
    return [one for one in contest.stages.all() if one.key in Stage.CHECKS]


def next_stage(entry: Entry) -> Stage | None:
    """The check that it waits for or came back from; None when it got through all."""
    through = {one.stage for one in entry.checks.all() if one.result in THROUGH}
    return next((one for one in check_stages(entry.contest) if one.key not in through), None)


def places_left(stage: Stage, region: Region | None) -> int | None:
    """How many more entries that region may let through; None for any number."""
    if stage.quota is None:
        return None
    through = EntryCheck.objects.filter(entry__contest=stage.contest_id, stage=stage.key, region=region)
    used = through.filter(result__in=THROUGH).exclude(entry__state__in=Entry.OUT).values("entry").distinct().count()
    return max(0, stage.quota - used)


@transaction.atomic
def check_entry(
    entry: Entry, *, stage: str, result: str, in_order: Collection[str] = (), note_text: str = "", by: User
) -> EntryCheck:
    """Write down what a level found. `stage` is the one the officer saw, `in_order` lines of its list that are ticked.

    To let it through each line is ticked or there is a note. Only the township returns. Raises NotAllowed, WrongState
    (somebody else was first, or no place is left), Closed, Incomplete.
    """
    line = locked_entry(entry)
    due = next_stage(line)
    if due is None or due.key != stage or line.state not in WITH_THOSE_ABOVE:
        raise WrongState(
            _("这件申报现在是“%(state)s”，不等这一步审核。请刷新页面。") % {"state": line.get_state_display()}
        )
    if not may_check(by, due, line.village):
        raise NotAllowed(_("这一步由上级的审核人员来办，您没有这项权限。"))
    require_open(line.contest, due.key)
    region = region_at(line.village, Stage.CHECKS[Stage.Key(due.key)])
    ticked = [one for one in due.checks if one in in_order]
    words = note_text.strip()
    let_through = _require_whole(due, result, ticked, words)
    if let_through and places_left(due, region) == 0:
        raise WrongState(_("名额是 %(quota)s 件，已经用完了，不能再推荐。") % {"quota": due.quota})
    made = EntryCheck.objects.create(
        village=line.village,
        entry=line,
        stage=due.key,
        region=region,
        result=result,
        in_order=ticked,
        note=words,
        by=by,
    )
    _move(line, due, result, words)
    note(line, "check_entry", by=by, stage=due.key, result=result)
    return made


def _require_whole(due: Stage, result: str, ticked: list[str], words: str) -> bool:
    """Whether it lets through; raises Incomplete for what is no answer at this stage."""
    is_township = due.key == Stage.Key.TOWNSHIP_REVIEW
    allowed = {Result.PASSED, Result.RETURNED, Result.REJECTED} if is_township else {Result.RECOMMENDED}
    if result not in allowed:
        raise Incomplete(_("请选一个审核结果。"), "result")
    if result not in THROUGH:
        if not words:
            raise Incomplete(_("退回或者不通过，要写明原因，村里看得到。"), "note")
        return False
    if len(ticked) < len(due.checks) and not words:
        raise Incomplete(_("清单里有没核对的。请逐条核对，或者在意见里说明。"), "note")
    return True


def _move(line: Entry, due: Stage, result: str, words: str) -> None:
    if result == Result.RETURNED:
        line.state, line.reason = Entry.State.RETURNED, words
    elif result == Result.REJECTED:
        line.state, line.reason, line.out_at = Entry.State.REJECTED, words, database_now()
    elif check_stages(line.contest)[-1].key == due.key:
        line.state = Entry.State.SHORTLISTED
    else:
        line.state = Entry.State.PASSED if result == Result.PASSED else Entry.State.RECOMMENDED
    line.save(update_fields=["state", "reason", "out_at"])


@transaction.atomic
def shortlist(entry: Entry, *, by: User) -> Entry:
    """The organizers put on show what got through every check there is; for contests without any check, too."""
    line = locked_entry(entry)
    if not may_run(by, line.contest):
        raise NotAllowed(_("入围由主办方的人来定。"))
    if line.state not in WITH_THOSE_ABOVE or next_stage(line) is not None:
        raise WrongState(_("这件申报现在还不能入围：还有一级没有审核，或者已经退出。"))
    if line.contest.state != Contest.State.ANNOUNCED:
        raise WrongState(_("分数已经锁定，不能再入围。"))
    line.state = Entry.State.SHORTLISTED
    line.save(update_fields=["state"])
    note(line, "shortlist_entry", by=by)
    return line


@transaction.atomic
def reject_left_over(contest: Contest, now: datetime.datetime | None = None) -> int:
    """What nobody let through before its check closed, or did not come back in time, is out; how many. Safe to repeat.

    An entry that is sent in within the contest's grace after a check has closed is left to the organizers.
    """
    moment = now or database_now()
    count = 0
    waiting = contest.entries.filter(state__in=[*WITH_THOSE_ABOVE, Entry.State.RETURNED]).order_by("number")
    for one in waiting.select_related("contest", "village"):
        line = locked_entry(one)
        due = next_stage(line)
        if due is None or due.closes_at > moment or line.state not in (*WITH_THOSE_ABOVE, Entry.State.RETURNED):
            continue
        if line.contest.state != Contest.State.ANNOUNCED:
            continue
        back = line.state == Entry.State.RETURNED
        line.reason = _("退回以后没有按时重报。") if back else _("“%(stage)s”结束时没有通过。") % {"stage": due.label}
        line.state, line.out_at = Entry.State.REJECTED, moment
        line.save(update_fields=["state", "reason", "out_at"])
        note(line, "reject_left_over", by=None, stage=due.key)
        count += 1
    return count
