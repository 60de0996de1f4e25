"""One motion's ballots in plain sets and dictionaries, and what they come to: from the rules, as in the plain hall."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

RUNNING = ("open", "paused", "closing")
PHONE = ("online", "hands_and_online", "paper_and_online")
PAPER = ("paper", "paper_and_online")
HANDS = ("hands", "hands_and_online")
CHOICES = ("for", "against", "abstain")
OPTIONS = ("A", "B", "C")
MOST = 2  # of a ballot for several
BALLOTS = {
    "yes_no": CHOICES,
    "choice": (*OPTIONS, "abstain"),
    "multi_choice": ("A", "AB", "AC", "BC", "C", "abstain"),
}
CAP = 3
Place = int | None  # which of the meeting's places, from 0; None: nobody wrote it down, or all of them together


def picks(ballot: str) -> tuple[str, ...]:
    """What it adds one to, each."""
    return (ballot,) if ballot in CHOICES else tuple(ballot)


@dataclass
class Count:
    """One sheet: everybody's latest reading, and the numbers two agreed on."""

    readings: dict[int, dict[str, int]] = field(default_factory=dict)
    agreed: dict[str, int] | None = None
    base: int = 0


@dataclass
class Vote:
    """One motion."""

    number: int
    method: str
    secret: bool
    changeable: bool
    kind: str = "yes_no"
    text: str = ""
    amends: Vote | None = None
    new_text: str = ""
    old_text: str = ""
    taken: bool = False  # its words stand in what it amends
    state: str = "announced"
    opening: int = 0
    there: frozenset[int] = frozenset()
    where: dict[int, Place] = field(default_factory=dict)  # of those there
    undone: set[int] = field(default_factory=set)  # of those: whose sign-in was found to be a mistake afterwards
    entitled: int = 0
    voted: dict[int, str] = field(default_factory=dict)  # by phone, tablet, recorder; the key or the slip's secret
    spent: set[str] = field(default_factory=set)
    choices: dict[int, str] = field(default_factory=dict)  # recorded ones
    slips: dict[str, tuple[str, int]] = field(default_factory=dict)  # secret → choice, turn
    out: set[int] = field(default_factory=set)  # units with a paper
    issued: Counter[Place] = field(default_factory=Counter)
    spoiled: Counter[Place] = field(default_factory=Counter)
    sheets: dict[tuple[str, Place], Count] = field(default_factory=dict)
    listed: frozenset[str] = frozenset()  # secrets whose codes the bulletin has
    phones: Counter[str] = field(default_factory=Counter)  # what lay in the box when it was counted
    versions: int = 0

    @property
    def kinds(self) -> list[str]:
        kinds = {"hands": HANDS, "paper": PAPER, "belenios": ("belenios",)}
        return [kind for kind, methods in kinds.items() if self.method in methods]

    @property
    def names(self) -> tuple[str, ...]:
        """What is counted."""
        return CHOICES if self.kind == "yes_no" else (*OPTIONS, "abstain")

    def parts(self, kind: str) -> tuple[str, ...]:
        """What people write down who count hands or papers; of papers for several, also how many there were."""
        parts = (*self.names, *(["valid"] if self.kind == "multi_choice" else []))
        return parts if kind == "hands" else (*parts, "blank", "invalid")

    def people(self, numbers: dict[str, int]) -> int:
        one_each = [] if self.kind == "multi_choice" else self.names
        return sum(numbers.get(part, 0) for part in {*one_each, "valid", "abstain", "blank", "invalid"})

    def fits(self, numbers: dict[str, int]) -> bool:
        """So many people can have picked so much."""
        if self.kind != "multi_choice":
            return True
        picked, valid = [numbers[key] for key in OPTIONS], numbers["valid"]
        return max(picked) <= valid and valid <= sum(picked) <= MOST * valid

    def of_sheets(self, kind: str) -> dict[Place, int]:
        """How many people are in the sheets that two agreed on, place by place."""
        agreed = {place: sheet.agreed for (other, place), sheet in self.sheets.items() if other == kind}
        return {place: self.people(numbers) for place, numbers in agreed.items() if numbers is not None}

    def room(self, kind: str, place: Place = None) -> int:
        """How many can be in one more count: nobody who has voted otherwise; of hands at a place, nobody of another."""
        papers = sum(self.of_sheets("paper").values()) if kind == "paper" else len(self.out)
        others = sum(self.of_sheets("hands").values()) + sum(self.of_sheets("belenios").values())
        room = max(len(self.there) - len(self.voted) - papers - others, 0)
        return room if kind != "hands" or place is None else min(room, len(self.free_at(place)))

    def free_at(self, place: Place) -> list[int]:
        """Who can raise a hand there: whoever is there, and whose place nobody knows."""
        return [unit for unit in self.free if self.where.get(unit) in (place, None)]

    @property
    def free(self) -> set[int]:
        return set(self.there - self.voted.keys() - self.out - self.undone)

    def counted_twice(self, kind: str, place: Place, people: int) -> bool:
        """Hands are counted place by place or all together, never both."""
        others = [number for other, number in self.of_sheets(kind).items() if (other is None) != (place is None)]
        return kind == "hands" and people > 0 and sum(others) > 0

    def to_count(self, kind: str) -> set[Place]:
        """The places that have to be counted: where papers went out; where hands may have been raised, once they are
        counted place by place; everything together where nothing asks for more."""
        places: set[Place] = set()
        begun = {place for other, place in self.sheets if other == kind}
        if kind == "paper":
            places = {place for place, number in self.issued.items() if number}
        elif kind == "hands" and ((begun - {None} and None not in begun) or self.by_places):
            places = {self.where[unit] for unit in self.free if self.where.get(unit) is not None}
        return places | begun or {None}

    @property
    def by_places(self) -> bool:
        return any(people for place, people in self.of_sheets("hands").items() if place is not None)

    @property
    def all_counted(self) -> bool:
        agreed = {key for key, sheet in self.sheets.items() if sheet.agreed is not None}
        return all((kind, place) in agreed for kind in self.kinds for place in self.to_count(kind))

    @property
    def carried(self) -> bool:
        return self.state == "published" and self.outcome()[0] == "carried"

    @property
    def words_wait(self) -> bool:
        """The chair has still to put its words, or the old ones, where its outcome says."""
        return self.amends is not None and self.state == "published" and self.carried != self.taken

    @property
    def total(self) -> dict[str, int]:
        summed = Counter(self.phones)
        for sheet in self.sheets.values():
            summed.update({choice: (sheet.agreed or {}).get(choice, 0) for choice in self.names})
        return {choice: summed[choice] for choice in self.names}

    def outcome(self) -> tuple[str, str, str]:
        """Two thirds of all must be there, more than half of those there in favour. With it who won, who goes on."""
        present, total = len(self.there), self.total
        if present * 3 < self.entitled * 2:
            return "inquorate", "", ""
        if self.kind != "yes_no":
            return self.between(present, {key: total[key] for key in OPTIONS})
        if total["for"] * 2 > present:
            return "carried", "", ""
        return "tied" if total["for"] == total["against"] > 0 else "lost", "", ""

    def between(self, present: int, total: dict[str, int]) -> tuple[str, str, str]:
        """Whoever has more than half, if there is room for all of them; else those level at the last place, or, of
        which one is to be picked, the two foremost and who is level with the second, once more."""
        first, second, third = sorted(total.values(), reverse=True)
        if first == third:
            return ("tied" if first else "lost"), "", ""
        chosen = "".join(key for key in OPTIONS if total[key] * 2 > present)
        if len(chosen) > MOST and second == third:
            best = "".join(key for key in chosen if total[key] == first)
            return "runoff", best, "".join(key for key in chosen if key not in best)
        if chosen:
            return "carried", "".join(key for key in chosen if len(chosen) <= MOST or total[key] != third), ""
        if self.kind == "choice" and second:
            return "runoff", "", "".join(key for key in OPTIONS if total[key] >= second)
        return "lost", "", ""
