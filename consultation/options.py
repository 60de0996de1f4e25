"""What a ballot offers and what it may say, as text. Imports neither Django nor models.

A ballot between options says the keys of those picked, in the ballot's order and with nothing between them (`AC`), or
`abstain` alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

YES_NO = ("for", "against", "abstain")
ABSTAIN = "abstain"
FEWEST_OPTIONS, MOST_OPTIONS, LONGEST_OPTION = 2, 50, 200
CHOICE, MULTI_CHOICE = "choice", "multi_choice"

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PICK = re.compile(r"[A-Z]2?|abstain")
_CHOICE = re.compile(r"(?:[A-Z]2?|abstain){1,60}")


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


@dataclass(frozen=True)
class Form:
    """What a motion's ballot offers: `keys` of its options (none: for, against, abstain), of which one may pick `most`.

    `several` tells a ballot on which each option stands for itself from one that has a single winner.
    """

    keys: tuple[str, ...] = ()
    most: int = 1
    several: bool = False

    @property
    def choices(self) -> tuple[str, ...]:
        """Everything that is counted, in the ballot's order."""
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
        """What it adds one to, each."""
        return picks_of(choice) if self.keys else (choice,)

    def tidy(self, choice: str) -> str:
        """A faultless ballot's text in the ballot's order, whatever order it came in."""
        picks = set(picks_of(choice)) if self.keys else {choice}
        return "".join(key for key in self.choices if key in picks)


def form_of(kind: str, options: Sequence[Mapping[str, Any]], most: int) -> Form:
    """The form of a motion from what it stores."""
    if kind not in (CHOICE, MULTI_CHOICE):
        return Form()
    several = kind == MULTI_CHOICE
    return Form(tuple(str(option["key"]) for option in options), most if several else 1, several)


def spread(counts: Mapping[str, int]) -> dict[str, int]:
    """Numbers of whole ballots as numbers of picks: {"AC": 2, "A": 1} is {"A": 3, "C": 2}."""
    picked: dict[str, int] = {}
    for choice, number in counts.items():
        for key in picks_of(choice):
            picked[key] = picked.get(key, 0) + number
    return picked
