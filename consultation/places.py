"""A meeting held in several places at once (分片召开): one notice, one roster, one count over all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import User, VillageGroup

from . import floor, live
from .attendance import present_of, require_live
from .errors import Invalid, TooManyHands, WrongState
from .locks import database_now, lock_meeting
from .models import Attendance, Mark, Meeting, MeetingSession, Motion, RosterEntry, Sheet

MOST = 20
LONGEST = 120  # characters
_NUMBERS = re.compile(r"[0-9]+")
_WITH_GROUPS = re.compile(r"(.*)[:：]([0-9、，,；;\s第组]+)")  # untranslated: what people type


@dataclass(frozen=True)
class Planned:
    """One place, and the groups that are to come there; none where everybody may choose."""

    place: str
    groups: tuple[VillageGroup, ...] = ()


def read_places(lines: str, groups: Sequence[VillageGroup]) -> list[Planned]:
    """What a committee types, a place a line: 中心小学操场：1、2、3组. Nothing at all means one place.

    `groups` are those that are called. Raises Invalid, naming the line, for a single place, one named twice, a group
    that does not exist, is named twice or is left without a place.
    """
    known = {group.number: group for group in groups}
    planned: list[Planned] = []
    placed: dict[int, str] = {}
    for number, line in enumerate(lines.splitlines(), start=1):
        if line.strip():
            planned.append(_read_line(line.strip(), number, known, placed))
    names = [one.place for one in planned]
    if len(planned) > MOST:
        raise Invalid(_("最多分 %(limit)s 个会场。") % {"limit": MOST}, field="places")
    if len(planned) == 1:
        raise Invalid(_("只写了一个会场。不分片就留空，地点填在上面；分片的，每个会场写一行。"), field="places")
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        raise Invalid(_("“%(place)s”写了两次，请改成不同的名字。") % {"place": twice}, field="places")
    left = sorted(set(known) - set(placed))
    if placed and left:
        raise Invalid(
            _("%(groups)s组还没有会场，请加在去的那一行后面。") % {"groups": "、".join(map(str, left))}, field="places"
        )
    return planned


def _read_line(line: str, number: int, known: Mapping[int, VillageGroup], placed: dict[int, str]) -> Planned:
    split = _WITH_GROUPS.fullmatch(line)
    place, tail = (split[1].strip(), split[2]) if split else (line, "")
    if not place or len(place) > LONGEST:
        raise Invalid(
            _("第 %(line)s 行的地点没有写或者超过 %(limit)s 个字。") % {"line": number, "limit": LONGEST},
            field="places",
        )
    mine = []
    for word in _NUMBERS.findall(tail):
        group = known.get(int(word))
        if group is None:
            raise Invalid(_("第 %(line)s 行：没有%(group)s组。") % {"line": number, "group": word}, field="places")
        if group.number in placed:
            raise Invalid(
                _("第 %(line)s 行：%(group)s组已经分到“%(place)s”，一个组只能去一个会场。")
                % {"line": number, "group": word, "place": placed[group.number]},
                field="places",
            )
        placed[group.number] = place
        mine.append(group)
    return Planned(place, tuple(mine))


def as_lines(meeting: Meeting) -> str:
    """The same, as it would be typed."""
    lines = []
    for session in meeting.sessions.prefetch_related("groups"):
        numbers = "、".join(str(group.number) for group in session.groups.all())
        lines.append(f"{session.place}：{numbers}" if numbers else session.place)
    return "\n".join(lines)


def make_places(meeting: Meeting, planned: Sequence[Planned]) -> None:
    """The places of a meeting that is being called, in the order of its notice."""
    for number, one in enumerate(planned, start=1):
        session = MeetingSession.objects.create(
            village=meeting.village, meeting=meeting, number=number, place=one.place
        )
        session.groups.set(one.groups)


def place_numbered(meeting: Meeting, number: object) -> MeetingSession | None:
    """The place with this number, as somebody sent it; None for what is none of this meeting's."""
    words = str(number)
    if not words.isdecimal() or len(words) > 3:
        return None
    return meeting.sessions.filter(number=int(words)).first()


@dataclass(frozen=True)
class Presence:
    """Who is in one place: `expected` by the groups that were asked there, None where nobody was."""

    session: MeetingSession
    present: int
    expected: int | None


def presence_in(meeting: Meeting) -> list[Presence]:
    """Place by place. A quorum is of the whole: the law knows none of a single place."""
    sessions = list(meeting.sessions.prefetch_related("groups"))
    if not sessions:
        return []
    here = dict(
        Attendance.objects.of(meeting.village)
        .filter(meeting=meeting)
        .present()
        .order_by()
        .values_list("session")
        .annotate(number=Count("pk"))
    )
    called = dict(
        RosterEntry.objects.of(meeting.village)
        .filter(roster__meeting=meeting)
        .order_by()
        .values_list("group_number")
        .annotate(number=Count("pk"))
    )
    found = []
    for session in sessions:
        groups = [group.number for group in session.groups.all()]
        expected = sum(called.get(number, 0) for number in groups) if groups else None
        found.append(Presence(session, here.get(session.pk, 0), expected))
    return found


