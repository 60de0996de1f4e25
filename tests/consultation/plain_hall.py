"""A meeting in plain sets and dictionaries, written from the rules and not from the code: what is carried out, what is
refused and why, and what comes out. Every act returns the refusal it expects, or None when it is carried out.
"""

from __future__ import annotations

from collections import Counter

from consultation import errors
from residents import two_people

from .plain_ballots import PlainBallots, Refusal
from .plain_vote import CAP, HANDS, PHONE, RUNNING, Place, Vote, picks


class PlainHall(PlainBallots):
    """The meeting: who is where since which opening, who acts for whom, who leads it, the motions, one tablet."""

    def __init__(self, units: int, officers: dict[str, int]) -> None:
        self.units = units
        self.officers = officers
        self.state = "live"
        self.openings = 0
        self.here: dict[int, int] = {}
        self.where: dict[int, Place] = {}  # of those here
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

    @property
    def enough(self) -> bool:
        """Two thirds of all, whoever of them died or moved away since the notice."""
        return len(self.present) * 3 >= self.units * 2

    def check_in(self, unit: int, place: Place = None) -> Refusal:
        if self.state != "live":
            return errors.WrongState
        if unit in self.grants:
            self._end_grant(unit)
        if unit not in self.here:  # who signs in at a second place stays where they were
            self.here[unit], self.where[unit] = self.openings, place
            self._bring(unit)
        return None

    def move(self, unit: int, place: int) -> Refusal:
        if self.state != "live" or self.running or unit not in self.here:
            return errors.WrongState
        if self.where[unit] != place:
            self.here[unit], self.where[unit] = self.openings, place
        return None

    def _bring(self, holder: int) -> None:
        self.through |= {one: self.openings for one in self.held_by(holder) if one not in self.present}

    def _end_grant(self, grantor: int) -> None:
        del self.grants[grantor]
        self.through.pop(grantor, None)

    def check_out(self, unit: int) -> Refusal:
        if self.state != "live" or unit not in self.here:
            return errors.WrongState
        del self.here[unit], self.where[unit]
        for grantor in self.held_by(unit):
            self.through.pop(grantor, None)
        return None

    def undo(self, unit: int) -> Refusal:
        if unit not in self.here or self.running or self.marked_since(unit, self.here[unit]):
            return errors.WrongState
        since = {one: self.through[one] for one in self.held_by(unit) if one in self.through}
        if any(self.marked_since(one, opening) for one, opening in since.items()):
            return errors.WrongState
        for vote in self.votes:
            vote.undone |= {one for one, opening in {unit: self.here[unit], **since}.items() if opening < vote.opening}
        return self.check_out(unit)

    def grant(self, grantor: int, holder: int) -> Refusal:
        if self.state != "live":
            return errors.WrongState
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

    def hand_over(self, office: str, unit: int) -> Refusal:
        if self.state != "live":
            return errors.WrongState
        if unit in self.officers.values():
            return errors.SamePerson
        self.officers[office] = unit
        return None

    # The motion

    def table(self, text: str, method: str, secret: bool, changeable: bool, kind: str) -> Refusal:
        if self.state != "live":
            return errors.WrongState
        if (secret and method in HANDS) or (kind != "yes_no" and method == "belenios"):
            return errors.Invalid
        self._list(Vote(0, method, secret, changeable and method in PHONE, kind, text))
        return None

    def _list(self, vote: Vote) -> None:
        vote.number = len(self.votes) + 1
        self.votes.append(vote)

    def amend(self, vote: Vote, words: str) -> Refusal:
        if self.state != "live" or vote.state != "announced" or vote.amends is not None:
            return errors.WrongState
        if words == vote.text:
            return errors.Invalid
        self._amend(vote, words)
        return None

    def _amend(self, vote: Vote, words: str) -> None:
        """Voted as what it amends; where that is voted elsewhere, here and by name."""
        here = vote.method != "belenios"
        method, secret = (vote.method, vote.secret) if here else ("hands_and_online", False)
        self._list(Vote(0, method, secret, vote.changeable, amends=vote, new_text=words))

    def amendments_of(self, vote: Vote) -> list[Vote]:
        return [one for one in self.votes if one.amends is vote]

    def open(self, vote: Vote) -> Refusal:
        if self.state != "live" or self.running or vote.state != "announced":
            return errors.WrongState
        for one in self.amendments_of(vote):
            if one.state not in ("published", "annulled") or one.words_wait:
                return errors.WrongState
        if not self.enough:
            return errors.NoQuorum
        self.openings += 1
        vote.state, vote.opening, vote.there = "open", self.openings, frozenset(self.present)
        vote.where, vote.entitled = dict(self.where), self.units
        return None

    def settle_words(self, vote: Vote) -> Refusal:
        main = vote.amends
        if main is None or not vote.words_wait or main.state != "announced":
            return errors.WrongState
        if vote.carried:
            vote.old_text, vote.taken, main.text = main.text, True, vote.new_text
        elif main.text != vote.new_text:
            return errors.WrongState
        else:
            vote.taken, main.text = False, vote.old_text
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
        if vote.state != "closing" or not vote.all_counted:
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
        fit = (*RUNNING, "disputed", "interrupted") if decision == "annul" else ("disputed", "interrupted")
        if vote.state not in fit:
            return errors.WrongState
        if decision == "annul":
            vote.state, vote.slips = "annulled", {}
        elif vote.state == "disputed":
            self._count(vote, strict=False)
        elif self.running:
            return two_people.NotWaiting
        else:
            vote.state = "closing"
            if not vote.kinds:
                self._count(vote, strict=True)
        return None

    def correct(self, vote: Vote, place: Place, said: dict[str, int]) -> Refusal:
        """A count of hands was wrong, say two: no more than could be there, and nobody in two counts."""
        sheet, people = vote.sheets["hands", place], vote.people(said)
        if said == sheet.agreed or not vote.fits(said) or people > sheet.base:
            return errors.Invalid
        if vote.counted_twice("hands", place, people):
            return errors.WrongState
        before = vote.of_sheets("hands")
        if sum(before.values()) - before[place] + people > len(vote.there) - len(vote.voted):
            return two_people.NotWaiting
        sheet.agreed = said
        vote.versions += 1
        return None

    # The meeting's course

    def put_off(self) -> Refusal:
        if self.state != "live" or self.running:
            return errors.WrongState
        self.state, self.grants, self.called = "adjourned", {}, None
        return None

    def interrupt(self) -> None:
        """A backup of this moment is brought back: what was running stands still, no tablet is trusted."""
        for vote in self.votes:
            if vote.state in RUNNING:
                vote.state = "interrupted"
        self.called = None

    @property
    def uncounted(self) -> bool:
        """What was not come to has an amendment that was voted and has no result."""
        waiting = [vote for vote in self.votes if vote.state == "announced" and vote.amends is None]
        states = {one.state for vote in waiting for one in self.amendments_of(vote)}
        return bool(states - {"announced", "published", "annulled"})

    def next_part(self, units: int) -> PlainHall:
        """What was not come to goes on, as it was to be voted; everything else stays as it was."""
        following = PlainHall(units, dict(self.officers))
        waiting = [vote for vote in self.votes if vote.state == "announced" and vote.amends is None]
        for vote in sorted(waiting, key=lambda vote: vote.kind == "yes_no"):  # those between options come first
            words = vote.text
            for one in self.amendments_of(vote):
                if one.words_wait and one.carried:
                    words = one.new_text
                elif one.words_wait and words == one.new_text:
                    words = one.old_text
            again = Vote(0, vote.method, vote.secret, vote.changeable, vote.kind, words)
            following._list(again)
            for one in self.amendments_of(vote):
                if one.state == "announced" and one.new_text != words:
                    following._amend(again, one.new_text)
        return following
