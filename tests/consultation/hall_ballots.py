"""Ballots by every way there is, at any moment: phone, tablet, recorder, paper."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from consultation import kiosk, paper, proxies, secret_ballots, voting
from consultation.bulletin_text import board_code, slip_key
from consultation.models import Motion

from .hall_machine import UNITS, HallMachine, choice, small, unit, word
from .plain_vote import PAPER


class Ballots(HallMachine):
    @precondition(lambda self: self.vote.state in ("open", "paused"))
    @rule(choices=st.tuples(*[choice] * UNITS), close=st.booleans())
    def all_vote_as_they_may(self, choices: tuple[int, ...], close: bool) -> None:
        vote = self.vote
        for number, said in enumerate(choices[: self.plain.units]):
            if "paper" in vote.method and (number % 2 or vote.method == "paper"):
                self.papers(number, "issue")
            elif vote.secret:
                self.cast_secret(number, said, "a", 1, 2)
            else:
                self.cast(number, said, "a", "recorder" if number % 3 == 0 else "online")
        if close:
            self.close()

    @precondition(lambda self: not self.vote.secret or len(self.vote.voted) == 1)
    @rule(unit=unit, choice=choice, key=word, channel=st.sampled_from(["online", "recorder"]))
    def cast(self, unit: int, choice: int, key: str, channel: str) -> None:
        unit = self.who(unit)
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
        unit = self.who(unit)
        vote, motion, said = self.vote, self.motion, self.ballot(choice)
        channel = "online" if own else "recorder"
        word = f"{len(self.parts)} {vote.number}{unit if own != 1 else 0}{key}"  # now and then somebody else's
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

    @precondition(lambda self: self.plain.running is None and self.plain.here)
    @rule(grantor=unit, holder=unit, choice=choice)
    def grant_and_vote_all_the_same(self, grantor: int, holder: int, choice: int) -> None:
        """Granted before the vote opens, and then cast in person: what would seldom come together by chance."""
        absent = [one for one in range(self.plain.units) if one not in self.plain.present]
        there = sorted(self.plain.here)
        if absent:
            self.grant(absent[grantor % len(absent)], there[holder % len(there)])
            self.table("online", False, False, "yes_no")
            self.open(0)
            if self.plain.running is not None and self.plain.grants and not self.vote.secret:
                self.who_has_granted_votes_all_the_same(0, choice)

    @rule(unit=unit)
    def call_to_the_tablet(self, unit: int) -> None:
        unit = self.who(unit)
        self.both(self.plain.call_up(unit), kiosk.call_up, self.part.tablet, self.entries[unit])

    @precondition(lambda self: self.plain.called is not None)
    @rule(choice=choice, old=st.booleans())
    def cast_at_the_tablet(self, choice: int, old: bool) -> None:
        tablet, said, other = kiosk._fresh(self.part.tablet), self.ballot(choice), self.ballot(1)
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
        kiosk.take_back(self.part.tablet)

    @precondition(lambda self: self.vote.method in PAPER or self.vote.number == 1)
    @rule(unit=unit, act=st.sampled_from(["issue", "issue", "spoil", "unused"]))
    def papers(self, unit: int, act: str) -> None:
        unit = self.who(unit)
        acts = {"issue": paper.issue_paper, "spoil": paper.spoil_paper, "unused": paper.return_unused}
        motion = self.motion
        self.both(self.plain.paper(self.vote, unit, act), acts[act], motion=motion, entry=self.entries[unit], by=None)
