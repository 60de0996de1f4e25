"""Calling, noticing, opening and closing a meeting."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from audit.log import record
from residents.legal_figures import figures_for
from residents.models import Household, LegalFigure, Resident, User, Village, VillageGroup, Yard
from residents.roll import RollError, entitled_units
from ui.search_index import index_now

from . import agenda_times, live, proxies, questions, speaking, temperature
from .attendance import require_live
from .continuing import require_continuable
from .errors import Invalid, NoticeTooShort, SamePerson, WrongState
from .locks import database_now, lock_meeting
from .models import AgendaItem, Kiosk, Meeting, Officer, Petition, ProcedurePreset, Roster, RosterEntry, Topic
from .models.presets import Electorate
from .participants import ask_guests
from .petitions import answer_with
from .places import Planned, make_places
from .quorum import Share
from .rosters import lines_of, roster_digest

MAX_AGENDA_ITEMS = 100
MINUTES_FOR_A_TOPIC = 20


def threshold_of(meeting: Meeting) -> Share:
    rules = meeting.procedure
    return Share(rules["threshold_op"], rules["threshold_num"], rules["threshold_den"])


def move(meeting: Meeting, state: Meeting.State) -> None:
    """Set the next state, or raise WrongState when the table of moves does not know the step."""
    if state not in Meeting.MOVES[Meeting.State(meeting.state)]:
        raise WrongState(_("会议现在是“%(state)s”，不能这样做。") % {"state": meeting.get_state_display()})
    meeting.state = state


@transaction.atomic
def call_meeting(
    *,
    village: Village,
    preset: ProcedurePreset,
    title: str,
    place: str,
    starts_at: datetime.datetime,
    ends_at: datetime.datetime,
    officers: Mapping[str, Resident],
    agenda: Sequence[tuple[str, str, int]],
    by: User | None,
    yard: Yard | None = None,
    group: VillageGroup | None = None,
    remote_allowed: bool | None = None,
    remote_basis: str = "",
    invited: str = "",
    topics: Sequence[Topic] = (),
    places: Sequence[Planned] = (),
    continues: Meeting | None = None,
    affected: Sequence[Household] = (),
    guests: Sequence[tuple[str, str]] = (),
    petitions: Sequence[Petition] = (),
) -> Meeting:
    """Prepare a meeting: who meets about what, when and where, and who leads it. Nothing is announced yet.

    `officers` maps Officer.Role values to residents; a chair and a recorder are needed, all different people.
    `agenda` is (title, AgendaItem.Kind, minutes) in order; `topics` that the committee took up are discussed before the
    first vote on it; `petitions` demand it; `places` where it is held in several at once; `continues` the one
    that was put off and goes on in this one; `affected` the households a consultation concerns; `guests` (name,
    where from) who may attend. Raises Invalid or SamePerson.
    """
    if preset.applies_to != village.kind:
        raise Invalid(_("这种会议不适用于%(village)s，请换一种会议类型。") % {"village": village}, field="preset")
    if affected and preset.electorate != Electorate.AFFECTED_HOUSEHOLDS:
        raise Invalid(_("只有屋场、院落协商才按涉及的户来开，请清空这一项，或者换一种会议类型。"), field="homes")
    if ends_at <= starts_at:
        raise Invalid(_("结束时间要晚于开始时间。"), field="ends_at")
    items = _with_topics(village, agenda, topics)
    if len(items) > MAX_AGENDA_ITEMS:
        raise Invalid(_("议程最多 %(limit)s 项。") % {"limit": MAX_AGENDA_ITEMS}, field="agenda")
    for role, label in ((Officer.Role.CHAIR, _("主持人")), (Officer.Role.RECORDER, _("记录员"))):
        if role not in officers:
            raise Invalid(_("请指定%(role)s。") % {"role": label}, field=role)
    if len({resident.pk for resident in officers.values()}) != len(officers):
        raise SamePerson(_("主持人、记录员、计票人、监票人要由不同的人担任。"))
    remote = preset.remote_default if remote_allowed is None else remote_allowed
    if remote and preset.remote_default and not remote_basis:
        remote_basis = preset.citation  # the law itself allows it
    if remote and preset.binding and not remote_basis:
        raise Invalid(_("作决定的会议允许远程参加时，请写明依据（例如自治章程第几条）。"), field="remote_basis")

    Village.objects.select_for_update().get(pk=village.pk)  # numbers are given one at a time
    if continues is not None:
        require_continuable(continues, village=village)
    last = Meeting.objects.of(village).aggregate(last=Max("number"))["last"] or 0
    meeting = Meeting.objects.create(
        village=village,
        number=last + 1,
        title=title,
        preset=preset,
        yard=yard,
        group=group,
        place=place,
        starts_at=starts_at,
        ends_at=ends_at,
        remote_allowed=remote,
        remote_basis=remote_basis,
        invited=invited,
        continues=continues,
    )
    make_places(meeting, places)
    meeting.affected.set(affected)
    ask_guests(meeting, guests)
    now = database_now()
    AgendaItem.objects.bulk_create(
        AgendaItem(
            village=village, meeting=meeting, number=number, title=words, kind=kind, minutes=minutes, topic=topic
        )
        for number, (words, kind, minutes, topic) in enumerate(items, start=1)
    )
    Officer.objects.bulk_create(
        Officer(village=village, meeting=meeting, resident=resident, role=role, since_at=now, appointed_by=by)
        for role, resident in officers.items()
    )
    record(
        action="call_meeting",
        subject=meeting,
        village_id=village.pk,
        actor=by,
        number=meeting.number,
        preset=preset.key,
        **({"topics": [topic.number for topic in topics]} if topics else {}),
        **({"continues": continues.number} if continues else {}),
        **({"petitions": [petition.number for petition in petitions]} if petitions else {}),
    )
    answer_with(meeting, petitions)
    return meeting


def _with_topics(
    village: Village, agenda: Sequence[tuple[str, str, int]], topics: Sequence[Topic]
) -> list[tuple[str, str, int, Topic | None]]:
    for topic in topics:
        # A reserved matter is talked about, too, once it was passed on: what a vote on it can be, reserved.py tells.
        if topic.village_id != village.pk or topic.state not in Topic.ON_AGENDA:
            raise Invalid(_("只有列为议题的事，或者已经转交、要征求意见的事，才能排进会议。"), field="topics")
    items: list[tuple[str, str, int, Topic | None]] = [(*item, None) for item in agenda]
    votes = (place for place, item in enumerate(items) if item[1] == AgendaItem.Kind.VOTING)
    place = next(votes, len(items))
    items[place:place] = [
        (topic.published_title, AgendaItem.Kind.DISCUSSION, MINUTES_FOR_A_TOPIC, topic) for topic in topics
    ]
    return items


def last_of_each_kind(village: Village, *, on: datetime.date, most: int = 4) -> list[Meeting]:
    """The newest real meeting of each kind that may still be called: what the next one can be copied from."""
    presets = ProcedurePreset.objects.for_kind(village.kind).in_force(on)
    newest = (
        Meeting.objects.of(village).filter(preset__in=presets).order_by().values("preset").annotate(last=Max("number"))
    )
    numbers = [row["last"] for row in newest]
    return list(
        Meeting.objects.of(village).filter(number__in=numbers).select_related("preset").order_by("-number")[:most]
    )


def _freeze_roster(meeting: Meeting, *, now: datetime.datetime) -> Roster:
    """Copy who counts, one line per voting unit; the digest lets anyone see later that it was not touched."""
    try:
        units = entitled_units(
            meeting.village,
            electorate=meeting.preset.electorate,
            on=meeting.village.local_date(now),
            yard=meeting.yard,
            group=meeting.group,
            homes=frozenset(meeting.affected.values_list("pk", flat=True)),
        )
    except RollError as error:
        raise Invalid(str(error)) from error
    if not units:
        raise Invalid(_("名册里没有符合条件的人，不能发通知。请先导入名册。"))
    roster = Roster(village=meeting.village, meeting=meeting, frozen_at=now, entitled_count=len(units))
    lines = lines_of(roster, units)
    roster.digest = roster_digest(lines)
    roster.save()
    RosterEntry.objects.bulk_create(lines, batch_size=500)
    return roster


@transaction.atomic
def publish_notice(
    meeting: Meeting, *, by: User | None, urgent_reason: str = "", at: datetime.datetime | None = None
) -> Meeting:
    """Tell everybody: freezes the procedure and the roster.

    `at` is the moment of the notice (default now). Raises NoticeTooShort when the preset's days are not kept and no
    reason for urgency is given or allowed (VL 26, UL 27 of 2025: ten days; special circumstances at once).
    """
    meeting = lock_meeting(meeting)
    now = at or database_now()
    local_date = meeting.village.local_date
    days = (local_date(meeting.starts_at) - local_date(now)).days
    needed = meeting.preset.notice_days
    if days < needed:
        if not meeting.preset.urgent_allowed:
            raise NoticeTooShort(
                _("这种会议要提前 %(days)s 天通知，请把开会日期往后改。") % {"days": needed}, field="starts_at"
            )
        if not urgent_reason.strip():
            raise NoticeTooShort(
                _("按规定要提前 %(days)s 天通知，现在只剩 %(left)s 天。请改日期；确有特殊情况的，写明原因后可以召开。")
                % {"days": needed, "left": max(days, 0)},
                field="urgent_reason",
            )
    move(meeting, Meeting.State.NOTICED)
    meeting.rules = meeting.preset.frozen_copy()
    meeting.noticed_at = now
    meeting.urgent_reason = urgent_reason.strip() if days < needed else ""
    meeting.save()
    roster = _freeze_roster(meeting, now=now)
    record(
        action="publish_notice", subject=meeting, village_id=meeting.village_id, actor=by,
        number=meeting.number, entitled=roster.entitled_count, roster=roster.digest, urgent=meeting.urgent_reason,
    )  # fmt: skip
    index_now([meeting])
    live.announce(meeting.pk)
    return meeting


@transaction.atomic
def open_meeting(meeting: Meeting, *, by: User | None) -> Meeting:
    """The chair opens: check-in begins."""
    meeting = lock_meeting(meeting)
    move(meeting, Meeting.State.LIVE)
    meeting.phase = Meeting.Phase.CHECK_IN
    meeting.opened_at = database_now()
    meeting.save()
    record(action="open_meeting", subject=meeting, village_id=meeting.village_id, actor=by, number=meeting.number)
    live.announce(meeting.pk)
    return meeting


_PHASE_OF_ITEM = {
    AgendaItem.Kind.REPORT: Meeting.Phase.REPORT,
    AgendaItem.Kind.READING: Meeting.Phase.REPORT,
    AgendaItem.Kind.DISCUSSION: Meeting.Phase.DISCUSSION,
    AgendaItem.Kind.VOTING: Meeting.Phase.DISCUSSION,
    AgendaItem.Kind.ANNOUNCEMENT: Meeting.Phase.ANNOUNCED,
}


@transaction.atomic
def go_to_item(meeting: Meeting, number: int, *, by: User | None) -> Meeting:
    """Turn to an agenda item; everyone's screen follows. Raises WrongState while a motion is running."""
    meeting = lock_meeting(meeting)
    require_live(meeting)
    if meeting.motions.running().exists():
        raise WrongState(_("正在表决，请先结束这一项表决，再进入别的议程。"))
    item = meeting.agenda.filter(number=number).first()
    if item is None:
        raise Invalid(_("没有这一项议程。"))
    meeting.item_number = item.number
    meeting.phase = _PHASE_OF_ITEM[AgendaItem.Kind(item.kind)]
    meeting.save(update_fields=["item_number", "phase"])
    agenda_times.turn_to(meeting, item.number)
    temperature.clear(meeting, by=by)
    record(
        action="go_to_item", subject=meeting, village_id=meeting.village_id, actor=by,
        number=meeting.number, item=number,
    )  # fmt: skip
    live.announce(meeting.pk)
    return meeting


