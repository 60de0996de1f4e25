"""Who of the roster is there, and whether enough are."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import User

from . import floor, live, proxies
from .errors import Invalid, NoQuorum, WrongState
from .locks import database_now, lock_meeting
from .models import Attendance, Meeting, MeetingSession, RosterEntry
from .quorum import Share, is_met, required


def quorum_of(meeting: Meeting) -> Share:
    rules = meeting.procedure
    return Share(rules["quorum_op"], rules["quorum_num"], rules["quorum_den"])


def require_live(meeting: Meeting) -> None:
    if not meeting.is_live:
        raise WrongState(_("会议没有在进行，不能签到。"))


@transaction.atomic
def check_in(
    meeting: Meeting,
    entries: Sequence[RosterEntry],
    *,
    method: str,
    by: User | None,
    session: MeetingSession | None = None,
) -> int:
    """Record that these voting units are there; those who are already stay as they are.

    `session` is the place they came to, in a meeting of several. Returns how many were added. Raises WrongState when
    the meeting is not live, Invalid for a foreign entry or place, or for remote presence where it is not allowed.
    """
    meeting = lock_meeting(meeting)
    require_live(meeting)
    if method == Attendance.Method.REMOTE and not meeting.remote_allowed:
        raise Invalid(_("这次会议不能远程参加，请到会场签到。"))
    if session is not None and session.meeting_id != meeting.pk:
        raise Invalid(_("这个会场不属于这次会议。"), field="place")
    if any(entry.roster.meeting_id != meeting.pk for entry in entries):
        raise Invalid(_("名单里有不属于这次会议的人。"))
    proxies.grantors_came(meeting, entries, by=by)
    here = set(
        Attendance.objects.of(meeting.village).filter(meeting=meeting).present().values_list("entry_id", flat=True)
    )
    now = database_now()
    arrivals = [
        Attendance(
            village=meeting.village,
            meeting=meeting,
            entry=entry,
            session=session,
            method=method,
            came_after=meeting.openings,
            in_at=now,
            recorded_by=by,
        )
        for entry in entries
        if entry.pk not in here
    ]
    Attendance.objects.bulk_create(arrivals, batch_size=500)
    if arrivals:
        proxies.holders_came(meeting, [arrival.entry_id for arrival in arrivals], by=by)
        record(
            action="check_in", subject=meeting, village_id=meeting.village_id, actor=by,
            number=meeting.number, method=method, entries=[a.entry.number for a in arrivals],
            **({"place": session.number} if session is not None else {}),
        )  # fmt: skip
        live.announce(meeting.pk)
    return len(arrivals)


def present_of(meeting: Meeting, entry: RosterEntry) -> Attendance:
    """The stay of somebody who is there in person. Raises WrongState for anybody else."""
    stay = Attendance.objects.of(meeting.village).filter(meeting=meeting, entry=entry).present().first()
    if stay is None:
        raise WrongState(_("%(name)s没有签到，不用再操作。") % {"name": entry.name})
    if stay.method == Attendance.Method.PROXY:
        raise WrongState(
            _("%(name)s是委托别人参加的，本人没有签到。要结束，请由委托人或者受托人收回委托。") % {"name": entry.name}
        )
    return stay


@transaction.atomic
def undo_check_in(meeting: Meeting, entry: RosterEntry, *, by: User | None, reason: str) -> None:
    """Take a mistaken check-in back. Raises WrongState while a motion is running or once the entry has voted."""
    meeting = lock_meeting(meeting)
    require_live(meeting)
    stay = present_of(meeting, entry)
    if meeting.motions.running().exists():
        raise WrongState(_("正在表决，到会人数已经固定。请等这一项表决结束后再撤销签到。"))
    if entry.marks.filter(motion__opening__gt=stay.came_after).exists():
        raise WrongState(_("%(name)s已经投过票，签到不能撤销。人走了的话请登记“离场”。") % {"name": entry.name})
    stay.voided_at = database_now()
    stay.void_reason = reason[:120]
    proxies.holder_never_came(meeting, entry, now=stay.voided_at, reason=stay.void_reason)
    stay.save()
    floor.left(meeting, entry)
    record(
        action="undo_check_in", subject=meeting, village_id=meeting.village_id, actor=by,
        number=meeting.number, entry=entry.number, reason=stay.void_reason,
    )  # fmt: skip
    live.announce(meeting.pk)


@transaction.atomic
def check_out(meeting: Meeting, entry: RosterEntry, *, by: User | None) -> None:
    """Record that somebody left; a motion already open still counts them as present."""
    meeting = lock_meeting(meeting)
    require_live(meeting)
    stay = present_of(meeting, entry)
    stay.out_at = database_now()
    stay.left_after = meeting.openings
    stay.save()
    proxies.holder_left(meeting, entry, now=stay.out_at)
    floor.left(meeting, entry)
    record(
        action="check_out", subject=meeting, village_id=meeting.village_id, actor=by,
        number=meeting.number, entry=entry.number,
    )  # fmt: skip
    live.announce(meeting.pk)


def present_count(meeting: Meeting) -> int:
    return Attendance.objects.of(meeting.village).filter(meeting=meeting).present().count()


def quorum_reached(meeting: Meeting) -> bool:
    return is_met(present_count(meeting), meeting.roster.entitled_count, quorum_of(meeting))


def required_for(meeting: Meeting) -> int:
    """How many must be there before anything is put to the vote."""
    return required(meeting.roster.entitled_count, quorum_of(meeting))


@transaction.atomic
def confirm_quorum(meeting: Meeting, *, by: User | None) -> Meeting:
    """The chair states that enough are there. Raises NoQuorum while they are not."""
    meeting = lock_meeting(meeting)
    require_live(meeting)
    if not quorum_reached(meeting):
        raise NoQuorum(
            _("应到 %(entitled)s，实到 %(present)s，至少要到 %(required)s。请继续签到，或者宣布延期。")
            % {
                "entitled": meeting.roster.entitled_count,
                "present": present_count(meeting),
                "required": required_for(meeting),
            }
        )
    meeting.phase = Meeting.Phase.QUORUM_CONFIRMED
    meeting.save(update_fields=["phase"])
    record(
        action="confirm_quorum", subject=meeting, village_id=meeting.village_id, actor=by,
        number=meeting.number, present=present_count(meeting),
    )  # fmt: skip
    live.announce(meeting.pk)
    return meeting
