"""Figures drawn as SVG attributes: styles in attributes are forbidden by our policy. Whole numbers, pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# How parts are told apart without colour; each is a <pattern> of templates/components/charts/patterns.html.
FILLS = ("full", "stripes", "dots", "cross", "bare")
MARKS = ("round", "square")  # the points of lines, whose strokes differ too

RING = 1000  # the way round a ring of radius 1000/2π, in its own units
WIDTH, HEIGHT = 320, 150  # of a graph, in its own units
LEFT, RIGHT, TOP, BOTTOM = 26, 8, 10, 22


@dataclass(frozen=True)
class Bar:
    key: str
    label: str
    count: int
    percent: int
    unit: str = ""  # what is counted, where it is not votes
    note: str = ""
    times: int = 1  # the whole is so many times those who count


def percent(part: int, whole: int) -> int:
    """How many hundredths of the whole, held between 0 and 100; anything above zero stays visible."""
    if part <= 0 or whole <= 0:
        return 0
    return max(1, min(100, part * 100 // whole))


def bars(counts: Mapping[str, int], labels: Mapping[str, str], *, base: int = 0) -> list[Bar]:
    """One bar per choice, as wide as its share of `base` (or of all votes)."""
    whole = base or sum(counts.values())
    return [Bar(key, str(labels[key]), counts[key], percent(counts[key], whole)) for key in counts]


@dataclass(frozen=True)
class Slice:
    """A part of a ring: it begins after `start` of RING and is `length` long."""

    label: str
    count: int
    fill: str
    start: int
    length: int


def slices(counts: Sequence[tuple[str, int]]) -> list[Slice]:
    """The parts of a ring one after the other, without a gap; at most as many as there are fills."""
    whole = sum(count for _label, count in counts)
    made, before = [], 0
    for (label, count), fill in zip(counts, FILLS, strict=False):
        start, end = (before * RING // whole, (before + count) * RING // whole) if whole else (0, 0)
        made.append(Slice(label, count, fill, start, end - start))
        before += count
    return made


@dataclass(frozen=True)
class Point:
    x: int
    y: int
    count: int


@dataclass(frozen=True)
class Line:
    label: str
    mark: str
    points: Sequence[Point]

    @property
    def path(self) -> str:
        return " ".join(f"{point.x},{point.y}" for point in self.points)


@dataclass(frozen=True)
class Graph:
    """Lines over steps of one width; `levels` are (height, number) of the rules across it."""

    lines: Sequence[Line]
    levels: Sequence[tuple[int, int]]
    steps: Sequence[tuple[int, str]]


def graph(series: Sequence[tuple[str, Sequence[int]]], steps: Sequence[str]) -> Graph:
    """Up to two lines over the same steps, as high as the highest number needs."""
    highest = max((number for _label, numbers in series for number in numbers), default=0)
    top = _round_number(highest)
    last = max(len(steps) - 1, 1)

    def x(place: int) -> int:
        return LEFT + (WIDTH - LEFT - RIGHT) * place // last

    def y(number: int) -> int:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * number // top

    return Graph(
        lines=[
            Line(label, mark, [Point(x(place), y(number), number) for place, number in enumerate(numbers)])
            for (label, numbers), mark in zip(series, MARKS, strict=False)
        ],
        levels=[(y(level), level) for level in (0, top // 2, top)],
        steps=[(x(place), step) for place, step in enumerate(steps)],
    )


def _round_number(highest: int) -> int:
    """An even number that is easily read and not below it."""
    unit = 1
    while True:
        for first in (2, 4, 6, 10):
            if first * unit >= highest:
                return first * unit
        unit *= 10
