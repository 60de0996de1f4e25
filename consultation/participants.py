"""Whom a consultation concerns, and who is asked besides: households picked one by one, groups, guests."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import Household, Resident, User, Village

from .errors import Invalid, WrongState
from .locks import database_now, lock_meeting
from .models import Guest, Meeting

HOMES_MOST = 2000
GUESTS_MOST = 30
LONGEST = 60  # characters of a name, of an office
_GROUP = re.compile(r"第?([0-9]{1,4})组")  # untranslated: what people type
_HOME = re.compile(r"([0-9]{1,6})(?:号?户)?")  # untranslated: what people type
_BETWEEN = re.compile(r"[\s，,：:（(]+")


def read_homes(lines: str, village: Village, *, on: datetime.date) -> list[Household]:
    """What a committee types, one a line: a household's number, somebody of it by name, or a whole group (3组).

    Each household once, in the order of the roll. Raises Invalid naming every line that means none or several.
    """
    found: dict[int, Household] = {}
    wrong = []
    for number, line in enumerate(lines.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            homes = _homes_of(line.strip(), village, on)
        except LookupError as error:
            wrong.append(_("第 %(line)s 行：%(what)s") % {"line": number, "what": error.args[0]})
        else:
            found |= {home.pk: home for home in homes}
    if wrong:
        raise Invalid("\n".join(wrong), field="homes")
    if len(found) > HOMES_MOST:
        raise Invalid(_("最多 %(limit)s 户。涉及全村的，请开村（居）民会议。") % {"limit": HOMES_MOST}, field="homes")
    return sorted(found.values(), key=lambda home: home.number)


def _homes_of(words: str, village: Village, on: datetime.date) -> Sequence[Household]:
    homes = Household.objects.of(village).on_roll(on)
    if group := _GROUP.fullmatch(words):
        of_group = list(homes.filter(group__number=int(group[1])))
        if not of_group:
            raise LookupError(_("名册里没有%(group)s组，或者这个组没有住户。") % {"group": group[1]})
        return of_group
    own = list(homes.filter(own_number=words)[:1])
    if own:
        return own
    if number := _HOME.fullmatch(words):
        numbered = list(homes.filter(number=int(number[1])))
        if not numbered:
            raise LookupError(_("名册里没有 %(number)s 号户。") % {"number": number[1]})
        return numbered
    return [_home_of_somebody(words, village, on)]


def _home_of_somebody(words: str, village: Village, on: datetime.date) -> Household:
    name, *told = words.split()
    people = Resident.objects.of(village).on_roll(on).filter(name=name)
    if told and told[0].isdecimal() and len(told[0]) == 4:
        people = people.filter(born_on__year=int(told[0]))
    homes = {person.household_id: person.household for person in people.select_related("household")}
    if not homes:
        raise LookupError(_("名册里没有“%(words)s”。") % {"words": words})
    if len(homes) > 1:
        numbers = "、".join(str(home) for home in homes.values())
        raise LookupError(
            _("有几户都有“%(name)s”（%(homes)s），请写户号，或者在姓名后加空格和出生年。")
            % {"name": name, "homes": numbers}
        )
    return next(iter(homes.values()))


def as_lines(meeting: Meeting) -> str:
    """The households that were picked, as they would be typed."""
    return "\n".join(home.own_number or str(home.number) for home in meeting.affected.order_by("number"))


def read_guests(lines: str) -> list[tuple[str, str]]:
    """One a line: the name, then where they come from. Raises Invalid naming the line that is too long."""
    found = []
    for number, line in enumerate(lines.splitlines(), start=1):
        name, _gap, rest = _BETWEEN.sub(" ", line.strip()).partition(" ")
        rest = rest.rstrip("）) ")
        if not name:
            continue
        if len(name) > LONGEST or len(rest) > LONGEST:
            raise Invalid(
                _("第 %(line)s 行太长：姓名、单位各最多 %(limit)s 个字。") % {"line": number, "limit": LONGEST},
                field="guests",
            )
        found.append((name, rest))
    if len(found) > GUESTS_MOST:
        raise Invalid(_("最多邀请 %(limit)s 人。") % {"limit": GUESTS_MOST}, field="guests")
    return found


def guests_as_lines(meeting: Meeting) -> str:
    return "\n".join(f"{guest.name} {guest.position}".strip() for guest in meeting.guests.all())


def ask_guests(meeting: Meeting, guests: Sequence[tuple[str, str]]) -> None:
    """Write down who is invited, after those who are already."""
    last = meeting.guests.count()
    if last + len(guests) > GUESTS_MOST:
        raise Invalid(_("最多邀请 %(limit)s 人。") % {"limit": GUESTS_MOST}, field="guests")
    Guest.objects.bulk_create(
        Guest(village=meeting.village, meeting=meeting, number=last + at, name=name, position=position)
        for at, (name, position) in enumerate(guests, start=1)
    )


@transaction.atomic
def guest_came(meeting: Meeting, number: int, *, here: bool, by: User | None) -> Guest:
    """Note that a guest is there, or that it was a mistake. Raises WrongState unless the meeting is live."""
    meeting = lock_meeting(meeting)
    if not meeting.is_live:
        raise WrongState(_("会议没有在进行，不能签到。"))
    guest = meeting.guests.filter(number=number).first()
    if guest is None:
        raise Invalid(_("邀请名单上没有这个人。"))
    if here != (guest.came_at is not None):
        guest.came_at = database_now() if here else None
        guest.save(update_fields=["came_at"])
        record(
            action="guest_came" if here else "guest_not_here", subject=meeting, village_id=meeting.village_id, actor=by,
            number=meeting.number, guest=guest.number,
        )  # fmt: skip
    return guest


@transaction.atomic
def add_guest(meeting: Meeting, *, name: str, position: str, by: User | None) -> Guest:
    """Somebody turned up who was not on the list: written down, and there. Raises as `guest_came` does."""
    meeting = lock_meeting(meeting)
    ask_guests(meeting, [(name, position)])
    return guest_came(meeting, meeting.guests.count(), here=True, by=by)


def attending(meeting: Meeting) -> str:
    """Who was there without a vote (列席), for the minutes; where nobody ticked them off, who was invited."""
    guests = list(meeting.guests.all())
    return "、".join(str(guest) for guest in guests if guest.came_at) if guests else meeting.invited
