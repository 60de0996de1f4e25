"""How many are needed: whole numbers and fractions only, never floats or percentages.

过半数 is strictly more than half; 三分之二以上 includes exactly two thirds (Civil Code art. 1259: 以上 includes the
number; VL 25-32, UL 26-29 of 2025). Which share applies comes from the preset, never from here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """A share of a whole: `op` is ">" (more than) or ">=" (at least), then num/den with den > 0."""

    op: str
    num: int
    den: int

    def __post_init__(self) -> None:
        if self.op not in (">", ">=") or self.den <= 0 or self.num < 0:
            raise ValueError(f"not a share: {self.op} {self.num}/{self.den}")


def is_met(count: int, total: int, share: Share) -> bool:
    """Whether `count` of `total` reaches the share. Nobody of nobody never does. Raises ValueError below zero."""
    if count < 0 or total < 0:
        raise ValueError("counts are whole numbers from zero up")
    if total == 0 or count == 0:
        return False
    if share.op == ">":
        return count * share.den > total * share.num
    return count * share.den >= total * share.num


def required(total: int, share: Share) -> int:
    """The smallest count that meets the share of `total`, at least 1. Raises ValueError below zero."""
    if total < 0:
        raise ValueError("counts are whole numbers from zero up")
    product = total * share.num
    smallest = product // share.den + 1 if share.op == ">" else -(-product // share.den)
    return max(smallest, 1)
