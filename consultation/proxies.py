"""Written grants: somebody who can not come lets another of the meeting cast a ballot in their place.

Off unless the meeting's frozen rules allow it. The law knows it for members of a collective's economic organisation,
who may be represented by one of their own household (农村集体经济组织法 第二十七条: 书面委托……代为参加会议), so
whoever is represented counts as present. A running motion is never touched: opening froze who votes in whose place, and
what is granted or ended meanwhile holds from the next one on (`granted_after` and `ended_after`, as Attendance's
`came_after` and `left_after`).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import User

from . import live
from .errors import Invalid, MeetingError, WrongState
from .locks import casting_turn, database_now, lock_meeting
from .models import Attendance, Mark, Meeting, Motion, Photo, Proxy, RosterEntry
from .models.presets import Proxies
from .pictures import discard_photo, keep_photo

CAP = 3  # for meetings whose rules were frozen before the cap was a rule


def kind_of(meeting: Meeting) -> str:
    """A value of Proxies: whom those who can not come may send in this meeting."""
    return str(meeting.procedure.get("proxy", Proxies.NONE))


def cap_of(meeting: Meeting) -> int:
    """How many grants one person may hold here."""
    return int(meeting.procedure.get("proxy_cap", CAP))


def require_grantable(meeting: Meeting, grantor: RosterEntry, holder: RosterEntry) -> None:
    """Raises Invalid or WrongState with the first reason why this grant can not be made now."""
    if kind_of(meeting) == Proxies.NONE:
        raise WrongState(_("这次会议不能委托别人投票，请本人参加。"))
    if meeting.state not in (Meeting.State.NOTICED, Meeting.State.LIVE):
        raise WrongState(_("会议不在通知或者开会当中，不能办委托。"))
    if any(line.roster.meeting_id != meeting.pk for line in (grantor, holder)):
        raise Invalid(_("委托人和受托人都要在这次会议的名册上。"), field="holder")
    if grantor.pk == holder.pk:
        raise Invalid(_("不能委托给自己，请写另一个人。"), field="holder")
    _require_absent(grantor)
    _require_fit(meeting, grantor, holder)


def _require_absent(grantor: RosterEntry) -> None:
    if grantor.grants.standing().exists():
        raise WrongState(_("%(name)s已经委托过了。要换人，请先收回原来的委托。") % {"name": grantor.name})
    if grantor.attendances.present().exists():
        raise WrongState(_("%(name)s已经签到，请自己投票。走了的请先登记离场。") % {"name": grantor.name})
    if Mark.objects.filter(entry=grantor).exists():
        raise WrongState(_("%(name)s在这次会议里已经投过票，不能再委托别人。") % {"name": grantor.name})
    if grantor.held_grants.standing().exists():
        raise WrongState(
            _("%(name)s受了别人的委托，不能再转给另一个人。请先把受的委托退回去。") % {"name": grantor.name}
        )


def _require_fit(meeting: Meeting, grantor: RosterEntry, holder: RosterEntry) -> None:
    same_home = grantor.resident.household_id == holder.resident.household_id
    if kind_of(meeting) == Proxies.SAME_HOUSEHOLD and not same_home:
        raise Invalid(_("这次会议只能委托同一户的人，请写您家里在名册上的人。"), field="holder")
    if holder.grants.standing().exists():
        raise Invalid(_("%(name)s自己也委托了别人，不能替您投票。请换一个人。") % {"name": holder.name}, field="holder")
    if holder.held_grants.standing().count() >= cap_of(meeting):
        raise Invalid(
            _("%(name)s已经受了 %(cap)s 个人的委托，不能再多。请换一个人。")
            % {"name": holder.name, "cap": cap_of(meeting)},
            field="holder",
        )


def grant_with_photo(
    meeting: Meeting, *, grantor: RosterEntry, holder: RosterEntry, upload: UploadedFile, by: User | None
) -> Proxy:
    """As `grant_proxy`, with the photograph as it was sent in. Raises PhotoRefused too."""
    require_grantable(meeting, grantor, holder)  # before anything large is looked at
    photo = keep_photo(meeting.village, upload, by)
    try:
        return grant_proxy(meeting, grantor=grantor, holder=holder, photo=photo, by=by)
    except MeetingError:
        discard_photo(photo)
        raise


@transaction.atomic
def grant_proxy(meeting: Meeting, *, grantor: RosterEntry, holder: RosterEntry, photo: Photo, by: User | None) -> Proxy:
    """Let the holder vote in the grantor's place, each with a ballot of their own; the written grant is attached.

    Raises WrongState when the meeting allows none or is over, or the grantor is there, has voted, has granted or holds
    a grant; Invalid for a holder who may not be (not of the roster or the household, has granted, holds too many).
    """
    meeting = lock_meeting(meeting)
    require_grantable(meeting, grantor, holder)
    proxy = Proxy.objects.create(
        village=meeting.village,
        meeting=meeting,
        grantor=grantor,
        holder=holder,
        photo=photo,
        granted_by=by,
        granted_after=meeting.openings,
    )
    record(
        action="grant_proxy", subject=meeting, village_id=meeting.village_id, actor=by,
        number=meeting.number, grantor=grantor.number, holder=holder.number, photo=photo.sha256,
    )  # fmt: skip
    holders_came(meeting, [holder.pk], by=by)
    live.announce(meeting.pk)
    return proxy


@transaction.atomic
def end_proxy(proxy: Proxy, *, by: User | None, reason: str) -> None:
    """Either of the two ends it, for every motion that is not running yet. Raises WrongState when it has ended."""
    meeting = lock_meeting(proxy.meeting)
    standing = Proxy.objects.of(meeting.village).standing().filter(pk=proxy.pk).select_related("grantor", "holder")
    if not _end(meeting, standing, reason=reason, by=by):
        raise WrongState(_("这份委托早已结束，不用再收回。"))
    live.announce(meeting.pk)


def end_all(meeting: Meeting) -> None:
    """The meeting is over, and every grant with it. The meeting is locked."""
    Proxy.objects.of(meeting.village).standing().filter(meeting=meeting).update(
        ended_at=database_now(), ended_after=meeting.openings, end_reason=_("会议结束")
    )


def grantors_came(meeting: Meeting, entries: Iterable[RosterEntry], *, by: User | None) -> None:
    """Who comes in person votes in person: their grants end. The meeting is locked."""
    if kind_of(meeting) != Proxies.NONE:
        came = Proxy.objects.of(meeting.village).standing().filter(meeting=meeting, grantor__in=list(entries))
        _end(meeting, came.select_related("grantor", "holder"), reason=_("委托人本人到会"), by=by)


def holders_came(meeting: Meeting, entries: Iterable[int], *, by: User | None) -> None:
    """Those in whose place somebody now there votes count as present from the next motion on. The meeting is locked.

    `entries` are keys of roster lines; those that are not there themselves are passed over.
    """
    if kind_of(meeting) == Proxies.NONE or not meeting.is_live:
        return
    there = Attendance.objects.of(meeting.village).filter(meeting=meeting).present()
    grantors = (
        Proxy.objects.of(meeting.village)
        .standing()
        .filter(meeting=meeting, holder__in=list(entries))
        .filter(holder__in=there.exclude(method=Attendance.Method.PROXY).values("entry"))
        .exclude(grantor__in=there.values("entry"))
        .values_list("grantor_id", flat=True)
    )
    now = database_now()
    Attendance.objects.bulk_create(
        Attendance(
            village=meeting.village,
            meeting=meeting,
            entry_id=grantor,
            method=Attendance.Method.PROXY,
            came_after=meeting.openings,
            in_at=now,
            recorded_by=by,
        )
        for grantor in grantors
    )


def _represented_by(meeting: Meeting, holder: RosterEntry) -> list[Attendance]:
    grantors = Proxy.objects.of(meeting.village).standing().filter(holder=holder).values("grantor")
    stays = Attendance.objects.of(meeting.village).filter(meeting=meeting, entry__in=grantors).present()
    return list(stays.filter(method=Attendance.Method.PROXY))


def holder_left(meeting: Meeting, holder: RosterEntry, *, now: datetime.datetime) -> None:
    """Those represented by somebody who leaves are no longer there, until that one is back. The meeting is locked."""
    for stay in _represented_by(meeting, holder):
        stay.out_at, stay.left_after = now, meeting.openings
        stay.save()


def holder_never_came(meeting: Meeting, holder: RosterEntry, *, now: datetime.datetime, reason: str) -> None:
    """A mistaken check-in is taken back with all that hung on it. Raises WrongState once a grant was voted."""
    stays = _represented_by(meeting, holder)
    for stay in stays:
        if Mark.objects.filter(entry=stay.entry_id, motion__opening__gt=stay.came_after).exists():
            raise WrongState(
                _("%(name)s已经替别人投过票，签到不能撤销。人走了的话请登记“离场”。") % {"name": holder.name}
            )
    for stay in stays:
        stay.voided_at, stay.void_reason = now, reason
        stay.save()


def _end(meeting: Meeting, proxies: Iterable[Proxy], *, reason: str, by: User | None) -> int:
    """End these and let their grantors be represented no longer; returns how many. The meeting is locked."""
    now = database_now()
    ended = list(proxies)
    for proxy in ended:
        proxy.ended_at, proxy.ended_after, proxy.end_reason = now, meeting.openings, reason[:120]
        proxy.save(update_fields=["ended_at", "ended_after", "end_reason"])
        record(
            action="end_proxy", subject=meeting, village_id=meeting.village_id, actor=by,
            number=meeting.number, grantor=proxy.grantor.number, holder=proxy.holder.number, reason=proxy.end_reason,
        )  # fmt: skip
    stays = Attendance.objects.of(meeting.village).filter(meeting=meeting, entry__in=[one.grantor_id for one in ended])
    stays.present().filter(method=Attendance.Method.PROXY).update(out_at=now, left_after=meeting.openings)
    return len(ended)


@contextmanager
def voting_oneself(motion: Motion, entry: RosterEntry, *, by: User | None) -> Iterator[None]:
    """To be held around the ballot of somebody who has granted and votes all the same: with it the grant ends.

    The meeting is locked first, in the order of opening and closing, so that they and a ballot do not wait for one
    another for ever.
    """
    with casting_turn(), transaction.atomic():
        meeting = lock_meeting(motion.meeting)
        yield
        standing = Proxy.objects.of(meeting.village).standing().filter(grantor=entry)
        _end(meeting, standing.select_related("grantor", "holder"), reason=_("委托人本人投票"), by=by)
