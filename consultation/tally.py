"""Counting and deciding: numbers in, Tally and Verdict out. Imports neither Django nor models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .quorum import Share, is_met, required

YES_NO = ("for", "against", "abstain")


class CountError(ValueError):
    """Numbers that cannot be: more votes than people present, or a count below zero."""


@dataclass(frozen=True)
class Tally:
    """The sums over every channel: `counts` by choice, `channels` the same by channel."""

    counts: Mapping[str, int]
    channels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def cast(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Verdict:
    """What follows: the outcome and the numbers it follows from."""

    outcome: str
    required: int
    needed: int
    base: int
    winner: str = ""


def add_up(parts: Iterable[tuple[str, Mapping[str, int]]], choices: Iterable[str]) -> Tally:
    """Sum (channel, counts) pairs; every choice appears, those not chosen with 0.

    Raises CountError for a count below zero or a choice that is not on the ballot.
    """
    known = tuple(choices)
    counts = dict.fromkeys(known, 0)
    channels: dict[str, dict[str, int]] = {}
    for channel, part in parts:
        sums = channels.setdefault(channel, dict.fromkeys(known, 0))
        for choice, number in part.items():
            if choice not in counts:
                raise CountError(f"not on the ballot: {choice}")
            if number < 0:
                raise CountError("counts are whole numbers from zero up")
            counts[choice] += number
            sums[choice] += number
    return Tally(counts, channels)


def decide(*, tally: Tally, entitled: int, present: int, quorum: Share, threshold: Share, threshold_of: str) -> Verdict:
    """The outcome of a for/against/abstain motion.

    The base is those present (or all entitled), so abstentions and people who did not vote weigh against
    (VL 26, UL 27 of 2025). Equal for and against is named `tied`, and is not carried. No votes at all: `lost`.
    Raises CountError when more were cast than present, or more present than entitled.
    """
    if present > entitled:
        raise CountError("more present than entitled")
    if tally.cast > present:
        raise CountError("more votes than people present")
    base = entitled if threshold_of == "electorate" else present
    needed = required(base, threshold)
    must_be_there = required(entitled, quorum)
    in_favour, against = tally.counts.get("for", 0), tally.counts.get("against", 0)
    if not is_met(present, entitled, quorum):
        outcome = "inquorate"
    elif is_met(in_favour, base, threshold):
        outcome = "carried"
    elif in_favour == against and in_favour > 0:
        outcome = "tied"
    else:
        outcome = "lost"
    return Verdict(outcome, must_be_there, needed, base)
