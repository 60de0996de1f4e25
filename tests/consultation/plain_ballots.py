"""Ballots, papers and counts in the plain hall: what is accepted, and why the rest is refused."""

from __future__ import annotations

from consultation import errors, kiosk

from .plain_vote import BALLOTS, PAPER, PHONE, Count, Place, Vote

Refusal = type[Exception] | None


class PlainBallots:
    """One motion's ballots, as far as they hang on the meeting: who is there, who is called to its tablet."""

    state: str
    votes: list[Vote]
    called: tuple[int, Vote] | None
    present: set[int]

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
        if self.state != "live" or (self.called is not None and self.called[1].state in ("open", "paused")):
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
            vote.issued[vote.where.get(unit)] += 1
            return None
        if unit not in vote.out:
            return errors.WrongState
        if act == "spoil":
            vote.issued[vote.where.get(unit)] += 1
            vote.spoiled[vote.where.get(unit)] += 1
        else:
            vote.issued[vote.where.get(unit)] -= 1
            vote.out.remove(unit)
        return None

    def read(self, vote: Vote, kind: str, place: Place, reader: int, numbers: dict[str, int]) -> Refusal:
        if vote.state != "closing" or kind not in vote.kinds:
            return errors.WrongState
        sheet = vote.sheets.get((kind, place), Count())
        if sheet.agreed is not None:
            return errors.WrongState
        if reader in sheet.readings and len(sheet.readings) < 3:
            return errors.SamePerson
        if not vote.fits(numbers):
            return errors.Invalid
        total, base = vote.people(numbers), vote.room(kind, place)
        papers = vote.issued[place] - vote.spoiled[place]
        if kind == "paper" and total + numbers.get("not_returned", 0) != papers:
            return errors.Invalid
        if total > base:
            return errors.TooManyHands if kind == "hands" else errors.Invalid
        if vote.counted_twice(kind, place, total):
            return errors.WrongState
        others = [typed for person, typed in sheet.readings.items() if person != reader]
        sheet.readings[reader] = numbers
        sheet.base = base
        if numbers in others:
            sheet.agreed = numbers
        vote.sheets[kind, place] = sheet
        return None
