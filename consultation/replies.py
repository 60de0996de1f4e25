"""Replies to a notice: who has read it, who says that they come. They bind nobody: who is there is checked in."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from residents.models import Claim, User

from .attendance import required_for
from .eligibility import may_hand_over, offices_in, own_entries
from .errors import Invalid, NotEntitled, WrongState
from .locks import database_now
from .models import Meeting, Reply, RosterEntry

Answer = Reply.Answer


def answers_for(meeting: Meeting, entry: RosterEntry) -> list[Answer]:
    """What may be answered: by phone only where the meeting allows it, somebody of the family only for a household."""
    return [
        answer
        for answer in Answer
        if (answer != Answer.BY_PHONE or meeting.remote_allowed)
        and (answer != Answer.FAMILY or entry.unit == RosterEntry.Unit.HOUSEHOLD)
    ]


def may_read_replies(user: User, meeting: Meeting) -> bool:
    """Who prepares the meeting, to know whether enough will come and where to knock."""
    return bool(offices_in(user, meeting)) or may_hand_over(user, meeting)


def note_read(meeting: Meeting, entries: Iterable[RosterEntry]) -> None:
    """The notice was opened by somebody who acts for these units; only the first time is kept."""
    if meeting.state != Meeting.State.NOTICED:
        return
    new = [entry for entry in entries if not hasattr(entry, "reply") or entry.reply.read_at is None]
    if not new:
        return
    now = database_now()
    with transaction.atomic():
        fresh = [Reply(village_id=meeting.village_id, meeting=meeting, entry=entry, read_at=now) for entry in new]
        Reply.objects.bulk_create(fresh, ignore_conflicts=True)
        # Somebody at the desk may have answered for a unit before it read anything.
        Reply.objects.filter(entry__in=new, read_at=None).update(read_at=now)


@dataclass(frozen=True)
class Own:
    """A unit the account acts for: what it said, what it may say (value and label)."""

    entry: RosterEntry
    said: str
    answers: Sequence[tuple[str, str]]


def open_notice(user: User, meeting: Meeting) -> list[Own]:
    """The account reads the notice, which is noted once for each of its units; nothing outside of the days before."""
    if meeting.state != Meeting.State.NOTICED or not user.is_authenticated:
        return []
    entries = list(own_entries(user, meeting).select_related("reply"))
    note_read(meeting, entries)
    return [
        Own(
            entry,
            entry.reply.answer if hasattr(entry, "reply") else "",
            [(answer.value, str(answer.label)) for answer in answers_for(meeting, entry)],
        )
        for entry in entries
    ]


@dataclass(frozen=True)
class Asked:
    """A coming meeting, and each of the account's units in it: who it is and what it has said, if anything."""

    meeting: Meeting
    units: Sequence[tuple[str, str]]

    @property
    def waiting(self) -> bool:
        """Somebody has not said yet whether they come."""
        return any(not said for _name, said in self.units)


def asked_of(user: User, *, now: datetime.datetime, most: int = 5) -> list[Asked]:
    """The meetings whose notice is out for units the account acts for, the nearest first; one query."""
    if not user.is_authenticated:
        return []
    entries = (
        RosterEntry.objects.filter(
            resident__claims__user=user,
            resident__claims__state=Claim.State.CONFIRMED,
            village__is_practice=False,
            roster__meeting__state=Meeting.State.NOTICED,
            roster__meeting__ends_at__gte=now,
        )
        .select_related("reply", "roster__meeting__village")
        .order_by("roster__meeting__starts_at", "roster__meeting", "number")
    )
    found: dict[Meeting, list[tuple[str, str]]] = {}
    for entry in entries:
        said = str(entry.reply.get_answer_display()) if hasattr(entry, "reply") and entry.reply.answer else ""
        found.setdefault(entry.roster.meeting, []).append((entry.name, said))
    return [Asked(meeting, units) for meeting, units in list(found.items())[:most]]


@transaction.atomic
def reply(meeting: Meeting, entry: RosterEntry, answer: str, *, by: User) -> Reply:
    """Say whether a unit comes; another answer takes the place of the first, until the meeting begins.

    Raises WrongState before the notice and once the meeting has begun, Invalid for what this meeting does not offer,
    NotEntitled for a unit that is not the account's own or of somebody it helps.
    """
    meeting = Meeting.objects.select_related("village", "preset").get(pk=meeting.pk)
    if meeting.state != Meeting.State.NOTICED:
        raise WrongState(_("会议已经开始或者取消了，不用再回复来不来。"))
    if answer not in answers_for(meeting, entry):
        raise Invalid(_("请在几个按钮里选一个：来，还是来不了。"), field="answer")
    if not own_entries(by, meeting).filter(pk=entry.pk).exists():
        raise NotEntitled(_("您不能替这一户回复。请到“我的”里看看您替谁办事。"))
    now = database_now()
    line, _made = Reply.objects.get_or_create(
        entry=entry, defaults={"village": meeting.village, "meeting": meeting, "read_at": now}
    )
    line.answer, line.answered_at, line.entered_by = answer, now, by
    line.read_at = line.read_at or now
    line.save(update_fields=["answer", "answered_at", "entered_by", "read_at"])
    return line


@dataclass(frozen=True)
class Expected:
    """How many units were asked, read the notice, answered what; and how many have to be there."""

    entitled: int
    required: int
    read: int
    answers: Mapping[str, int]

    @property
    def coming(self) -> int:
        """Those who will be there, themselves or by somebody of the family, or by phone."""
        return sum(self.answers[answer] for answer in (Answer.COMES, Answer.BY_PHONE, Answer.FAMILY))

    @property
    def missing(self) -> int:
        """How many more have to say so before the quorum looks safe."""
        return max(0, self.required - self.coming)


def expected(meeting: Meeting) -> Expected:
    """Of a meeting whose notice is out."""
    replies = Reply.objects.of(meeting.village).filter(meeting=meeting)
    told = dict(replies.order_by().values_list("answer").annotate(number=Count("pk")))
    return Expected(
        entitled=meeting.roster.entitled_count,
        required=required_for(meeting),
        read=replies.filter(read_at__isnull=False).count(),
        answers={answer: told.get(answer, 0) for answer in Answer.values},
    )


@dataclass(frozen=True)
class Group:
    """The units of one group (组), with what each has replied."""

    label: str
    entries: Sequence[RosterEntry]


def by_group(meeting: Meeting, *, silent_only: bool = False) -> list[Group]:
    """All units by group and number; or only those that have answered nothing: where somebody has to knock."""
    entries = (
        RosterEntry.objects.of(meeting.village)
        .filter(roster__meeting=meeting)
        .select_related("reply", "household")
        .order_by("group_number", "number")
    )
    if silent_only:
        entries = entries.filter(Q(reply=None) | Q(reply__answer=""))
    groups: dict[int, list[RosterEntry]] = {}
    for entry in entries:
        groups.setdefault(entry.group_number, []).append(entry)
    return [
        Group(_("第 %(number)s 组") % {"number": number} if number else _("没有分组"), lines)
        for number, lines in groups.items()
    ]