@transaction.atomic
def hand_over(meeting: Meeting, *, role: str, to: Resident, by: User | None) -> Officer:
    """Pass an office of the meeting on to another resident of the village; the earlier holder's rights end now.

    Raises Invalid for somebody of another village, SamePerson when they already hold an office here.
    """
    meeting = lock_meeting(meeting)
    if meeting.state not in (Meeting.State.PREPARING, Meeting.State.NOTICED, Meeting.State.LIVE):
        raise WrongState(_("会议已经结束，不用再交接。"))
    if to.village_id != meeting.village_id:
        raise Invalid(_("只能交给本村（社区）名册上的人。"))
    if meeting.officers.serving().filter(resident=to).exists():
        raise SamePerson(_("%(name)s在这次会议里已经有职责，请换一个人。") % {"name": to.name})
    now = database_now()
    meeting.officers.serving().filter(role=role).update(until_at=now)
    officer = Officer.objects.create(
        village=meeting.village, meeting=meeting, resident=to, role=role, since_at=now, appointed_by=by
    )
    record(
        action="hand_over", subject=meeting, village_id=meeting.village_id, actor=by,
        number=meeting.number, role=role, to=to.name,
    )  # fmt: skip
    live.announce(meeting.pk)
    return officer


def _end(meeting: Meeting, state: Meeting.State, *, by: User | None, action: str, reason: str = "") -> Meeting:
    meeting = lock_meeting(meeting)
    if meeting.motions.running().exists():
        raise WrongState(_("还有一项表决没有结束，请先结束表决并宣布结果。"))
    move(meeting, state)
    meeting.phase = ""
    meeting.state_reason = reason[:200]
    meeting.closed_at = database_now()
    meeting.save()
    proxies.end_all(meeting)
    temperature.clear(meeting, by=by)
    speaking.end_all(meeting)
    questions.end_all(meeting)
    agenda_times.turn_to(meeting, None)
    Kiosk.objects.filter(meeting=meeting).let_go()
    Kiosk.objects.standing().filter(meeting=meeting).update(ended_at=meeting.closed_at)
    detail: dict[str, Any] = {"number": meeting.number, "reason": reason}
    record(action=action, subject=meeting, village_id=meeting.village_id, actor=by, **detail)
    index_now([meeting])
    live.announce(meeting.pk)
    return meeting


