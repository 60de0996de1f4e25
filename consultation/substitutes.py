"""A household's substitute: another grown-up of the same home votes for it, named before that line has come in."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import Resident, User

from . import live
from .errors import Invalid, WrongState
from .locks import database_now, lock_meeting
from .models import Meeting, Proxy, RosterCorrection, RosterEntry
from .rosters import roster_digest, voter_fields

MAX_REASON = 120


def may_still_change(meeting: Meeting) -> bool:
    """Whether a household may send somebody else now: from the notice to the end, but not while a motion is running."""
    return meeting.state in (Meeting.State.NOTICED, Meeting.State.LIVE) and not meeting.motions.running().exists()


def who_may_come(entry: RosterEntry) -> QuerySet[Resident]:
    """The other grown-ups of the household who stand on the roll today and vote for no line of this roster."""
    today = entry.village.local_date(database_now())
    return (
        Resident.objects.of(entry.village)
        .on_roll(today)
        .adults(today)
        .filter(household=entry.household_id)
        .exclude(pk__in=RosterEntry.objects.filter(roster=entry.roster_id).values("resident"))
        .order_by("born_on", "pk")
    )


def _require_changeable(meeting: Meeting, entry: RosterEntry) -> None:
    if entry.roster.meeting_id != meeting.pk or entry.unit != RosterEntry.Unit.HOUSEHOLD:
        raise Invalid(_("只有按户参加的会议，才能由本户另派一个人。"))
    if meeting.state not in (Meeting.State.NOTICED, Meeting.State.LIVE):
        raise WrongState(_("会议不在通知或者开会当中，不能换人。"))
    if meeting.motions.running().exists():
        raise WrongState(_("正在表决，不能换人。请等这一项表决结束。"))
    if entry.attendances.filter(voided_at=None).exists() or entry.marks.exists():
        raise WrongState(_("%(name)s这一户已经签到，不能再换人。") % {"name": entry.name})
    if (
        Proxy.objects.standing().filter(grantor=entry).exists()
        or Proxy.objects.standing().filter(holder=entry).exists()
    ):
        raise WrongState(_("%(name)s还有委托没有收回。请先收回委托，再换人。") % {"name": entry.name})


@transaction.atomic
def name_substitute(
    meeting: Meeting, entry: RosterEntry, *, to: Resident, reason: str, by: User | None
) -> RosterCorrection:
    """Another grown-up of the household votes for it in place of the one on the roster, for a stated reason.

    Only from the notice on, before the line has checked in, and never while a motion is running. The roster's digest is
    made anew, so the next opening freezes the line as it is now (VL 26, UL 27 of 2025: 户的代表). Raises Invalid or
    WrongState.
    """
    meeting = lock_meeting(meeting)
    entry = RosterEntry.objects.of(meeting.village).select_related("roster", "resident", "village").get(pk=entry.pk)
    _require_changeable(meeting, entry)
    if not reason.strip():
        raise Invalid(_("请写明为什么换人，例如“在外地务工”。"), field="reason")
    if len(reason.strip()) > MAX_REASON:
        raise Invalid(_("原因最多 %(most)s 个字，请写短一些。") % {"most": MAX_REASON}, field="reason")
    if entry.roster.entries.filter(resident=to).exists():
        raise Invalid(_("%(name)s已经在名册上，一个人只能代表一户。") % {"name": to.name}, field="to")
    if not who_may_come(entry).filter(pk=to.pk).exists():
        raise Invalid(_("只能换成同一户、满十八周岁、在名册上的人。"), field="to")
    correction = RosterCorrection.objects.create(
        village=meeting.village,
        roster=entry.roster,
        entry=entry,
        before=entry.resident,
        after=to,
        reason=reason.strip(),
        made_by=by,
    )
    for name, value in voter_fields(to).items():
        setattr(entry, name, value)
    entry.save()
    roster = entry.roster
    roster.digest = roster_digest(roster.entries.all())
    roster.save(update_fields=["digest"])
    record(
        action="name_substitute", subject=meeting, village_id=meeting.village_id, actor=by, number=meeting.number,
        entry=entry.number, before=correction.before.name, after=to.name, reason=correction.reason,
        roster=roster.digest,
    )  # fmt: skip
    live.announce(meeting.pk)
    return correction
