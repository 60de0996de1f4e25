"""One meeting, every way to vote, in any order: what plain sets say (plain_hall.py, plain_vote.py) is what happens."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from consultation import (
    attendance,
    balance,
    checker,
    errors,
    kiosk,
    paper,
    proxies,
    secret_ballots,
    settling,
    sheets,
    voting,
)
from consultation.bulletin_text import board_code, slip_key
from consultation.models import Attendance, Ballot, Bulletin, Counted, Mark, Motion, Proxy, RosterEntry, Slip
from residents import two_people
from residents.models import Appointment, Role
from tests.factories.acting import make_kiosk, make_photo, proxy_hall

from .plain_hall import PlainHall
from .plain_vote import BALLOTS, HANDS, MOST, OPTIONS, PAPER, Vote

pytestmark = pytest.mark.django_db

UNITS, THERE = 7, 6
METHODS = [*(m for m in Motion.Method.values if m != "none"), "paper_and_online", "online"]
KINDS = ["yes_no", "yes_no", "choice", "multi_choice"]
LATER = ("closing", "sealed", "published", "disputed", "annulled")

unit = st.integers(0, UNITS - 1)
choice = st.integers(0, 12)  # which of the ballot's, the last: none of them (EveryChannel.ballot)
small = st.integers(0, 2)
word = st.sampled_from("abc")


def make_base() -> dict[str, Any]:
    hall = proxy_hall(UNITS, present=THERE)
    for number in (3, 4):
        Appointment.objects.create(
            village=hall.village, resident=hall.people[number], role=Role.SUPERVISORY_MEMBER, from_on="2020-01-01"
        )
    return {
        "hall": hall,
        "entries": hall.entries,
        "officers": [hall.account(3), hall.account(4)],
        "tablet": make_kiosk(hall)[0].pk,
        "photo": make_photo(hall.village),
    }


class EveryChannel(RuleBasedStateMachine):
    """What is done to both: the rules' own functions, and plain sets. Each run is taken back at its end."""

    base: ClassVar[dict[str, Any]]

    @initialize(
        method=st.sampled_from(METHODS), secret=st.booleans(), changeable=st.booleans(), kind=st.sampled_from(KINDS)
    )
    def begin(self, method: str, secret: bool, changeable: bool, kind: str) -> None:
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.hall, self.entries = self.base["hall"], self.base["entries"]
        self.tablet = kiosk._fresh(kiosk.Kiosk(pk=self.base["tablet"]))
        self.plain = PlainHall(UNITS, set(range(THERE)))
        self.kept: dict[int, tuple[set[Any], Counter[str]]] = {}
        kind = kind if method != "belenios" else "yes_no"
        self.table(method, secret and method not in HANDS, changeable, kind)
        self.open()

    def teardown(self) -> None:
        if hasattr(self, "undone"):
            try:
                self.the_chain_holds()
            finally:
                transaction.set_rollback(True)
                self.undone.__exit__(None, None, None)

    def both(self, expected: type[Exception] | None, act: Any, *given: Any, **named: Any) -> None:
        """Carried out where the plain hall carries it out, refused for the same reason where it does not."""
        refused = None
        try:
            act(*given, **named)
        except (errors.MeetingError, two_people.TwoPeopleError) as error:
            refused = type(error)
        assert refused is expected, (refused, expected)

    @property
    def vote(self) -> Vote:
        """The motion under vote, or the latest."""
        return self.plain.running or self.plain.votes[-1]

    @property
    def motion(self) -> Motion:
        return self.motion_of(self.vote)

    def motion_of(self, vote: Vote) -> Motion:
        return Motion.objects.select_related("meeting").get(meeting=self.hall.meeting, number=vote.number)

    # The motion's own steps

    @precondition(lambda self: len(self.plain.votes) < 4 and self.plain.running is None)
    @rule(method=st.sampled_from(METHODS), secret=st.booleans(), changeable=st.booleans(), kind=st.sampled_from(KINDS))
    def table(self, method: str, secret: bool, changeable: bool, kind: str) -> None:
        self.both(
            self.plain.table(method, secret, changeable, kind),
            voting.table_motion,
            meeting=self.hall.meeting, text="晒谷坪", method=method, secret=secret, changeable=changeable, by=None,
            kind=kind, options=OPTIONS, most=MOST,
        )  # fmt: skip

    @precondition(lambda self: self.plain.votes[-1].state == "announced" or self.plain.running)
    @rule()
    def open(self) -> None:
        motion = self.motion_of(self.plain.votes[-1])
        self.both(self.plain.open(self.plain.votes[-1]), voting.open_motion, motion, by=None)

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

    @precondition(lambda self: self.vote.state in ("open", "paused"))
    @rule(choices=st.tuples(*[choice] * UNITS), close=st.booleans())
    def all_vote_as_they_may(self, choices: tuple[int, ...], close: bool) -> None:
        vote = self.vote
        for number, said in enumerate(choices):
            if "paper" in vote.method and (number % 2 or vote.method == "paper"):
                self.papers(number, "issue")
            elif vote.secret:
                self.cast_secret(number, said, "a", 1, 2)
            else:
                self.cast(number, said, "a", "recorder" if number % 3 == 0 else "online")
        if close:
            self.close()

    @precondition(lambda self: self.vote.state in LATER)
    @rule()
    def announce(self) -> None:
        motion = self.motion
        self.both(self.plain.announce(self.vote), voting.announce_result, motion, by=None)

    @precondition(lambda self: self.vote.state in LATER or len(self.vote.voted) > 3)
    @rule(decision=st.sampled_from([settling.ANNUL, settling.COUNT]))
    def settle(self, decision: str) -> None:
        motion = self.motion
        first, second = self.base["officers"]

        def by_two() -> None:
            proposal = settling.propose_settling(motion, decision=decision, reason="念错了", by=first)
            with contextlib.suppress(two_people.SamePerson):
                two_people.decide(proposal, by=first, accept=True)
            two_people.decide(proposal, by=second, accept=True)

        self.both(self.plain.settle(self.vote, decision), by_two)

    @precondition(lambda self: self.vote.slips and self.vote.state == "open")
    @rule()
    def somebody_steals_a_slip(self) -> None:
        """Behind the portal's back: the count must notice."""
        stolen = min(self.vote.slips)
        del self.vote.slips[stolen]
        Slip.objects.filter(key=slip_key(self.secret(stolen))).delete()

    # Ballots

    def ballot(self, choice: int) -> str:
        ballots = BALLOTS[self.vote.kind]
        return ballots[choice % len(ballots)] if choice < 12 else "ABC"

    @staticmethod
    def secret(word: str) -> bytes:
        return hashlib.sha256(word.encode()).digest()[:16]

    @precondition(lambda self: not self.vote.secret or len(self.vote.voted) == 1)
    @rule(unit=unit, choice=choice, key=word, channel=st.sampled_from(["online", "recorder"]))
    def cast(self, unit: int, choice: int, key: str, channel: str) -> None:
        motion, entry, key, said = self.motion, self.entries[unit], f"{unit}{key}", self.ballot(choice)
        self.both(
            self.plain.cast(self.vote, unit, said, key, channel),
            voting.cast_ballot,
            motion=motion, entry=entry, choice=said, key=key, channel=channel,
        )  # fmt: skip

    def _slip(self, motion: Motion, unit: int, choice: str, word: str, turn: int, channel: str) -> None:
        secret = self.secret(word)
        secret_ballots.cast_secret(
            motion=motion, entry=self.entries[unit], choice=choice, slip=slip_key(secret), board=board_code(secret),
            turn=turn, channel=channel,
        )  # fmt: skip

    @precondition(lambda self: self.vote.secret or len(self.vote.voted) == 1)
    @rule(unit=unit, choice=choice, key=word, turn=st.integers(1, 3), own=st.integers(0, 4))
    def cast_secret(self, unit: int, choice: int, key: str, turn: int, own: int) -> None:
        vote, motion, said = self.vote, self.motion, self.ballot(choice)
        channel = "online" if own else "recorder"
        word = f"{vote.number}{unit if own != 1 else 0}{key}"  # now and then somebody else's
        expected = self.plain.cast_secret(vote, unit, said, word, turn, channel)
        self.both(expected, self._slip, motion, unit, said, word, turn, channel)

    @precondition(lambda self: self.plain.grants and not self.vote.secret)
    @rule(pick=small, choice=choice)
    def who_has_granted_votes_all_the_same(self, pick: int, choice: int) -> None:
        motion, unit = self.motion, sorted(self.plain.grants)[pick % len(self.plain.grants)]
        said = self.ballot(choice)

        def oneself() -> None:
            with proxies.voting_oneself(motion, self.entries[unit], by=None):
                voting.cast_ballot(motion=motion, entry=self.entries[unit], choice=said, key=f"oneself {unit}")

        expected = self.plain.cast(self.vote, unit, said, f"oneself {unit}")
        if expected is None:
            self.plain.end_grant(unit)
        self.both(expected, oneself)

    @rule(unit=unit)
    def call_to_the_tablet(self, unit: int) -> None:
        self.both(self.plain.call_up(unit), kiosk.call_up, self.tablet, self.entries[unit])

    @precondition(lambda self: self.plain.called is not None)
    @rule(choice=choice, old=st.booleans())
    def cast_at_the_tablet(self, choice: int, old: bool) -> None:
        tablet, said, other = kiosk._fresh(self.tablet), self.ballot(choice), self.ballot(1)
        call, word = tablet.call, f"tablet{tablet.call}"
        secret = self.secret(word).hex()
        expected = self.plain.cast_at_tablet(said, call, word)
        self.both(expected, kiosk.cast_at_kiosk, tablet, call=call, choice=said, secret=secret)
        if expected is None and old:  # pressed twice; nothing more happens
            self.both(None, kiosk.cast_at_kiosk, kiosk._fresh(tablet), call=call, choice=other, secret=secret)

    @precondition(lambda self: self.plain.called is not None)
    @rule()
    def take_the_tablet_back(self) -> None:
        self.plain.called = None
        kiosk.take_back(self.tablet)

    @precondition(lambda self: self.vote.method in PAPER or self.vote.number == 1)
    @rule(unit=unit, act=st.sampled_from(["issue", "issue", "spoil", "unused"]))
    def papers(self, unit: int, act: str) -> None:
        acts = {"issue": paper.issue_paper, "spoil": paper.spoil_paper, "unused": paper.return_unused}
        motion = self.motion
        self.both(self.plain.paper(self.vote, unit, act), acts[act], motion=motion, entry=self.entries[unit], by=None)

    # People count

    @precondition(lambda self: self.vote.kinds and self.vote.state == "closing")
    @rule(kind=st.sampled_from(["hands", "paper", "belenios"]), reader=small, numbers=st.tuples(*[small] * 7))
    def count(self, kind: str, reader: int, numbers: tuple[int, ...]) -> None:
        said = dict(zip(self.vote.parts(kind), numbers, strict=False))
        self._count(kind, reader, said)

    @precondition(lambda self: self.vote.kinds and self.vote.state == "closing")
    @rule(reader=small, less=small, against=small)
    def count_well(self, reader: int, less: int, against: int) -> None:
        kind = self.vote.kinds[0]
        if kind == "paper":
            left = self.vote.issued - self.vote.spoiled
            against, gone = min(against, left), min(less, max(left - against, 0))
            said = self._answers(left - against - gone, against) | {"not_returned": gone}
        else:
            against = min(against, self.vote.room(kind))
            said = self._answers(max(self.vote.room(kind) - against - less, 0), against)
        self._count(kind, reader, said)

    def _answers(self, one: int, other: int) -> dict[str, int]:
        """So many who say one thing and the other; where one may pick several, the others pick both."""
        if self.vote.kind == "multi_choice":
            return {"A": one + other, "B": other, "valid": one + other}
        return dict(zip(self.vote.names, (one, other), strict=False))

    @precondition(lambda self: self.vote.kinds and self.vote.state == "closing")
    @rule(less=small, against=small)
    def two_agree(self, less: int, against: int) -> None:
        self.count_well(0, less, against)
        self.count_well(1, less, against)
        self.announce()

    def _count(self, kind: str, reader: int, said: dict[str, int]) -> None:
        motion, person = self.motion, self.hall.people[reader]
        full = {part: said.get(part, 0) for part in balance.parts_of(motion.form, kind)}
        self.both(
            self.plain.read(self.vote, kind, reader, full),
            sheets.enter_reading,
            motion, method=kind, reader=person, numbers=said, by=None,
        )  # fmt: skip

    @precondition(lambda self: self.vote.state == "published" and "hands" in self.vote.kinds)
    @rule(numbers=st.tuples(*[st.integers(0, 3)] * 5))
    def correct(self, numbers: tuple[int, ...]) -> None:
        vote, motion = self.vote, self.motion
        first, second = self.base["officers"]
        said = dict(zip(vote.parts("hands"), numbers, strict=False))
        expected: type[Exception] | None = None
        sheet = vote.sheets["hands"]
        if said == sheet.agreed or not vote.fits(said) or vote.people(said) > sheet.base:
            expected = errors.Invalid
        else:
            sheet.agreed = said
            vote.versions += 1

        def by_two() -> None:
            fields = {f"{name}_count": number for name, number in said.items()}
            kept = motion.sheets.get(method="hands")
            proposal = settling.propose_correction(motion, kept, numbers=fields, reason="重数", by=first)
            with transaction.atomic():
                two_people.decide(proposal, by=second, accept=True)

        self.both(expected, by_two)

    # Who is there

    @rule(unit=unit, act=st.sampled_from(["in", "in", "out", "undo"]))
    def come_and_go(self, unit: int, act: str) -> None:
        meeting, entry = self.hall.meeting, self.entries[unit]
        if act == "in":
            self.both(self.plain.check_in(unit), attendance.check_in, meeting, [entry], method="recorder", by=None)
        elif act == "out":
            self.both(self.plain.check_out(unit), attendance.check_out, meeting, entry, by=None)
        else:
            self.both(self.plain.undo(unit), attendance.undo_check_in, meeting, entry, by=None, reason="误")

    @rule(grantor=unit, holder=unit)
    def grant(self, grantor: int, holder: int) -> None:
        entries = [RosterEntry.objects.select_related("roster").get(pk=self.entries[n].pk) for n in (grantor, holder)]
        self.both(
            self.plain.grant(grantor, holder),
            proxies.grant_proxy,
            self.hall.meeting, grantor=entries[0], holder=entries[1], photo=self.base["photo"], by=None,
        )  # fmt: skip

    @precondition(lambda self: self.plain.grants)
    @rule(pick=small)
    def end_a_grant(self, pick: int) -> None:
        grantor = sorted(self.plain.grants)[pick % len(self.plain.grants)]
        proxy = Proxy.objects.standing().get(grantor=self.entries[grantor])
        self.both(self.plain.end_grant(grantor), proxies.end_proxy, proxy, by=None, reason="收回")

    # What holds after every step

    @invariant()
    def those_there_are_those_there(self) -> None:
        here = Attendance.objects.filter(meeting=self.hall.meeting).present().values_list("entry_id", flat=True)
        assert sorted(here) == sorted(self.entries[number].pk for number in self.plain.present)

    @invariant()
    def every_unit_once_and_everything_counted(self) -> None:
        vote = self.vote
        motion = self.motion
        assert motion.state == vote.state
        marks = list(Mark.objects.filter(motion=motion).values_list("entry_id", "paper"))
        expected = [(self.entries[one].pk, False) for one in vote.voted]
        expected += [(self.entries[one].pk, True) for one in vote.out]
        assert sorted(marks) == sorted(expected)  # one unit once, whatever the way
        assert len(marks) <= motion.present_count or vote.state == "announced"
        ballots = dict(Ballot.objects.filter(motion=motion).values_list("entry_id", "choice"))
        assert ballots == {self.entries[one].pk: said for one, said in vote.choices.items()}
        slips = set(Slip.objects.filter(motion=motion).values_list("key", flat=True))
        assert slips == {slip_key(self.secret(word)) for word in vote.slips}
        if vote.state in LATER:
            before = self.kept.setdefault(vote.number, (set(marks), Counter(vote.choices.values())))
            assert before == (set(marks), Counter(ballots.values()))  # nothing is added after closing

    @invariant()
    def the_result_is_what_the_plain_count_says(self) -> None:
        vote = self.vote
        decision = self.motion.latest_decision
        assert (decision is not None) == (vote.state == "published")
        if decision is None:
            assert not Bulletin.objects.filter(motion__number=vote.number, motion__meeting=self.hall.meeting).exists()
            return
        assert decision.version == vote.versions
        assert decision.counts == vote.total
        assert (decision.outcome, decision.winner, decision.going_on) == vote.outcome(UNITS)
        assert decision.present == len(vote.there)
        assert decision.cast <= decision.present
        said = json.loads(Bulletin.objects.get(motion=decision.motion, version=decision.version).body)
        assert said["totals"] == vote.total
        counted = Counter(said["choices"]["1"])
        for sheet in said["sheets"]:
            counted.update(sheet["counts"] or {})
        assert {one: counted[one] for one in vote.names} == vote.total
        if vote.secret:
            assert said["codes"] == sorted(board_code(self.secret(word)) for word in vote.listed)
            assert Counted.objects.filter(motion=decision.motion).count() == vote.phones.total()
        else:
            assert said["marks"] == len(vote.voted)

    def the_chain_holds(self) -> None:
        """Everything published stands before the checker that people take home."""
        bodies = Bulletin.objects.of(self.hall.village).order_by("number").values_list("body", flat=True)
        if bodies:
            with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(None):
                path = Path(folder) / "bulletins.jsonl"
                path.write_text("".join(f"{body}\n" for body in bodies), encoding="utf-8")
                answers = list(checker._script().report(path.read_bytes(), many=True))
                assert all(holds for holds, *_said in answers), answers


def run(examples: int, steps: int) -> None:
    machine = type("Machine", (EveryChannel,), {"base": make_base()})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("part", range(4))  # for as many workers: a hundred meetings in all
def test_every_way_to_vote_agrees_with_plain_sets(part: int) -> None:
    run(25, 30)


@pytest.mark.long
def test_every_way_to_vote_agrees_with_plain_sets_for_long() -> None:
    run(1000, 50)
