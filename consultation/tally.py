"""Counting and deciding: numbers in, Tally and Verdict out. Imports neither Django nor models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .options import YES_NO as YES_NO
from .options import Form
from .quorum import Share, is_met, required


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
    winner: str = ""  # of a ballot between options: the keys of those elected
    going_on: str = ""  # the keys of those that a runoff is held among


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


def decide_options(
    *,
    tally: Tally,
    form: Form,
    voters: int,
    entitled: int,
    present: int,
    quorum: Share,
    threshold: Share,
    threshold_of: str,
    in_runoff: bool = False,
) -> Verdict:
    """The outcome of a motion between options; `voters` is how many ballots, hands and papers said something.

    One is to be picked: the option with most votes wins if it has the threshold of the base. If none has, the two with
    most votes go into a runoff, with everybody who is level with the second; an option nobody chose does not go on,
    and where that leaves fewer than two the motion is `lost`.
    Several may be picked: each option with the threshold is elected, the most chosen first, up to `form.most`; those
    level at the last place do not all fit, so none of them is elected and a `runoff` is held among them. Without any
    that has the threshold: `lost`.
    Ranked: the option with most points comes first, whatever the threshold; those level with it for a `runoff`.
    In all, all options level (and chosen at all) is `tied`: a runoff would ask the same again. Nobody chose any:
    `lost`. A runoff (`in_runoff`) leads to no other: what it does not elect is not elected.
    Raises CountError when more voted than were present, or one option has more votes than there were voters. Of a
    ranking the tally is by option and place, and `needed` is 0.
    """
    if present > entitled:
        raise CountError("more present than entitled")
    counts = form.scores(tally.counts)
    one_each = not form.several and not form.ranked
    if max(voters, *form.naming(tally.counts).values()) > present or (one_each and tally.cast > present):
        raise CountError("more votes than people present")
    base = entitled if threshold_of == "electorate" else present
    needed = 0 if form.ranked else required(base, threshold)
    must_be_there = required(entitled, quorum)
    if not is_met(present, entitled, quorum):
        return Verdict("inquorate", must_be_there, needed, base)
    if form.ranked:
        elected, level = _elected(counts, 1, max(*counts.values(), 1))
    else:
        elected, level = _elected(counts, form.most, needed)
    if not elected and not level and one_each:
        level = _foremost(counts)
    all_level = len(set(counts.values())) == 1 and max(counts.values()) > 0
    if level and not in_runoff and not all_level:
        outcome = "runoff"
    elif elected:
        outcome, level = "carried", set()
    else:
        outcome, level = ("tied" if all_level else "lost"), set()
    return Verdict(outcome, must_be_there, needed, base, _in_order(form, elected), _in_order(form, level))


def _in_order(form: Form, keys: set[str]) -> str:
    return "".join(key for key in form.keys if key in keys)


def _elected(counts: Mapping[str, int], most: int, needed: int) -> tuple[set[str], set[str]]:
    """Those elected, and those level at the last place that do not all fit in."""
    reached = sorted((key for key in counts if counts[key] >= needed), key=lambda key: -counts[key])
    if len(reached) <= most:
        return set(reached), set()
    last = counts[reached[most - 1]]
    above, level = ({key for key in reached if counts[key] > last}, {key for key in reached if counts[key] == last})
    return (above | level, set()) if len(above | level) <= most else (above, level)


def _foremost(counts: Mapping[str, int]) -> set[str]:
    """The two with most votes and whoever is level with the second; fewer than two that anybody chose: nobody."""
    second = sorted(counts.values())[-2]
    found = {key for key, number in counts.items() if number >= max(second, 1)}
    return found if len(found) > 1 else set()
