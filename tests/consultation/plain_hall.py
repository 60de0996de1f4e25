"""A meeting's ballots in plain sets and dictionaries, written from the rules and not from the code: what is accepted,
what is refused and why, and what comes out. Every act returns the refusal it expects, or None when it is carried out.
"""

from __future__ import annotations

from collections import Counter

from consultation import errors, kiosk

from .plain_vote import BALLOTS, CAP, HANDS, PAPER, PHONE, RUNNING, Count, Vote, picks

Refusal = type[Exception] | None


class PlainHall:
    """The meeting: who is there since which opening, who acts for whom, the motions, one tablet."""

    def __init__(self, units: int, present: set[int]) -> None:
        self.units = units
        self.openings = 0
        self.here = dict.fromkeys(present, 0)
        self.through: dict[int, int] = {}  # there only through a holder, since that opening
        self.grants: dict[int, int] = {}
        self.votes: list[Vote] = []
        self.called: tuple[int, Vote] | None = None

    @property
    def present(self) -> set[int]:
        return {*self.here, *self.through}

    @property
    def running(self) -> Vote | None:
        return next((vote for vote in self.votes if vote.state in RUNNING), None)

    def marked_since(self, unit: int, opening: int) -> bool:
        return any((unit in vote.voted or unit in vote.out) and vote.opening > opening for vote in self.votes)

    def held_by(self, holder: int) -> list[int]:
        return [grantor for grantor, other in self.grants.items() if other == holder]

    # Who is there

    def check_in(self, unit: int) -> Refusal:
        if unit in self.grants:
            self._end_grant(unit)
        if unit not in self.here:
            self.here[unit] = self.openings
            self._bring(unit)
        return None

    def _bring(self, holder: int) -> None:
        self.through |= {one: self.openings for one in self.held_by(holder) if one not in self.present}

    def _end_grant(self, grantor: int) -> None:
        del self.grants[grantor]
        self.through.pop(grantor, None)

    def check_out(self, unit: int) -> Refusal:
        if unit not in self.here:
            return errors.WrongState
        del self.here[unit]
        for grantor in self.held_by(unit):
            self.through.pop(grantor, None)
        return None

    def undo(self, unit: int) -> Refusal:
        if unit not in self.here or self.running or self.marked_since(unit, self.here[unit]):
            return errors.WrongState
        brought = [one for one in self.held_by(unit) if one in self.through]
        if any(self.marked_since(one, self.through[one]) for one in brought):
            return errors.WrongState
        return self.check_out(unit)

    def grant(self, grantor: int, holder: int) -> Refusal:
        if grantor == holder:
            return errors.Invalid
        if grantor in self.grants or grantor in self.present or self.marked_since(grantor, 0):
            return errors.WrongState
        if self.held_by(grantor):
            return errors.WrongState
        if holder in self.grants or len(self.held_by(holder)) >= CAP:
            return errors.Invalid
        self.grants[grantor] = holder
        if holder in self.here:
            self._bring(holder)
        return None

    def end_grant(self, grantor: int) -> Refusal:
        self._end_grant(grantor)
        return None

    # The motion

    def table(self, method: str, secret: bool, changeable: bool, kind: str) -> Refusal:
        if (secret and method in HANDS) or (kind != "yes_no" and method == "belenios"):
            return errors.Invalid
        self.votes.append(Vote(len(self.votes) + 1, method, secret, changeable and method in PHONE, kind))
        return None

    def open(self, vote: Vote) -> Refusal:
        if self.running or vote.state != "announced":
            return errors.WrongState
        if len(self.present) * 3 < self.units * 2:
            return errors.NoQuorum
        self.openings += 1
        vote.state, vote.opening, vote.there = "open", self.openings, frozenset(self.present)
        return None

    def hold(self, vote: Vote, state: str) -> Refusal:
        if vote.state != {"paused": "open", "open": "paused"}[state]:
            return errors.WrongState
        vote.state = state
        return None

    def close(self, vote: Vote) -> Refusal:
        if vote.state not in ("open", "paused"):
            return errors.WrongState
        vote.state, self.called = "closing", None
        if not vote.kinds:
            self._count(vote, strict=True)
        return None

    def announce(self, vote: Vote) -> Refusal:
        if vote.state != "closing" or any(vote.sheets.get(kind, Count()).agreed is None for kind in vote.kinds):
            return errors.WrongState
        self._count(vote, strict=True)
        return None

    def _count(self, vote: Vote, *, strict: bool) -> None:
        if strict and vote.secret and len(vote.slips) != len(vote.voted):
            vote.state = "disputed"
            return
        said = [*(choice for choice, _turn in vote.slips.values()), *vote.choices.values()]
        vote.phones = Counter(pick for choice in said for pick in picks(choice))
        vote.listed, vote.slips, vote.state, vote.versions = frozenset(vote.slips), {}, "published", 1

    def settle(self, vote: Vote, decision: str) -> Refusal:
        fit = ("open", "paused", "closing", "disputed") if decision == "annul" else ("disputed",)
        if vote.state not in fit:
            return errors.WrongState
        if decision == "annul":
            vote.state, vote.slips = "annulled", {}
        else:
            self._count(vote, strict=False)
        return None

    # One ballot

    def _absent(self, unit: int) -> type[Exception]:
        return errors.CameLate if unit in self.present else errors.NotCheckedIn

    def _barred(self, vote: Vote, unit: int, channel: str, secret: bool) -> Refusal:
        if vote.state != "open":
            return errors.MotionNotOpen
        if vote.secret != secret:
            return errors.Invalid
        if vote.method in ("paper", "belenios") or (vote.method == "hands" and channel != "recorder"):
            return errors.NotEntitled
        return None if unit in vote.there else self._absent(unit)

    def cast(self, vote: Vote, unit: int, choice: str, key: str, channel: str = "online") -> Refusal:
        barred = self._barred(vote, unit, channel, secret=False)
        mine = None if vote.secret else vote.voted.get(unit)
        again = mine is not None and (key == mine or key in vote.spent)
        if barred is errors.MotionNotOpen and mine is not None:
            return None if again else errors.AlreadyVoted
        if barred is not None:
            return barred
        if choice not in BALLOTS[vote.kind]:
            return errors.Invalid
        if unit in vote.out:
            return errors.HoldsPaper
        if again:
            return None
        if mine is not None:
            if not vote.changeable:
                return errors.AlreadyVoted
            vote.spent.add(mine)
        vote.voted[unit], vote.choices[unit] = key, choice
        return None

    def cast_secret(self, vote: Vote, unit: int, choice: str, secret: str, turn: int, channel: str) -> Refusal:
        if channel == "recorder":
            return errors.NotEntitled
        barred = self._barred(vote, unit, channel, secret=True)
        lying = vote.slips.get(secret)
        if barred is errors.MotionNotOpen:
            if unit not in vote.voted:
                return barred
            if lying is not None:
                return barred if turn > lying[1] else None
            if secret in vote.listed:
                return barred if turn > 1 else None
            return errors.AlreadyVoted
        if barred is not None:
            return barred
        if choice not in BALLOTS[vote.kind]:
            return errors.Invalid
        if unit not in vote.voted and unit not in vote.out:
            if lying is not None:
                return errors.Invalid
            vote.voted[unit], vote.slips[secret] = secret, (choice, turn)
            return None
        if lying is None:
            return errors.HoldsPaper if unit in vote.out else errors.AlreadyVoted
        if turn > lying[1]:
            if not vote.changeable:
                return errors.AlreadyVoted
            vote.slips[secret] = (choice, turn)
        return None

    def call_up(self, unit: int) -> Refusal:
        if self.called is not None and self.called[1].state in ("open", "paused"):
            return errors.WrongState
        vote = next((one for one in self.votes if one.state == "open"), None)
        if vote is None:
            return errors.MotionNotOpen
        if vote.method not in PHONE:
            return errors.NotEntitled
        if unit not in vote.there:
            return self._absent(unit)
        if unit in vote.voted or unit in vote.out:
            return errors.HoldsPaper if unit in vote.out else errors.AlreadyVoted
        self.called = (unit, vote)
        return None

    def cast_at_tablet(self, choice: str, call: str, secret: str) -> Refusal:
        if self.called is None:
            return kiosk.CallOver
        unit, vote = self.called
        if vote.secret:
            refused = self.cast_secret(vote, unit, choice, secret, 1, "kiosk")
        else:
            refused = self.cast(vote, unit, choice, call, "kiosk")
        if refused is None or issubclass(refused, errors.AlreadyVoted):
            self.called = None
        return refused

    # Papers and counts

    def paper(self, vote: Vote, unit: int, act: str) -> Refusal:
        if vote.method not in PAPER:
            return errors.WrongState
        if vote.state != "open":
            return errors.MotionNotOpen
        if unit not in vote.there:
            return self._absent(unit)
        if act == "issue":
            if unit in vote.voted or unit in vote.out:
                return errors.HoldsPaper if unit in vote.out else errors.AlreadyVoted
            vote.out.add(unit)
            vote.issued += 1
            return None
        if unit not in vote.out:
            return errors.WrongState
        if act == "spoil":
            vote.issued, vote.spoiled = vote.issued + 1, vote.spoiled + 1
        else:
            vote.issued -= 1
            vote.out.remove(unit)
        return None

    def read(self, vote: Vote, kind: str, reader: int, numbers: dict[str, int]) -> Refusal:
        if vote.state != "closing" or kind not in vote.kinds:
            return errors.WrongState
        sheet = vote.sheets.get(kind, Count())
        if sheet.agreed is not None:
            return errors.WrongState
        if reader in sheet.readings and len(sheet.readings) < 3:
            return errors.SamePerson
        if not vote.fits(numbers):
            return errors.Invalid
        total, base = vote.people(numbers), vote.room(kind)
        if kind == "paper" and total + numbers.get("not_returned", 0) != vote.issued - vote.spoiled:
            return errors.Invalid
        if total > base:
            return errors.TooManyHands if kind == "hands" else errors.Invalid
        others = [typed for person, typed in sheet.readings.items() if person != reader]
        sheet.readings[reader] = numbers
        sheet.base = base
        if numbers in others:
            sheet.agreed = numbers
        vote.sheets[kind] = sheet
        return None