@transaction.atomic
def move_to(meeting: Meeting, entry: RosterEntry, session: MeetingSession, *, by: User | None) -> None:
    """Somebody who signed in at one place has come to another: the first stay ends, a second begins.

    Raises WrongState while a motion is running: one's hand could be counted in both places.
    """
    meeting = lock_meeting(meeting)
    require_live(meeting)
    if session.meeting_id != meeting.pk:
        raise Invalid(_("这个会场不属于这次会议。"), field="place")
    if meeting.motions.running().exists():
        raise WrongState(_("正在表决，不能换会场。等这一项表决结束以后再换。"))
    stay = present_of(meeting, entry)
    if stay.session_id == session.pk:
        return
    before = stay.session
    now = database_now()
    stay.out_at, stay.left_after = now, meeting.openings
    stay.save(update_fields=["out_at", "left_after"])
    Attendance.objects.create(
        village=meeting.village, meeting=meeting, entry=entry, session=session, method=Attendance.Method.RECORDER,
        came_after=meeting.openings, in_at=now, recorded_by=by,
    )  # fmt: skip
    record(
        action="change_place", subject=meeting, village_id=meeting.village_id, actor=by, number=meeting.number,
        entry=entry.number, place=session.number, before=before.number if before else None,
    )  # fmt: skip
    floor.place_changed(meeting, entry)
    live.announce(meeting.pk)


def hands_in(motion: Motion, session: MeetingSession) -> int:
    """How many can raise a hand in this place: there when voting began, and neither voted nor holding a paper.

    Whose place nobody wrote down, or whom somebody else represents, may be in any of them; who is far away is in none.
    """
    anywhere = Q(session__isnull=True) & ~Q(method=Attendance.Method.REMOTE)
    there = Attendance.objects.filter(Q(session=session) | anywhere, meeting_id=motion.meeting_id)
    marked = Mark.objects.filter(motion=motion).values("entry")
    return there.present_at(motion.opening or 0).exclude(entry__in=marked).count()


def require_hands_in(motion: Motion, session: MeetingSession, hands: int) -> int:
    """How many this place can have raised. Raises TooManyHands for more."""
    most = hands_in(motion, session)
    if hands > most:
        raise TooManyHands(
            _(
                "%(place)s举手一共 %(hands)s 人，可是表决开始时在这个会场、还没有投过票的只有 %(most)s 人。"
                "请重新清点，或者核对谁在哪个会场。"
            )
            % {"place": session.place, "hands": hands, "most": most}
        )
    return most


def require_counted_once(motion: Motion, session: MeetingSession | None, hands: int) -> None:
    """Hands are counted place by place or all together (`session` None): raises WrongState for those of the other way,
    where some were counted already. They would be in both."""
    others = motion.sheets.confirmed().filter(method=Sheet.Method.HANDS, session__isnull=session is not None)
    if hands and any(sheet.speaking for sheet in others):
        raise WrongState(
            _("举手已经合在一起数过，不能再按会场数一遍。这张计票单请两个人都填 0。")
            if session is not None
            else _("举手已经按会场分开数过，不能再合在一起数一遍。这张计票单请两个人都填 0。")
        )


def hands_missing(motion: Motion) -> set[int]:
    """Where hands are counted place by place: the places that still have to, for somebody there could raise one."""
    sheets = [sheet for sheet in motion.sheets.all() if sheet.method == Sheet.Method.HANDS]
    split = [sheet for sheet in sheets if sheet.session_id is not None]
    if not split or (len(split) < len(sheets) and not any(sheet.speaking for sheet in split)):
        return set()
    marked = Mark.objects.filter(motion=motion).values("entry")
    there = Attendance.objects.filter(meeting_id=motion.meeting_id, session__isnull=False)
    there = there.present_at(motion.opening or 0).exclude(entry__in=marked)
    return set(there.values_list("session_id", flat=True)) - {sheet.session_id for sheet in split}


def by_place(meeting: Meeting, entries: Sequence[RosterEntry]) -> list[tuple[str, list[RosterEntry]]]:
    """The roster as it is laid out to be signed: one list for each place, then those who may go to any."""
    sessions = list(meeting.sessions.prefetch_related("groups"))
    place_of = {group.number: session.number for session in sessions for group in session.groups.all()}
    lists = [
        (session.place, [entry for entry in entries if place_of.get(entry.group_number) == session.number])
        for session in sessions
    ]
    free = [entry for entry in entries if entry.group_number not in place_of]
    return [*((place, mine) for place, mine in lists if mine), *([("", free)] if free or not lists else [])]
