"""The machine that does everything to both, the portal and the plain hall: where it starts, and the motions' own steps.

What is done is really committed; each run starts from one kept database. The moves are sorted by what they are about:
hall_ballots.py, hall_counts.py, hall_people.py, hall_course.py; what holds after each of them is hall_checks.py.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django.test import Client
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from consultation import amendments, attendance, errors, places, settling, voting
from consultation.bulletin_text import slip_key
from consultation.models import Kiosk, Meeting, MeetingSession, Motion, RosterEntry, Slip
from residents import two_people
from residents.models import Role
from tests.databases import Kept
from tests.factories.acting import make_kiosk, make_photo, proxy_hall
from tests.factories.consultation import Hall
from tests.factories.residents import appoint

from .plain_hall import PlainHall, Refusal
from .plain_vote import BALLOTS, HANDS, MOST, OPTIONS, Place, Vote

UNITS, THERE = 7, 6
METHODS = [*(m for m in Motion.Method.values if m != "none"), "paper_and_online", "online"]
KINDS = ["yes_no", "yes_no", "choice", "multi_choice"]
PLACES = ("东头", "西头")
MOST_MOTIONS = 5  # of one meeting
LATER = ("closing", "sealed", "published", "disputed", "annulled")

unit = st.integers(0, UNITS - 1)
choice = st.integers(0, 12)  # which of the ballot's, the last: none of them (HallMachine.ballot)
small = st.integers(0, 2)
word = st.sampled_from("abc")


def make_base() -> dict[str, Any]:
    hall = proxy_hall(UNITS, present=0)
    accounts = [hall.account(number) for number in range(5)]
    appoint(hall.people[0], Role.COMMITTEE_CHAIR)
    for number in (3, 4):
        appoint(hall.people[number], Role.SUPERVISORY_MEMBER)
    return {
        "hall": hall,
        "entries": hall.entries,
        "accounts": accounts,
        "officers": accounts[3:],
        "tablet": make_kiosk(hall)[0],
        "photo": make_photo(hall.village),
        "client": Client(),
        "kept": Kept(),
    }


@dataclass
class Part:
    """One meeting: as the plain hall has it, and as the portal does."""

    plain: PlainHall
    meeting: Meeting
    entries: list[RosterEntry]
    tablet: Kiosk
    places: list[MeetingSession]


class HallMachine(RuleBasedStateMachine):
    """What is done to both: the rules' own functions, and plain sets."""

    base: ClassVar[dict[str, Any]]
    taken: ClassVar[Counter[str]]  # how often each act was carried out, over all runs

    @initialize(
        method=st.sampled_from(METHODS), secret=st.booleans(), changeable=st.booleans(), kind=st.sampled_from(KINDS),
        split=st.booleans(),
    )  # fmt: skip
    def begin(self, method: str, secret: bool, changeable: bool, kind: str, split: bool) -> None:
        self.base["kept"].bring_back()
        hall: Hall = self.base["hall"]
        if split:
            places.make_places(hall.meeting, [places.Planned(name) for name in PLACES])
        plain = PlainHall(UNITS, {"chair": 0, "recorder": 1, "scrutineer": 2})
        sessions = list(hall.meeting.sessions.all())
        self.parts = [Part(plain, hall.meeting, self.base["entries"], self.base["tablet"], sessions)]
        self.kept: dict[int, tuple[set[Any], Counter[str]]] = {}
        self.bodies: dict[tuple[int, int], str] = {}
        self.gone: set[int] = set()  # died or moved away
        self.tabled = self.disturbed = 0
        self.all_come(THERE)
        kind = kind if method != "belenios" else "yes_no"
        self.table(method, secret and method not in HANDS, changeable, kind)
        self.open(0)

    def all_come(self, number: int) -> None:
        """The first on the roster sign in, by turns in each place, and where there are two one of them in none."""
        turns = [0, 1, None, 0, 1, 0, 1] if self.part.places else [None] * UNITS
        for place in {*turns[:number]}:
            units = [unit for unit in range(number) if turns[unit] == place]
            for unit in units:
                self.plain.check_in(unit, place)
            attendance.check_in(
                self.meeting, [self.entries[unit] for unit in units], method="recorder", by=None,
                session=self.session(place),
            )  # fmt: skip

    def both(self, expected: Refusal, act: Any, *given: Any, **named: Any) -> None:
        """Carried out where the plain hall carries it out, refused for the same reason where it does not."""
        refused = None
        try:
            act(*given, **named)
        except (errors.MeetingError, two_people.TwoPeopleError) as error:
            refused = type(error)
        assert refused is expected, (refused, expected)
        self.note(act.__name__, carried_out=refused is None)

    def note(self, what: str, *, carried_out: bool = True) -> None:
        event(f"{what}: {'carried out' if carried_out else 'refused'}")
        self.taken[what] += carried_out

    @property
    def part(self) -> Part:
        """The meeting that is held now."""
        return self.parts[-1]

    @property
    def plain(self) -> PlainHall:
        return self.part.plain

    @property
    def meeting(self) -> Meeting:
        return self.part.meeting

    @property
    def entries(self) -> list[RosterEntry]:
        return self.part.entries

    def session(self, place: Place) -> MeetingSession | None:
        return self.part.places[place] if place is not None and self.part.places else None

    def place(self, number: int) -> Place:
        """Of 0, 1 and 2 the last means none; in a meeting held in one place all do."""
        return number if self.part.places and number < len(PLACES) else None

    def who(self, unit: int) -> int:
        """Of the next part's fewer units, too, one."""
        return unit % self.plain.units

    @property
    def vote(self) -> Vote:
        """The motion under vote, or the latest that was, or that could be."""
        return self.plain.running or max(self.plain.votes, key=lambda vote: vote.opening)

    @property
    def motion(self) -> Motion:
        return self.motion_of(self.vote)

    def motion_of(self, vote: Vote, part: Part | None = None) -> Motion:
        meeting = (part or self.part).meeting
        return Motion.objects.select_related("meeting").get(meeting=meeting, number=vote.number)

    @staticmethod
    def secret(word: str) -> bytes:
        return hashlib.sha256(word.encode()).digest()[:16]

    def ballot(self, choice: int) -> str:
        ballots = BALLOTS[self.vote.kind]
        return ballots[choice % len(ballots)] if choice < 12 else "ABC"

    def everything(self) -> Iterator[tuple[Part, Vote]]:
        return ((part, vote) for part in self.parts for vote in part.plain.votes)

    # The motions' own steps

    @precondition(lambda self: len(self.plain.votes) < MOST_MOTIONS and self.plain.running is None)
    @rule(method=st.sampled_from(METHODS), secret=st.booleans(), changeable=st.booleans(), kind=st.sampled_from(KINDS))
    def table(self, method: str, secret: bool, changeable: bool, kind: str) -> None:
        self.tabled += 1
        text = f"第 {self.tabled} 件事"
        self.both(
            self.plain.table(text, method, secret, changeable, kind),
            voting.table_motion,
            meeting=self.meeting, text=text, method=method, secret=secret, changeable=changeable, by=None,
            kind=kind, options=OPTIONS, most=MOST,
        )  # fmt: skip

    @precondition(lambda self: 0 < len(self.plain.votes) < 6)
    @rule(pick=small, words=st.sampled_from(["", "改甲", "改乙"]))
    def amend(self, pick: int, words: str) -> None:
        vote = self.plain.votes[-1 - pick % len(self.plain.votes)]
        words = f"{vote.text.partition('，')[0]}，{words}" if words else vote.text or "改"
        motion = self.motion_of(vote)
        self.both(self.plain.amend(vote, words), amendments.table_amendment, motion, new_text=words, by=None)

    @precondition(lambda self: any(vote.amends for vote in self.plain.votes))
    @rule(pick=small)
    def settle_words(self, pick: int) -> None:
        amending = [vote for vote in self.plain.votes if vote.amends]
        amendment = amending[-1 - pick % len(amending)]
        self.both(self.plain.settle_words(amendment), amendments.settle_words, self.motion_of(amendment), by=None)

    @precondition(lambda self: self.plain.votes and (self.plain.votes[-1].state == "announced" or self.plain.running))
    @rule(pick=small)
    def open(self, pick: int) -> None:
        waiting = [vote for vote in self.plain.votes if vote.state == "announced"] or self.plain.votes
        self.open_this(waiting[-1 - pick % len(waiting)])

    def open_this(self, vote: Vote) -> None:
        self.both(self.plain.open(vote), voting.open_motion, self.motion_of(vote), by=None)

    @precondition(lambda self: self.plain.running is None and not self.plain.votes[0].amends)
    @rule(choices=st.tuples(*[st.sampled_from([0, 0, 1])] * UNITS), words=st.sampled_from(["改丙", "改丁"]), pick=small)
    def amend_vote_and_settle(self, choices: tuple[int, ...], words: str, pick: int) -> None:
        """Tabled, voted and taken over: what would seldom come together by chance."""
        waiting = [vote for vote in self.plain.votes if vote.state == "announced" and not vote.amends]
        if not waiting:
            self.table("online", bool(pick), False, "yes_no")
            waiting = self.plain.votes[-1:]
        vote = waiting[-1]
        self.amend(len(self.plain.votes) - 1 - self.plain.votes.index(vote), words)
        amending = self.plain.votes[-1]
        if amending.amends is not vote:
            return
        self.open_this(vote)  # too early
        self.open_this(amending)
        if amending.state != "open":
            return
        self.all_vote_as_they_may(choices, close=True)
        if amending.state == "closing":
            self.two_agree(0, 0)
        if pick:
            self.open_this(vote)  # in words that do not stand
            self.settle_words(0)

    @precondition(lambda self: self.vote.state in ("open", "paused", "closing"))
    @rule(on=st.booleans())
    def pause_or_resume(self, on: bool) -> None:
        on = on or self.vote.state == "paused"
        act = voting.resume_motion if on else voting.pause_motion
        motion = self.motion
        self.both(self.plain.hold(self.vote, "open" if on else "paused"), act, motion, by=None)

    @precondition(lambda self: len(self.vote.there) > 0)
    @rule()
    def close(self) -> None:
        motion = self.motion
        self.both(self.plain.close(self.vote), voting.close_motion, motion, by=None)

    @precondition(lambda self: self.vote.state in LATER)
    @rule()
    def announce(self) -> None:
        motion = self.motion
        self.both(self.plain.announce(self.vote), voting.announce_result, motion, by=None)

    @precondition(lambda self: self.vote.state in LATER or len(self.vote.voted) > 3 or self.stuck)
    @rule(decision=st.sampled_from([settling.ANNUL, settling.COUNT]))
    def settle(self, decision: str) -> None:
        part, vote = (self.stuck or [(self.part, self.vote)])[0]
        motion = self.motion_of(vote, part)
        first, second = self.base["officers"]

        def settled_by_two() -> None:
            proposal = settling.propose_settling(motion, decision=decision, reason="念错了", by=first)
            with contextlib.suppress(two_people.SamePerson):
                two_people.decide(proposal, by=first, accept=True)
            two_people.decide(proposal, by=second, accept=True)

        self.both(part.plain.settle(vote, decision), settled_by_two)

    @property
    def stuck(self) -> list[tuple[Part, Vote]]:
        """What two have to decide about, of the meetings before, too."""
        return [(part, vote) for part, vote in self.everything() if vote.state in ("disputed", "interrupted")]

    @precondition(lambda self: self.vote.slips and self.vote.state == "open")
    @rule()
    def somebody_steals_a_slip(self) -> None:
        """Behind the portal's back: the count must notice."""
        stolen = min(self.vote.slips)
        del self.vote.slips[stolen]
        Slip.objects.filter(key=slip_key(self.secret(stolen))).delete()
