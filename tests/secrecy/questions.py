"""What a secret motion may ask, and ballots on it that only a leak tells apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from consultation.models import Meeting
from consultation.options import YES_NO, form_of, key_at, keyed


@dataclass(frozen=True)
class Question:
    """`one` and `other` are two ballots as unlike as can be; seven people choose `turned` and `back`, of one total.

    `words` are ballots that can be looked for: nothing else says the long ones of them.
    """

    one: str
    other: str
    turned: tuple[str, ...]
    back: tuple[str, ...]
    words: tuple[str, ...]
    fields: dict[str, Any] = field(default_factory=dict)

    def put_to(self, meeting: Meeting) -> None:
        """Options are put in order in consultations only."""
        if self.fields.get("kind") == "ranked":
            meeting.rules |= {"binding": False}
            meeting.save(update_fields=["rules"])

    @property
    def together(self) -> list[str]:
        """Combinations, each as one voter picked it."""
        return [word for word in self.words if word not in YES_NO]

    def counted(self, choices: list[str] | tuple[str, ...]) -> Counter[str]:
        """How often each thing was picked."""
        form = form_of(str(self.fields.get("kind")), keyed(self.fields.get("options", ())), self.fields.get("most", 1))
        return Counter(form.spread(Counter(choices)))


_MANY = {"kind": "multi_choice", "options": [f"方案{key_at(place)}" for place in range(50)], "most": 5}
YES_OR_NO = Question("for", "against", ("for",) * 4 + ("against",) * 3, ("against",) * 3 + ("for",) * 4, YES_NO)
ONE_OF_THREE = Question(
    "A", "C", ("A", "A", "A", "C", "C", "B", "abstain"), ("abstain", "B", "C", "C", "A", "A", "A"), (),
    {"kind": "choice", "options": ["挖机", "人工", "不清"]},
)  # fmt: skip
TWO_OF_THREE = Question(  # the second time other things are picked together, in another order
    "BA", "C", ("AB", "BA", "CA", "A", "B", "C", "abstain"), ("abstain", "C", "BC", "A", "AB", "A", "AB"), (),
    {"kind": "multi_choice", "options": ["挖机", "人工", "不清"], "most": 2},
)  # fmt: skip
IN_ORDER = Question(  # the second time other options stand in other places together
    "CAB", "B", ("AB", "BC", "CA", "A", "ABC", "B", "abstain"), ("abstain", "ABC", "AC", "B", "BA", "CB", "A"), (),
    {"kind": "ranked", "options": ["挖机", "人工", "不清"]},
)  # fmt: skip
FIVE_OF_FIFTY = Question("", "", (), (), ("ADGKQ", "BEHMX2", "CFKQX2", "DHMT2V2", "abstain"), _MANY)
