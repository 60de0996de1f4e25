"""The goals and whether this run met them. Candidate, textbook and floor come from ONE run."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .plan import Plan
from .table import aligned, look

PORTALS = {"portal_sqlite": "SQLite", "portal_postgres": "PG+Valkey"}
# Server processes side by side show nothing where they share the cores with the rest.
CORES_FOR_PAIR = 4
# Times less CPU than the textbook: must and stretch, by number of screens.
AGAINST_TEXTBOOK = {200: (6, 9), 1000: (40, 60), 5000: (300, 700)}


@dataclass(frozen=True, slots=True)
class Goal:
    """One measured value against its bound; `at_least` tells in which direction."""

    title: str
    where: str
    value: float | None
    must: float
    stretch: float
    unit: str = ""
    at_least: bool = False
    judged: bool = True

    @property
    def verdict(self) -> str:
        if self.value is None:
            return "not measured"
        if not self.judged:
            return "printed only"
        if self._reaches(self.stretch):
            return "met, stretch too" if self.stretch != self.must else "met"
        return "met" if self._reaches(self.must) else "MISSED"

    def _reaches(self, bound: float) -> bool:
        value = self.value or 0
        return value >= bound if self.at_least else value <= bound

    def cells(self) -> list[str]:
        sign = "≥" if self.at_least else "≤"
        value = "–" if self.value is None else f"{_short(self.value)}{self.unit}"
        bounds = [f"{sign} {bound:g}{self.unit}" for bound in (self.must, self.stretch)]
        return [self.title, self.where, value, *bounds, self.verdict]


def goals_table(figures: dict[str, Any], plan: Plan) -> str:
    """Goals, measured values, verdicts."""
    rows = [["goal", "on", "measured", "must", "stretch", "verdict"]]
    rows += [goal.cells() for goal in goals(figures, plan)]
    return "\n".join(["", *aligned(rows), ""])


def goals(figures: dict[str, Any], plan: Plan) -> Iterator[Goal]:
    """Every goal, for both shapes of the portal where there are two."""
    runs = figures["runs"]
    for key, where in PORTALS.items():
        if key in runs:
            yield from _portal_goals(runs, key, where, plan)
    flooded = _ratio(
        look(figures, "flood", "portal", "frames_per_second"), look(figures, "flood", "floor", "frames_per_second")
    )
    share = None if flooded is None else 100 * flooded
    yield Goal("frames/s flooded against bare", "SQLite", share, 30, 60, " %", at_least=True)
    pages = _ratio(look(figures, "pages", "cached", "per_second"), look(figures, "pages", "uncached", "per_second"))
    where = PORTALS["portal_postgres" if "portal_postgres" in runs else "portal_sqlite"]
    yield Goal("anonymous page, cached against uncached", where, pages, 5, 20, " ×", at_least=True)
    yield from _roll_goals(figures, plan)
    yield from _rules_goals(figures, plan)
    yield from _ballot_goals(figures, plan)
    yield from _contest_goals(figures, plan)
    if "pair" in figures:
        pair = _ratio(*(look(figures, "pair", workers, "crowd", "per_second") for workers in ("2", "1")))
        judged = figures["machine"]["cores"] >= CORES_FOR_PAIR
        title = "2 server processes against 1, ballots/s"
        yield Goal(title, "PG+Valkey", pair, 1.6, 1.9, " ×", at_least=True, judged=judged)


def _roll_goals(figures: dict[str, Any], plan: Plan) -> Iterator[Goal]:
    """Times are promised for the full sizes; smaller ones are printed beside a plain read of the same sheet."""
    full = plan.sheet_rows >= 20_000
    for key, where in PORTALS.items():
        taken = figures.get("rolls", {}).get(key)
        if taken is None:
            continue
        title = f"import of {plan.sheet_rows:,} rows, open to written"
        yield Goal(title, where, look(taken, "import"), 20, 10, " s", judged=full)
        title = "the same against openpyxl's plain read"
        yield Goal(title, where, look(taken, "import_against_openpyxl"), 5, 3, " ×")
        for unit in ("persons", "households"):
            title = f"electorate of {plan.roll_people:,} people, {unit}"
            yield Goal(title, where, look(taken, "seconds", unit), 5, 2, " s", judged=full)
        yield Goal("memory of both", where, look(taken, "memory_mb"), 700, 400, " MB", judged=full)


def _rules_goals(figures: dict[str, Any], plan: Plan) -> Iterator[Goal]:
    """Reading and comparing, beside a plainer way in the same process."""
    taken = figures.get("rules", {}).get("portal_sqlite")
    if taken is None:
        return
    title = "page of 40 articles against one of 4"
    yield Goal(title, PORTALS["portal_sqlite"], look(taken, "page_against_short"), 4, 2, " ×")
    title = "comparison of 40 articles against difflib on the whole"
    yield Goal(title, PORTALS["portal_sqlite"], look(taken, "compare_against_difflib"), 1, 0.2, " ×")
    full = plan.rules >= 10_000
    articles = look(taken, "articles") or 0
    title = f"nearest of {articles:,.0f} articles, times as fast as difflib"
    value = look(taken, "difflib_against_similar")
    yield Goal(title, PORTALS["portal_sqlite"], value, 300, 1_000, " ×", at_least=True, judged=full)
    title = f"search among {articles:,.0f} articles, times as fast as LIKE"
    value = look(taken, "like_against_search")
    yield Goal(title, PORTALS["portal_sqlite"], value, 1, 3, " ×", at_least=True, judged=full)
    title = "of the nearest that reading all of them finds"
    yield Goal(title, PORTALS["portal_sqlite"], look(taken, "similar_found"), 90, 98, " %", at_least=True)


def _ballot_goals(figures: dict[str, Any], plan: Plan) -> Iterator[Goal]:
    """What secrecy costs, how long a hall waits for the seal and a villager for the check."""
    for key, where in PORTALS.items():
        taken = figures.get("casts", {}).get(key)
        if taken is not None:
            rates = (look(taken, kind, "per_second") for kind in ("secret", "recorded"))
            yield Goal("secret casts/s against recorded", where, _ratio(*rates), 0.7, 0.9, " ×", at_least=True)
            work = (look(taken, kind, "cpu_per_1000") for kind in ("secret", "recorded"))
            yield Goal("CPU of a secret cast against a recorded", where, _ratio(*work), 1.4, 1.1, " ×")
            lost = [look(taken, kind, "lost") for kind in ("secret", "recorded")]
            both = None if None in lost else sum(one or 0 for one in lost)
            yield Goal("ballots of these lost or doubled", where, both, 0, 0)
        sealed = figures.get("sealing", {}).get(key)
        if sealed is not None:
            full = plan.sealed >= 50_000
            title = f"sealing of {plan.sealed:,} ballots"
            yield Goal(title, where, look(sealed, "seconds"), 10, 5, " s", judged=full)
            yield Goal("the same against the bare work", where, look(sealed, "ratio"), 8, 4, " ×")
    checked = look(figures, "checking", "command_s")
    if checked is not None:
        full = plan.checked >= 100_000
        yield Goal(f"checking of {plan.checked:,} ballots", "one file", checked, 10, 5, " s", judged=full)


def _contest_goals(figures: dict[str, Any], plan: Plan) -> Iterator[Goal]:
    """10,000 ballots in ten minutes are 17 a second; each goes by several queries and, on the way out, one task."""
    for key, where in PORTALS.items():
        taken = figures.get("contest_votes", {}).get(key)
        if taken is None:
            continue
        full = plan.contest_there >= 10_000
        title = "contest's vote at 10,000 in 10 min, answer p99"
        yield Goal(title, where, look(taken, "paced", "answer_ms", "p99"), 1000, 200, " ms")
        yield Goal("the same as fast as it goes, ballots/s", where, look(taken, "crowd", "per_second"), 50, 100,
                   at_least=True)  # fmt: skip
        yield Goal("ballots of these lost or doubled", where, look(taken, "lost"), 0, 0)
        yield Goal(
            f"weighing of {plan.contest_there:,} ballots", where, look(taken, "weigh_s"), 10, 3, " s", judged=full
        )


def _portal_goals(runs: dict[str, Any], key: str, where: str, plan: Plan) -> Iterator[Goal]:
    def at(size: int, *path: str, of: str = key) -> float | None:
        return look(runs, of, str(size), *path)

    cpu = ("paced", "cpu_per_1000")
    for size in plan.sizes:
        less = _ratio(at(size, *cpu, of="textbook"), at(size, *cpu))
        must, stretch = AGAINST_TEXTBOOK[size]
        title = f"times less CPU than the textbook, {size:,} screens"
        yield Goal(title, where, less, must, stretch, " ×", at_least=True)
    yield Goal(
        "CPU against the bare floor, 1,000 screens",
        where,
        _ratio(at(1000, *cpu), at(1000, *cpu, of="floor")),
        6,
        3.5,
        " ×",
    )
    slowest = ("paced", "screens_ms", "p99")
    mine, bare = at(1000, *slowest), at(1000, *slowest, of="floor")
    later = None if mine is None or bare is None else mine - bare
    yield Goal("every screen p99 minus the floor's, 1,000", where, later, 100, 20, " ms")
    yield Goal("every screen p99, 1,000", where, mine, 1500, 1500, " ms")
    yield Goal("answer p99, 1,000", where, at(1000, "paced", "answer_ms", "p99"), 1000, 1000, " ms")
    yield Goal(
        "lone ballot to the last of 200 screens p50", where, at(200, "lone", "last_screen_ms", "p50"), 30, 10, " ms"
    )
    for title, path, wanted in (
        ("screens without the final state, all sizes", "without_final", 0),
        ("ballots lost or doubled, all sizes", "counted_minus_acknowledged", 0),
        ("ballots not acknowledged, all sizes", "refused", 0),
    ):
        yield Goal(title, where, _sum(runs[key], path), wanted, wanted)
    memory = _ratio(at(1000, "memory_per_socket"), at(1000, "memory_per_socket", of="textbook"))
    yield Goal("memory per socket against the textbook, 1,000", where, memory, 0.7, 0.5, " ×")


def _short(value: float) -> str:
    return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"


def _ratio(over: float | None, under: float | None) -> float | None:
    return over / under if over is not None and under else None


def _sum(sizes: dict[str, Any], name: str) -> float | None:
    """The sum over all sizes and series, signs left aside; None when a size is missing."""
    total = 0.0
    for taken in sizes.values():
        if "error" in taken:
            return None
        for series in ("lone", "paced", "crowd"):
            figures = taken.get(series, {})
            total += abs(look(figures, name) or 0)
            if name == "refused" and figures:
                total += figures["ballots"] - figures["acknowledged"]
    return total
