"""Meetings in the state a test starts from, made by the rules themselves."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from consultation import attendance, meetings, places, practice, signing, voting
from consultation.models import Meeting, MeetingSession, Minutes, Motion, Officer, ProcedurePreset, RosterEntry
from consultation.presets import seed_presets
from residents.models import Resident, User, Village

from .residents import make_account, make_resident, make_village

HOUSEHOLDS = "villagers_assembly_household"
INDIVIDUALS = "villagers_assembly_individual"
YARD = "yard_consultation"


@dataclass
class Hall:
    """A meeting with its people: `people` in roster order, the first three chair, record and scrutinise."""

    village: Village
    meeting: Meeting
    people: list[Resident]

    @property
    def entries(self) -> list[RosterEntry]:
        return list(self.meeting.roster.entries.select_related("roster"))

    def account(self, number: int) -> User:
        """The account of the person at that place (from 0), made when missing."""
        person = self.people[number]
        claim = person.claims.first()
        return claim.user if claim else make_account(person)

    @property
    def chair(self) -> User:
        return self.account(0)

    @property
    def recorder(self) -> User:
        return self.account(1)

    @property
    def scrutineer(self) -> User:
        return self.account(2)


def call(village: Village, people: list[Resident], *, preset: str = HOUSEHOLDS, **fields: object) -> Meeting:
    seed_presets()
    starts = timezone.now() + datetime.timedelta(days=20)
    defaults = {
        "village": village,
        "preset": ProcedurePreset.objects.get(key=preset),
        "title": "村民会议",
        "place": "晒谷坪",
        "starts_at": starts,
        "ends_at": starts + datetime.timedelta(hours=2),
        "officers": dict(
            zip((Officer.Role.CHAIR, Officer.Role.RECORDER, Officer.Role.SCRUTINEER), people, strict=False)
        ),
        "agenda": [("通报", "report", 10), ("表决", "voting", 20)],
        "by": None,
    }
    return meetings.call_meeting(**defaults | fields)


def make_hall(households: int = 6, *, present: int | None = None, preset: str = HOUSEHOLDS, live: bool = True) -> Hall:
    """A village of one-person households, its meeting noticed and (when `live`) open with `present` checked in."""
    village = make_village()
    people = [make_resident(village) for _ in range(households)]
    affected = [person.household for person in people] if preset == YARD else ()
    meeting = meetings.publish_notice(call(village, people, preset=preset, affected=affected), by=None)
    hall = Hall(village, meeting, people)
    if live:
        hall.meeting = meetings.open_meeting(meeting, by=None)
        attendance.check_in(
            hall.meeting, hall.entries[: households if present is None else present], method="recorder", by=None
        )
    return hall


def open_vote(
    hall: Hall, *, text: str = "晒谷坪设临时停车处", method: str = Motion.Method.ONLINE, **fields: object
) -> Motion:
    """A motion of the hall's meeting, open for voting."""
    motion = voting.table_motion(meeting=hall.meeting, text=text, method=method, by=None, **fields)
    return voting.open_motion(motion, by=None)


def make_big_hall(voters: int) -> Hall:
    """A full hall, live and with its quorum confirmed: everybody checked in, written in bulk."""
    village = practice.make_practice_village()
    with transaction.atomic():
        people = [home.representative for home in practice.add_households(village, voters)]
        meeting = practice.hold_meeting(village, officers=people[:3], title="村民会议", by=None)
    return Hall(village, meeting, people)


def close_vote(hall: Hall, *, votes: tuple[int, int, int] = (3, 1, 0), text: str = "晒谷坪设临时停车处") -> Motion:
    """A motion decided by phone, with `votes` for, against and abstaining, cast in roster order."""
    motion = open_vote(hall, text=text)
    choices = [
        choice for choice, number in zip(("for", "against", "abstain"), votes, strict=True) for _ in range(number)
    ]
    for entry, choice in zip(hall.entries, choices, strict=False):
        voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=f"{entry.pk}")
    return voting.close_motion(motion, by=None)


def sign_all(minutes: Minutes) -> Minutes:
    """Everybody who has to."""
    for officer in signing.still_to_sign(minutes):
        minutes = signing.sign_minutes(minutes, signer=officer.resident, by=None)
    return minutes


def split(hall: Hall, *names: str) -> list[MeetingSession]:
    """The meeting in several places, the first group going to the first."""
    groups = list(hall.village.groups.order_by("number"))
    places.make_places(
        hall.meeting, [places.Planned(name, tuple(groups[at : at + 1])) for at, name in enumerate(names)]
    )
    return list(hall.meeting.sessions.all())
