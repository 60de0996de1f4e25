"""Running one candidate through its stages; what fails becomes part of the figures."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .candidates import Candidate, Portal, Served
from .plan import Stage
from .processes import Failed, module, run
from .rules_seed import kept_database

Figures = dict[str, Any]
FLOOD_APP = "bench.flood_app:application"
# Beyond what a stage should take, for slow machines.
SPARE_SECONDS = 90
ROLL_SECONDS = 240
RULES_SECONDS = 120


def attempt(candidate: Candidate, stage: Stage, name: str = "") -> Figures:
    """Serve a rehearsal (its name: the number of watchers) and drive it; `{"error": str}` when that fails."""
    name = name or str(stage.watchers)
    try:
        with candidate.serving(name) as served:
            return drive(candidate.file(name), stage, served)
    except Failed as error:
        return {"error": str(error)}


def drive(rehearsal: Path, stage: Stage, served: Served) -> Figures:
    """Run the load driver once, in its own process."""
    options: dict[str, object] = {
        "watchers": stage.watchers,
        "ballots": stage.ballots,
        "seconds": stage.seconds,
        "lone": stage.lone,
        "crowd": stage.crowd,
        "drain": stage.drain,
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    command = module("bench.load", rehearsal, *words, "--pids", *served.pids)
    if served.stores:
        command += ["--stores", *map(str, served.stores)]
    figures: Figures = json.loads(run(command, {}, stage.seconds + 2 * stage.drain + SPARE_SECONDS))
    return figures | {"scaled": stage.scaled}


def flood(candidate: Candidate, name: str, watchers: int, seconds: float) -> Figures:
    """Frames per second of a server that knows GET /flood."""
    try:
        with candidate.serving(name):
            command = module("bench.flood", candidate.file(name), "--watchers", watchers, "--seconds", seconds)
            figures: Figures = json.loads(run(command, {}, seconds + SPARE_SECONDS))
            return figures
    except Failed as error:
        return {"error": str(error)}


def pages(portal: Portal, seconds: float) -> Figures:
    """The front page for somebody not signed in, from the cache and without it."""
    ways: Mapping[str, dict[str, str]] = {"cached": {}, "uncached": {"ANONYMOUS_PAGE_SECONDS": "0"}}
    figures: Figures = {}
    for way, extra in ways.items():
        try:
            with portal.changed(extra=extra).serving("pages"):
                command = module("bench.pages", portal.base + "/", "--seconds", seconds)
                figures[way] = json.loads(run(command, {}, seconds + SPARE_SECONDS))
        except Failed as error:
            figures[way] = {"error": str(error)}
    return figures


def rolls(portal: Portal, rows: int, people: int) -> Figures:
    """A committee's sheet into the roll, and the electorate of a large roll, on the portal's own database."""
    command = module("bench.rolls", "--rows", rows, "--people", people)
    try:
        return json.loads(run(command, portal.env, ROLL_SECONDS).splitlines()[-1])
    except Failed as error:
        return {"error": str(error)}


def rules(portal: Portal, count: int) -> Figures:
    """Pages, comparisons and look-ups on the kept database of that many villages' rules."""
    there = {
        **portal.env,
        "DATABASE_URL": f"sqlite:///{kept_database(count, portal.env)}",
        "ANONYMOUS_PAGE_SECONDS": "0",
    }
    try:
        return json.loads(run(module("bench.rules"), there, RULES_SECONDS).splitlines()[-1])
    except Failed as error:
        return {"error": str(error)}
