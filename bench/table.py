"""The figures as one plain table: a row for each measure and size, a column for each candidate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .plan import Plan

COLUMNS = {
    "portal_sqlite": "portal SQLite",
    "portal_postgres": "portal PG+Valkey",
    "textbook": "textbook",
    "floor": "bare floor",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: where it lies in a run's figures, and how it is written."""

    title: str
    path: tuple[str, ...]
    write: Callable[[float], str]
    grows: bool = True
    # The floor keeps ballots in memory; this one is taken from the run that keeps them on disk.
    durable: bool = False


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _fine(value: float) -> str:
    return f"{value:,.2f}" if value < 10 else f"{value:,.0f}"


def _kilobytes(value: float) -> str:
    return f"{value / 1000:,.1f}"


MEASURES = (
    Measure("durable ballots/s, 32 at once", ("crowd", "per_second"), _whole, durable=True),
    Measure("vote → answer, p50 ms", ("paced", "answer_ms", "p50"), _fine),
    Measure("vote → answer, p99 ms", ("paced", "answer_ms", "p99"), _fine),
    Measure("vote → every screen, p50 ms", ("paced", "screens_ms", "p50"), _whole),
    Measure("vote → every screen, p99 ms", ("paced", "screens_ms", "p99"), _whole),
    Measure("lone ballot → last screen, p50 ms", ("lone", "last_screen_ms", "p50"), _fine),
    Measure("frames/s received", ("paced", "frames_per_second"), _whole),
    Measure("server CPU s per 1,000 ballots", ("paced", "cpu_per_1000"), _fine),
    Measure("database and Valkey CPU s, same", ("paced", "store_cpu_per_1000"), _fine),
    Measure("memory per connection, kB", ("memory_per_socket",), _kilobytes),
    Measure("server CPU s per 1,000 connections", ("connect_cpu_per_1000",), _fine),
    Measure("ballots acknowledged", ("paced", "acknowledged"), _whole, grows=False),
    Measure("counted minus acknowledged", ("paced", "counted_minus_acknowledged"), _whole, grows=False),
    Measure("screens without the final state", ("paced", "without_final"), _whole, grows=False),
)


def look(figures: Any, *path: str) -> float | None:
    """The number at this path of nested dictionaries; None where it was not measured."""
    for name in path:
        figures = figures.get(name) if isinstance(figures, dict) else None
    return figures if isinstance(figures, int | float) else None


def figures_table(figures: dict[str, Any], plan: Plan) -> str:
    """Heading, table and what its marks mean."""
    machine = figures["machine"]
    lines = [
        "",
        f"{machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}, Python {machine['python']}; "
        f"one write through to disk {machine['sync_ms']} ms; {figures.get('seconds', 0)} s in all",
        "",
    ]
    columns = {key: title for key, title in COLUMNS.items() if key in figures["runs"]}
    rows: list[Sequence[str]] = [["measure", "screens", *columns.values()]]
    for measure in MEASURES:
        rows += _rows(figures, plan, measure, list(columns))
    lines += aligned(rows)
    lines += [
        "",
        "* fewer ballots than screens, so that it ends; counts per 1,000 are scaled up.",
        "~ not all frames had arrived when time was up: the true figure is higher.",
        "growth: the largest size against the smallest. Ballots are sent evenly over "
        f"{next(iter(plan.stages.values())).seconds:g} s.",
        "The floor holds its ballots in memory, but on disk for durable ballots/s.",
    ]
    return "\n".join(lines)


def _rows(figures: dict[str, Any], plan: Plan, measure: Measure, columns: list[str]) -> list[list[str]]:
    """One row for each size at which somebody was measured, then how it grows."""
    rows: list[list[str]] = []
    found: dict[str, list[float]] = {key: [] for key in columns}
    for size in plan.sizes:
        row = ["" if rows else measure.title, f"{size:,}"]
        for key in columns:
            source = "floor_durable" if measure.durable and key == "floor" else key
            run = figures["runs"].get(source, {}).get(str(size), {})
            value = look(run, *measure.path)
            if value is None:
                row.append("–")
                continue
            found[key].append(value)
            row.append(measure.write(value) + _mark(run, measure))
        if row[2:] != ["–"] * len(columns):
            rows.append(row)
    growth = [_growth(found[key], len(plan.sizes)) for key in columns]
    if measure.grows and any(growth):
        rows.append(["", "growth", *growth])
    return rows


def _mark(run: dict[str, Any], measure: Measure) -> str:
    if measure.path[0] != "paced":
        return ""
    if run["paced"]["without_final_after_drain"] and measure.path[-1] in ("cpu_per_1000", "p50", "p99"):
        return " ~"
    return " *" if run.get("scaled") else ""


def _growth(values: list[float], sizes: int) -> str:
    if len(values) < sizes or not values[0] or not values[-1]:
        return ""
    return f"× {values[-1] / values[0]:.2g}" if values[-1] / values[0] < 100 else f"× {values[-1] / values[0]:,.0f}"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines: the first column to the left, the others to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        "  ".join(
            word.ljust(width) if place == 0 else word.rjust(width)
            for place, (word, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
