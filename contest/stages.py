"""What a contest's dates allow at a moment. A stage begins with its first second and is over at its last one."""

from __future__ import annotations

import datetime

from django.utils.translation import gettext as _

from consultation.locks import database_now

from .errors import Closed, WrongState
from .models import Contest, Stage

# Between these states the stages' dates decide; the later acts are the organizers' own.
_AFTER_THE_LOCK = frozenset({Stage.Key.PUBLIC_NOTICE, Stage.Key.PUBLISHED})


def stage(contest: Contest, key: str) -> Stage | None:
    """That stage of the contest, if it has one; of those that were prefetched, if they were."""
    return next((one for one in contest.stages.all() if one.key == key), None)


def is_open(contest: Contest, key: str, at: datetime.datetime | None = None) -> bool:
    """Whether the contest has that stage and it runs at that moment (aware; default the database's now), to the second.

    Before the contest is announced nothing is open, and what comes before the scores are locked is closed with them.
    """
    found = stage(contest, key)
    return found is not None and _state_lets(contest, key) and found.is_open(at or database_now())


def _state_lets(contest: Contest, key: str) -> bool:
    if key in _AFTER_THE_LOCK:
        return contest.state not in (Contest.State.DRAFT, Contest.State.ARCHIVED)
    return contest.state == Contest.State.ANNOUNCED


def accepts_entries(contest: Contest, at: datetime.datetime | None = None) -> bool:
    """Whether an entry may be sent in at that moment: while submission is open, and for the contest's grace after."""
    found = stage(contest, Stage.Key.SUBMISSION)
    if found is None or not _state_lets(contest, found.key):
        return False
    grace = datetime.timedelta(seconds=contest.grace_seconds)
    return found.opens_at <= (at or database_now()) < found.closes_at + grace


def require_open(contest: Contest, key: str, at: datetime.datetime | None = None) -> Stage:
    """The stage, read afresh, if it is open at that moment. For submission the contest's grace counts.

    Without `at` the database's clock is read: call it after the lock. Raises WrongState before it opens and where the
    contest has no such stage or its state forbids it, Closed after it has closed.
    """
    now = at or database_now()
    fresh = Contest.objects.prefetch_related("stages").get(pk=contest.pk)
    found = stage(fresh, key)
    label = Stage.Key(key).label
    if found is None:
        raise WrongState(_("这次评选没有“%(stage)s”这个阶段。") % {"stage": label})
    if not _state_lets(fresh, key):
        raise WrongState(
            _("这次评选现在是“%(state)s”，不能%(stage)s。") % {"state": fresh.get_state_display(), "stage": found.label}
        )
    if now < found.opens_at:
        raise WrongState(
            _("“%(stage)s”还没有开始，%(when)s 开始。")
            % {"stage": found.label, "when": moment_words(fresh, found.opens_at)}
        )
    open_now = accepts_entries(fresh, now) if key == Stage.Key.SUBMISSION else found.is_open(now)
    if not open_now:
        raise Closed(
            _("“%(stage)s”已经在 %(when)s 结束了。")
            % {"stage": found.label, "when": moment_words(fresh, found.closes_at)}
        )
    return found


def moment_words(contest: Contest, moment: datetime.datetime) -> str:
    """A moment to the second by the contest's own clock, as refusals write it."""
    return contest.local(moment).strftime("%Y-%m-%d %H:%M:%S")
