"""Practice: a village of made-up people where pressing anything harms nobody, and rehearsals of a full hall.

Practice villages are marked as such, have no pages, and nothing real ever enters them.
"""

from __future__ import annotations

import datetime
import random
import secrets
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from residents.fictitious import households, people, resident
from residents.models import Claim, Household, Region, Resident, User, Village, VillageGroup

from . import attendance, meetings, voting
from .bulletin_text import board_code, slip_key
from .errors import Invalid, WrongState
from .models import Attendance, Ballot, Choice, Meeting, Motion, Officer, ProcedurePreset
from .presets import seed_presets
from .secret_ballots import cast_secret

_OFFICERS = (Officer.Role.CHAIR, Officer.Role.RECORDER, Officer.Role.SCRUTINEER)
PRESET = "villagers_assembly_household"


def make_practice_village(*, like: Village | None = None) -> Village:
    """A new practice village, in the township of `like` or in one of its own."""
    region = (
        like.region
        if like
        else Region.objects.get_or_create(
            code="practice", defaults={"level": Region.Level.TOWNSHIP, "name": _("练习乡")}
        )[0]
    )
    tag = secrets.token_hex(4)
    return Village.objects.create(
        region=region,
        slug=f"practice-{tag}",
        code=f"P{tag}",
        kind=Village.Kind.VILLAGE,
        name=_("练习村"),
        pinyin="lianxicun",
        initials="lxc",
        is_practice=True,
    )


def add_households(village: Village, count: int) -> list[Household]:
    """That many households of one made-up adult each, who votes for it. Raises Invalid outside practice villages."""
    if not village.is_practice:
        raise Invalid(_("只有标明“练习用”的村才能放入编造的人。"))
    dice = random.Random()  # noqa: S311  names of made-up people
    group, _created = VillageGroup.objects.get_or_create(village=village, number=1)
    first = (Household.objects.of(village).order_by("-number").values_list("number", flat=True).first() or 0) + 1
    homes = households(village, [group], {}, [count])
    for number, home in enumerate(homes, start=first):
        home.number = number
    Household.objects.bulk_create(homes, batch_size=500)
    persons = people(count, dice=dice, today=timezone.localdate())
    residents = [resident(village, home, person, is_head=True) for home, person in zip(homes, persons, strict=True)]
    Resident.objects.bulk_create(residents, batch_size=500)
    for home, person in zip(homes, residents, strict=True):
        home.representative = person
    Household.objects.bulk_update(homes, ["representative"], batch_size=500)
    return homes


def hold_meeting(village: Village, *, officers: Sequence[Resident], title: str, by: User | None) -> Meeting:
    """A practice meeting that is live, everybody checked in, quorum confirmed."""
    seed_presets()
    now = timezone.now()
    meeting = meetings.call_meeting(
        village=village,
        preset=ProcedurePreset.objects.get(key=PRESET),
        title=title,
        place=_("练习会场"),
        starts_at=now,
        ends_at=now + datetime.timedelta(hours=3),
        officers=dict(zip(_OFFICERS, officers, strict=False)),
        agenda=[(_("通报情况"), "report", 10), (_("表决"), "voting", 20)],
        by=by,
    )
    meeting = meetings.publish_notice(meeting, by=by, urgent_reason=_("练习"))
    meeting = meetings.open_meeting(meeting, by=by)
    entries = list(meeting.roster.entries.select_related("roster"))
    attendance.check_in(meeting, entries, method=Attendance.Method.RECORDER, by=by)
    return attendance.confirm_quorum(meeting, by=by)


@translation.override("zh-hans")  # practice data is in the village's language
@transaction.atomic
def start_practice(*, user: User, like: Village, households_count: int = 30) -> Meeting:
    """A practice meeting that this account chairs, with a motion of each kind on the list."""
    village = make_practice_village(like=like)
    homes = add_households(village, households_count)
    chair = homes[0].representative
    Claim.objects.create(
        village=village, user=user, resident=chair, state=Claim.State.CONFIRMED, decided_at=timezone.now()
    )
    officers = [home.representative for home in homes[:3]]
    meeting = hold_meeting(village, officers=officers, title=_("练习会议"), by=user)
    for motion in _to_practise():
        voting.table_motion(meeting=meeting, method=Motion.Method.ONLINE, by=user, **motion)
    return meeting


def _to_practise() -> list[dict[str, Any]]:
    """One of each kind, by name and secret."""
    return [
        {"text": _("村口的路灯晚上十点以后关一半")},
        {"text": _("每月最后一个星期六大家一起打扫"), "secret": True},
        {
            "text": _("今年先修哪一段路"),
            "kind": Motion.Kind.CHOICE,
            "options": [_("村口到学校"), _("学校到水井"), _("水井到后山")],
        },
        {
            "text": _("广场上添哪几样"),
            "kind": Motion.Kind.MULTI_CHOICE,
            "options": [_("长椅"), _("路灯"), _("健身架"), _("晒谷棚"), _("公告栏")],
            "most": 2,
            "secret": True,
        },
    ]


def _at_random(motion: Motion, dice: random.Random) -> str:
    form = motion.form
    if not form.keys:
        return dice.choices(Choice.values, weights=[6, 2, 1])[0]
    if dice.random() < 0.1:
        return form.choices[-1]
    # The first ones are liked best, so that somebody wins now and then.
    liked = sorted(form.keys, key=lambda key: dice.random() * (2 + form.keys.index(key)))
    return form.tidy("".join(liked[: dice.randint(1, form.most)]))


def let_them_vote(motion: Motion, *, besides: User, most: int = 100) -> int:
    """Made-up residents cast what they please; returns how many did. Raises WrongState outside practice villages."""
    if not motion.village.is_practice:
        raise WrongState(_("只有练习会议可以让编造的村民投票。"))
    dice = random.Random()  # noqa: S311  votes of made-up people
    roster = motion.meeting.roster.entries.exclude(resident__claims__user=besides).exclude(marks__motion=motion)
    for entry in roster[:most]:
        choice = _at_random(motion, dice)
        if motion.secret:
            own = secrets.token_bytes(16)
            cast_secret(motion=motion, entry=entry, choice=choice, slip=slip_key(own), board=board_code(own))
            continue
        voting.cast_ballot(
            motion=motion, entry=entry, choice=choice, key=secrets.token_urlsafe(16), channel=Ballot.Channel.ONLINE
        )
    return min(len(roster), most)
