"""People count hands and papers, at each place or all together; two agree, or not; two correct what was counted."""

from __future__ import annotations

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from consultation import balance, settling, sheets
from residents import two_people

from .hall_machine import KINDS, MOST_MOTIONS, UNITS, HallMachine, choice, small
from .plain_vote import Place

READERS = 3


class Counts(HallMachine):
    @precondition(lambda self: self.vote.kinds and self.vote.state == "closing")
    @rule(
        kind=st.sampled_from(["hands", "paper", "belenios"]), reader=small, numbers=st.tuples(*[small] * 7), place=small
    )
    def count(self, kind: str, reader: int, numbers: tuple[int, ...], place: int) -> None:
        said = dict(zip(self.vote.parts(kind), numbers, strict=False))
        self._count(kind, self.place(place), reader, said)

    @precondition(lambda self: self.vote.kinds and self.vote.state == "closing")
    @rule(reader=small, less=small, against=small, place=small)
    def count_well(self, reader: int, less: int, against: int, place: int) -> None:
        self._count_well(self.place(place), reader, less, against)

    def _count_well(self, place: Place, reader: int, less: int, against: int) -> None:
        """As it may well be, without a mistake."""
        kind = self.vote.kinds[0]
        if kind == "paper":
            left = self.vote.issued[place] - self.vote.spoiled[place]
            against, gone = min(against, left), min(less, max(left - against, 0))
            said = self._answers(left - against - gone, against) | {"not_returned": gone}
        else:
            room = self.vote.room(kind, place)
            against = min(against, room)
            said = self._answers(max(room - against - less, 0), against)
        self._count(kind, place, reader, said)

    def _answers(self, one: int, other: int) -> dict[str, int]:
        """So many who say one thing and the other; where one may pick several, the others pick both."""
        if self.vote.kind == "multi_choice":
            return {"A": one + other, "B": other, "valid": one + other}
        return dict(zip(self.vote.names, (one, other), strict=False))

    @precondition(lambda self: self.part.places and not self.plain.running and len(self.plain.votes) < MOST_MOTIONS)
    @rule(
        choices=st.tuples(*[choice] * UNITS), method=st.sampled_from(["hands", "hands_and_online", "paper"]),
        kind=st.sampled_from(KINDS), against=small, apart=st.booleans(),
    )  # fmt: skip
    def vote_in_all_places(self, choices: tuple[int, ...], method: str, kind: str, against: int, apart: bool) -> None:
        self.table(method, False, False, kind)
        self.open(0)
        if self.vote.state == "open":
            self.all_vote_as_they_may(choices, close=True)
            self.two_agree(0, against, apart)

    @precondition(lambda self: self.vote.kinds and self.vote.state == "closing")
    @rule(less=small, against=small, apart=st.booleans())
    def two_agree(self, less: int, against: int, apart: bool = False) -> None:
        """Of all that has to be counted, at every place where it is counted so; then the chair announces."""
        kind = self.vote.kinds[0]
        if apart and kind == "hands" and self.part.places and not self.vote.sheets:
            too_many = self.vote.room(kind, 0) + 1
            self._count(kind, 0, 2, self._answers(too_many, 0))
            for reader in (0, 1):
                self._count_well(0, reader, less, against)
            self.announce()  # perhaps too early: somebody may be at the other place
            self._count(kind, None, 2, self._answers(1, 0))  # with all together, too
        for place in sorted(self.vote.to_count(kind), key=str):
            readers = iter(range(READERS))
            while (sheet := self.vote.sheets.get((kind, place))) is None or sheet.agreed is None:
                reader = next(readers, None)
                if reader is None:
                    break
                self._count_well(place, reader, less, against)
        self.announce()

    def _count(self, kind: str, place: Place, reader: int, said: dict[str, int]) -> None:
        motion, person = self.motion, self.base["hall"].people[reader]
        full = {part: said.get(part, 0) for part in balance.parts_of(motion.form, kind)}
        self.both(
            self.plain.read(self.vote, kind, place, reader, full),
            sheets.enter_reading,
            motion, method=kind, reader=person, numbers=said, by=None, session=self.session(place),
        )  # fmt: skip
        if place is not None and kind in self.vote.kinds:
            self.note("count at a place", carried_out=(kind, place) in self.vote.sheets)

    @precondition(lambda self: self.vote.state == "published" and "hands" in self.vote.kinds)
    @rule(numbers=st.tuples(*[st.integers(0, 3)] * 5), pick=small)
    def correct(self, numbers: tuple[int, ...], pick: int) -> None:
        vote, motion = self.vote, self.motion
        first, second = self.base["officers"]
        said = dict(zip(vote.parts("hands"), numbers, strict=False))
        places = sorted((place for kind, place in vote.sheets if kind == "hands"), key=str)
        place = places[pick % len(places)]
        kept = motion.sheets.get(method="hands", session=self.session(place))

        def corrected_by_two() -> None:
            fields = {f"{name}_count": number for name, number in said.items()}
            proposal = settling.propose_correction(motion, kept, numbers=fields, reason="重数", by=first)
            try:
                with transaction.atomic():
                    two_people.decide(proposal, by=second, accept=True)
            except two_people.NotWaiting:
                two_people.decide(proposal, by=first, accept=False)
                raise

        self.both(self.plain.correct(vote, place, said), corrected_by_two)
