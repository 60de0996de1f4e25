"""Papers handed out at the table: to whom, never which one, and no vote by phone beside a paper."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from residents.models import User

from . import live
from .balance import Papers
from .ballot_box import standing
from .errors import AlreadyVoted, CameLate, HoldsPaper, MotionNotOpen, NotCheckedIn, NotEntitled, WrongState
from .locks import casting_turn, share_casting
from .models import Attendance, Mark, MeetingSession, Motion, PaperIssue, RosterEntry

# Spoiled papers are papers that went out, too; those handed back unused lie in the pile again.
GONE_OUT = (PaperIssue.State.OUT, PaperIssue.State.SPOILED)


def papers_of(motion: Motion, session: MeetingSession | None = None) -> Papers:
    """How many papers went out at that place (None: to those of no place) and how many of them were spoiled."""
    return _summed(PaperIssue.objects.filter(motion=motion, session=session))


def all_papers_of(motion: Motion) -> Papers:
    """The same over all places."""
    return _summed(PaperIssue.objects.filter(motion=motion))


def _summed(issues: QuerySet[PaperIssue]) -> Papers:
    spoiled = Count("pk", filter=Q(state=PaperIssue.State.SPOILED))
    sums = issues.filter(state__in=GONE_OUT).aggregate(issued=Count("pk"), spoiled=spoiled)
    return Papers(issued=sums["issued"], spoiled=sums["spoiled"])


def places_of(motion: Motion) -> set[int | None]:
    """The places where papers went out (None: to those of no place); each needs a count of its own."""
    gone = PaperIssue.objects.filter(motion=motion, state__in=GONE_OUT)
    return set(gone.order_by().values_list("session_id", flat=True).distinct())


def _require_open(motion: Motion, entry: RosterEntry) -> None:
    """Behind the lock: papers are handled only while the motion is open, with who was there when it opened."""
    now = standing(motion, entry)
    if now.method not in Motion.WITH_PAPER:
        raise WrongState(_("这一项不用纸票。"))
    if now.state == Motion.State.PAUSED:
        raise MotionNotOpen(_("表决暂停了，现在不发纸票，也不收回。等主持人宣布继续再办。"))
    if now.state != Motion.State.OPEN:
        raise MotionNotOpen(_("这一项没有在表决，不能发纸票，也不能换票、退票。"))
    if not now.present:
        _say_why_absent(motion, entry)


def _say_why_absent(motion: Motion, entry: RosterEntry) -> None:
    if entry.roster.meeting_id != motion.meeting_id:
        raise NotEntitled(_("这个人不在这次会议的名册上，不能领纸票。"))
    if Attendance.objects.filter(entry=entry, meeting=motion.meeting_id).present().exists():
        raise CameLate(_("%(name)s签到时这一项已经开始表决，这一项不能领票。") % {"name": entry.name})
    raise NotCheckedIn(_("%(name)s在表决开始时没有签到，这一项不能领票。") % {"name": entry.name})


def _place_of(motion: Motion, entry: RosterEntry) -> int | None:
    """Where the unit was checked in, in a meeting of several places."""
    assert motion.opening is not None  # noqa: S101  it is open
    stays = Attendance.objects.filter(entry=entry, meeting=motion.meeting_id).present_at(motion.opening)
    return stays.order_by("-pk").values_list("session_id", flat=True).first()


def issue_paper(*, motion: Motion, entry: RosterEntry, by: User | None) -> PaperIssue:
    """Hand a paper to a voting unit that has not voted: from now on it votes with that.

    Raises MotionNotOpen, WrongState (no papers in this motion), NotCheckedIn or NotEntitled as a ballot does,
    HoldsPaper or AlreadyVoted when the unit has its vote already.
    """
    try:
        with casting_turn(), transaction.atomic():
            share_casting(motion.pk)
            _require_open(motion, entry)
            Mark.objects.create(village_id=motion.village_id, motion=motion, entry=entry, paper=True)
            issue = PaperIssue.objects.create(
                village_id=motion.village_id,
                motion=motion,
                entry=entry,
                session_id=_place_of(motion, entry),
                issued_by=by,
            )
            live.announce(motion.meeting_id)
            return issue
    except IntegrityError as error:
        if Mark.objects.filter(motion=motion, entry=entry, paper=False).exists():
            raise AlreadyVoted(_("%(name)s已经投过票，不能再领纸票。") % {"name": entry.name}) from error
        raise HoldsPaper(_("%(name)s已经领过纸票，不能再领。写坏了请按“换一张”。") % {"name": entry.name}) from error


def _take_back(motion: Motion, entry: RosterEntry, state: PaperIssue.State) -> PaperIssue:
    """The paper that is out to this unit, set to that state; WrongState when none is."""
    issue = PaperIssue.objects.select_for_update(of=("self",)).filter(
        motion=motion, entry=entry, state=PaperIssue.State.OUT
    ).first()  # fmt: skip
    if issue is None:
        raise WrongState(_("%(name)s手里没有纸票。请核对姓名和号牌。") % {"name": entry.name})
    issue.state = state
    issue.save(update_fields=["state"])
    return issue


def spoil_paper(*, motion: Motion, entry: RosterEntry, by: User | None) -> PaperIssue:
    """Exchange a paper that was written badly, before it is in the box; the spoiled one is kept apart and counted."""
    with casting_turn(), transaction.atomic():
        share_casting(motion.pk)
        _require_open(motion, entry)
        spoiled = _take_back(motion, entry, PaperIssue.State.SPOILED)
        return PaperIssue.objects.create(
            village_id=motion.village_id, motion=motion, entry=entry, session_id=spoiled.session_id, issued_by=by
        )


def return_unused(*, motion: Motion, entry: RosterEntry, by: User | None) -> None:
    """Take an unmarked paper back: the unit has not voted and may do so by phone, or fetch a paper again."""
    del by  # nobody asks later who took back a paper on which nothing was written
    with casting_turn(), transaction.atomic():
        share_casting(motion.pk)
        _require_open(motion, entry)
        _take_back(motion, entry, PaperIssue.State.UNUSED)
        Mark.objects.filter(motion=motion, entry=entry, paper=True).delete()
        live.announce(motion.meeting_id)


def holders(motion: Motion) -> list[RosterEntry]:
    """Who has a paper now, by number: for the table where papers are handed out, while the motion is open."""
    return list(
        RosterEntry.objects.filter(papers__motion=motion, papers__state=PaperIssue.State.OUT).order_by("number")
    )