@transaction.atomic
def close_meeting(meeting: Meeting, *, by: User | None) -> Meeting:
    """The chair ends the meeting. Raises WrongState while a motion is running."""
    return _end(meeting, Meeting.State.CLOSED, by=by, action="close_meeting")


@transaction.atomic
def adjourn_meeting(meeting: Meeting, *, by: User | None, reason: str) -> Meeting:
    """Put the meeting off, as when too few came; it continues in a new one."""
    if not reason.strip():
        raise Invalid(_("请写明延期的原因，大家都会看到。"), field="reason")
    return _end(meeting, Meeting.State.ADJOURNED, by=by, action="adjourn_meeting", reason=reason)


@transaction.atomic
def cancel_meeting(meeting: Meeting, *, by: User | None, reason: str) -> Meeting:
    """Call the meeting off before it began."""
    if not reason.strip():
        raise Invalid(_("请写明取消的原因，大家都会看到。"), field="reason")
    return _end(meeting, Meeting.State.CANCELLED, by=by, action="cancel_meeting", reason=reason)


@transaction.atomic
def publish_results(meeting: Meeting, *, by: User | None) -> Meeting:
    """Put the results on the village's page."""
    meeting = lock_meeting(meeting)
    move(meeting, Meeting.State.RESULTS_PUBLISHED)
    meeting.results_published_at = database_now()
    meeting.save()
    record(action="publish_results", subject=meeting, village_id=meeting.village_id, actor=by, number=meeting.number)
    live.announce(meeting.pk)
    return meeting


def displayed(
    meeting: Meeting, *, since: datetime.datetime
) -> tuple[datetime.date, datetime.date | None, LegalFigure | None]:
    """From which day until which its results hang on the notice board, by which figure; without one no end."""
    first = meeting.village.local_date(since)
    figure = figures_for(meeting.village.kind, on=first).get("results_displayed")
    days = figure.days if figure else None
    return first, first + datetime.timedelta(days=days) if days else None, figure
