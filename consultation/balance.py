"""What the numbers of a count by people have to add up to. Whole numbers only; nothing here knows a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .options import ABSTAIN, Form

CHOICES = ("for", "against", "abstain")
IN_THE_BOX = (*CHOICES, "blank", "invalid")
PAPER_PARTS = (*IN_THE_BOX, "not_returned")
# What a person types for each kind of count.
PARTS: Mapping[str, tuple[str, ...]] = {"hands": CHOICES, "paper": PAPER_PARTS, "belenios": IN_THE_BOX}
YES_NO_FORM = Form()
VALID = "valid"  # hands or papers that picked something: where one may pick several, less than what was picked


def parts_of(form: Form, method: str) -> tuple[str, ...]:
    """What a person types for that kind of count of a motion with this form."""
    if not form.keys:
        return PARTS[method]
    others = [part for part in PARTS[method] if part not in CHOICES]
    if form.ranked:
        return (*form.choices, *others)
    return (*form.keys, *([VALID] if form.several else []), ABSTAIN, *others)


def valid_of(form: Form, numbers: Mapping[str, int]) -> int:
    """How many hands or papers picked an option; none on a yes/no ballot, where the answers are counted themselves."""
    if form.ranked:
        return form.at_place(1, numbers)  # whoever ranks anything has a first
    return numbers.get(VALID, 0) if form.several else sum(numbers.get(key, 0) for key in form.keys)


def picks_fit(form: Form, numbers: Mapping[str, int]) -> bool:
    """Where one may pick several: no option has more than there were ballots, and each picked from one to `most`.

    Ranked: no place has more than the one before it, and no option stands on more ballots than there were.
    """
    if form.ranked:
        filled = [form.at_place(place, numbers) for place in form.places]
        return filled == sorted(filled, reverse=True) and max(form.naming(numbers).values()) <= filled[0]
    picked, valid = [numbers.get(key, 0) for key in form.keys], valid_of(form, numbers)
    return not form.several or (max(picked) <= valid <= sum(picked) <= valid * form.most)


@dataclass(frozen=True)
class Room:
    """Those present when the motion opened, and how many of them are counted already or cannot be in this count.

    `voted` by phone, tablet or recorder; `holding` units with a paper; `hands`, `papers` and `elsewhere` what other
    confirmed sheets say.
    """

    present: int
    voted: int = 0
    holding: int = 0
    hands: int = 0
    papers: int = 0
    elsewhere: int = 0

    def left_for(self, method: str) -> int:
        """How many can be in one more count by this method; never below 0.

        Who holds a paper raises no hand; how many papers came back is what a count of papers is to find out.
        """
        papers = self.papers if method == "paper" else self.holding
        return max(self.present - self.voted - papers - self.hands - self.elsewhere, 0)


@dataclass(frozen=True)
class Papers:
    """Papers of one place: `issued` in all, `spoiled` of them taken back for another. Those unused are in neither."""

    issued: int = 0
    spoiled: int = 0

    @property
    def expected(self) -> int:
        """As many are in the box or did not come back."""
        return self.issued - self.spoiled


def counted(numbers: Mapping[str, int], form: Form = YES_NO_FORM) -> int:
    """Hands raised, or papers in the box: whatever they say, or nothing, or cannot be read."""
    return sum(numbers.get(part, 0) for part in IN_THE_BOX) + valid_of(form, numbers)


def surplus(numbers: Mapping[str, int], papers: Papers, form: Form = YES_NO_FORM) -> int:
    """How many papers more (or, below 0, fewer) were typed than the list of issues accounts for."""
    return counted(numbers, form) + numbers.get("not_returned", 0) - papers.expected
