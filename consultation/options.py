"""What a ballot offers and what it may say, as text. Imports neither Django nor models.

A ballot between options says the keys of those picked, in the ballot's order and with nothing between them (`AC`), or
`abstain` alone. A ranking says them in the order of preference, the best first (`CAB`), not necessarily all; it is
counted by option and place: `1C`, `2A`, `3B`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .ranking import points

YES_NO = ("for", "against", "abstain")
ABSTAIN = "abstain"
FEWEST_OPTIONS, MOST_OPTIONS, LONGEST_OPTION = 2, 50, 200
CHOICE, MULTI_CHOICE, RANKED = "choice", "multi_choice", "ranked"
# More nobody puts in order; and the longer a secret ranking, the more easily it tells who was told to write it.
MOST_RANKED, MOST_RANKED_SECRET = 8, 5

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PICK = re.compile(r"[A-Z]2?|abstain")
_CHOICE = re.compile(r"(?:[A-Z]2?|abstain){1,60}")
_PLACED = re.compile(r"[1-9][A-Z]|abstain")


def key_at(place: int) -> str:
    """A to Z, then A2 to Z2: short on paper, and told apart when they stand one after the other."""
    again, letter = divmod(place, len(_LETTERS))
    return _LETTERS[letter] + ("2" if again else "")


def keyed(texts: Iterable[str]) -> list[dict[str, str]]:
    """The options of a motion as it stores them."""
    return [{"key": key_at(place), "text": text} for place, text in enumerate(texts)]


def picks_of(choice: str) -> tuple[str, ...]:
    """The keys that a ballot's text names."""
    return tuple(_PICK.findall(choice))


def looks_like_picks(choice: str) -> bool:
    """Whether it is made of keys at all; which of them there are is the motion's to say."""
    return bool(_CHOICE.fullmatch(choice))


def looks_like_a_place(mark: Any) -> bool:
    """Whether it is an option with its place (`1C`); such a mark is never one of the keys."""
    return isinstance(mark, str) and mark != ABSTAIN and bool(_PLACED.fullmatch(mark))


def ranking_of(marks: Iterable[str]) -> str:
    """The keys in the order of the places beside them: `2A` and `1C` are `CA`.

    What gives a place twice or leaves one out, or is no place at all, stays as it came: no form takes that.
    """
    marks = list(marks)
    placed = sorted(mark for mark in marks if mark != ABSTAIN)
    sound = all(_PLACED.fullmatch(mark) for mark in placed)
    if not sound or [mark[0] for mark in placed] != [str(place) for place in range(1, len(placed) + 1)]:
        return "".join(marks)
    return "".join([*(mark[1:] for mark in placed), *(mark for mark in marks if mark == ABSTAIN)])


@dataclass(frozen=True)
class Form:
    """What a motion's ballot offers: `keys` of its options (none: for, against, abstain), of which one may pick `most`.

    `several` tells a ballot on which each option stands for itself from one that has a single winner; on a `ranked` one
    the options are put in order.
    """

    keys: tuple[str, ...] = ()
    most: int = 1
    several: bool = False
    ranked: bool = False

    @property
    def places(self) -> range:
        """Those of a ranking, from 1."""
        return range(1, len(self.keys) + 1)

    @property
    def choices(self) -> tuple[str, ...]:
        """Everything that is counted, in the ballot's order: of a ranking each option at each place."""
        if self.ranked:
            return (*(f"{place}{key}" for key in self.keys for place in self.places), ABSTAIN)
        return (*self.keys, ABSTAIN) if self.keys else YES_NO

    def fault(self, choice: str) -> str:
        """What is wrong with a ballot: nothing (empty), `none`, `many` picked, or `abstain` beside something else."""
        if not self.keys:
            return "" if choice in YES_NO else "none"
        picks = picks_of(choice)
        if "".join(picks) != choice or not picks or not set(picks) <= {*self.keys, ABSTAIN}:
            return "none"
        if len(set(picks)) != len(picks):
            return "none"
        if ABSTAIN in picks:
            return "abstain" if len(picks) > 1 else ""
        return "many" if len(picks) > self.most else ""

    def count(self, choice: str) -> int:
        """How many it picks."""
        return len(picks_of(choice))

    def parts(self, choice: str) -> tuple[str, ...]:
        """What it adds one to, each; what is counted already (`1C`) is its own part."""
        if self.ranked and choice not in self.choices:
            return tuple(f"{place}{key}" for place, key in enumerate(picks_of(choice), 1))
        return picks_of(choice) if self.keys and not self.ranked else (choice,)

    def ticked(self, choice: str) -> tuple[str, ...]:
        """What is marked on a paper that says this, sound or not, to show it so again."""
        if self.ranked and self.fault(choice):
            return tuple(_PLACED.findall(choice))
        return self.parts(choice)

    def tidy(self, choice: str) -> str:
        """A faultless ballot's text in the ballot's order, whatever order it came in; a ranking's order is its own."""
        if self.ranked:
            return choice
        picks = set(picks_of(choice)) if self.keys else {choice}
        return "".join(key for key in self.choices if key in picks)

    def spread(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Numbers of whole ballots as numbers of their parts: {"AC": 2, "A": 1} is {"A": 3, "C": 2}."""
        found: dict[str, int] = {}
        for choice, number in counts.items():
            for part in self.parts(choice):
                found[part] = found.get(part, 0) + number
        return found

    def scores(self, counts: Mapping[str, int]) -> dict[str, int]:
        """What options are compared by: their votes, or of a ranking their points. `counts` is by `choices`."""
        return points(self.keys, counts) if self.ranked else {key: counts.get(key, 0) for key in self.keys}

    def naming(self, counts: Mapping[str, int]) -> dict[str, int]:
        """How many ballots name each option, at whatever place."""
        if not self.ranked:
            return self.scores(counts)
        return {key: sum(counts.get(f"{place}{key}", 0) for place in self.places) for key in self.keys}

    def at_place(self, place: int, counts: Mapping[str, int]) -> int:
        """How many rankings have anything at this place."""
        return sum(counts.get(f"{place}{key}", 0) for key in self.keys)


def form_of(kind: str, options: Sequence[Mapping[str, Any]], most: int) -> Form:
    """The form of a motion from what it stores."""
    if kind not in (CHOICE, MULTI_CHOICE, RANKED):
        return Form()
    keys = tuple(str(option["key"]) for option in options)
    if kind == RANKED:
        return Form(keys, len(keys), ranked=True)
    several = kind == MULTI_CHOICE
    return Form(keys, most if several else 1, several)
