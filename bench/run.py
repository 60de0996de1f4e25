"""`python -m bench.run` (`make bench`): everything in one run on one machine, and a plain table.

Environment: QUICK=1 for the two smaller sizes in two minutes, without PostgreSQL, whose migrations alone
would take a third of them; BENCH_JSON=file keeps all figures.
"""

import contextlib
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import psutil

from tests.servers import PostgresServer, ServerFailed, ServerUnavailable, ValkeyServer

from .bulletins import measure as check_bulletin
from .candidates import Candidate, DurableFloor, Floor, Portal, ProductionPortal, Textbook
from .contest_votes import votes
from .goals import goals_table
from .limits import raise_open_files
from .plan import FULL, QUICK, Plan, Stage
from .processes import Failed, end_children, end_children_on_exit
from .rules_seed import kept_database
from .secret import casts, rehearse_casts, sealing
from .stages import FLOOD_APP, Figures, attempt, flood, pages, rolls, rules
from .table import figures_table, look

Server = TypeVar("Server", PostgresServer, ValkeyServer)
FLOODED_SOCKETS = 1000
# At this size the goals are judged with a ballot from every screen; above it, ballots may be fewer.
JUDGED_SIZE = 1000
LONGEST_SECONDS = 15
SPARE_FILES = 500
PAIR = (1, 2)
PAIR_STAGE = Stage(200, 0, 0, crowd=400)


class Bench:
    """One run: the candidates, the plan, and all figures as they come."""

    def __init__(self, plan: Plan, folder: Path, servers: contextlib.ExitStack) -> None:
        self.plan = plan
        self.began = time.monotonic()
        self.floor = Floor(folder)
        self.durable_floor = DurableFloor(folder)
        self.portal = Portal(folder)
        self.production: ProductionPortal | None = None
        self.figures: Figures = {"machine": machine(folder), "runs": {}, "errors": [], "notes": []}
        valkey = self._start(servers, ValkeyServer)
        redis_url, stores = (valkey.url, [valkey.pid]) if valkey else ("", [])
        self.textbook = Textbook(folder, redis_url, stores)
        wanted = plan.production and valkey
        postgres = self._start(servers, lambda: PostgresServer(durable=True)) if wanted else None
        if valkey and postgres:
            stores = [postgres.pid, valkey.pid]
            self.production = ProductionPortal(folder, postgres.url, redis_url, stores)

    def _start(self, servers: contextlib.ExitStack, make: Callable[[], Server]) -> Server | None:
        try:
            return servers.enter_context(make())
        except (ServerUnavailable, ServerFailed) as error:
            self.figures["errors"].append(str(error))
            return None

    def seed(self) -> None:
        """The kept database of rules; the clock begins anew behind it, as the next run finds it there."""
        try:
            kept_database(self.plan.rules, self.portal.env)
        except Failed as error:
            self.figures["errors"].append(str(error))
        self.began = time.monotonic()

    def prepare(self) -> None:
        """Databases, static files and rehearsals, side by side: nothing is measured yet."""
        portals = [portal for portal in (self.portal, self.production) if portal]
        tasks = [partial(self._prepare_portal, portal) for portal in portals]
        static = partial(self.portal.manage, "collectstatic", "--no-input", "--verbosity", 0)
        tasks += [partial(self._prepare_others), static]
        with ThreadPoolExecutor(len(tasks)) as pool:
            for future in [pool.submit(task) for task in tasks]:
                try:
                    future.result()
                except Failed as error:
                    # What it was for fails in its turn, and the rest is measured.
                    self.figures["errors"].append(str(error))
                except BaseException:
                    # Ctrl-C: the pool waits for its threads, and these for their children.
                    end_children()
                    raise

    def _prepare_portal(self, portal: Portal) -> None:
        portal.prepare()
        for size, stage in self.plan.stages.items():
            portal.rehearse(str(size), stage.voters)
        rehearse_casts(portal, self.plan.cast_voters)
        if self.plan.pair and portal is self.production:
            for workers in PAIR:
                portal.rehearse(f"pair-{workers}", PAIR_STAGE.voters)

    def _prepare_others(self) -> None:
        for size, stage in self.plan.stages.items():
            self.floor.rehearse(str(size), stage.voters)
            self.durable_floor.rehearse(str(size), stage.voters)
        for size, stage in self.plan.textbook.items():
            self.textbook.rehearse(str(size), stage.voters)

    def measure(self) -> None:
        """The stages, the largest of the textbook last: it alone can run out of time."""
        for size, stage in self.plan.stages.items():
            self._take(self.floor, stage)
            self._take(self.durable_floor, replace(stage, ballots=0, lone=0))
            for portal in (self.portal, self.production):
                if portal:
                    self._take(portal, self._bearable(portal, stage))
            if size != self.plan.sizes[-1]:
                self._take(self.textbook, self.plan.textbook[size])
        self._extras()
        self._take(self.textbook, self._in_time(self.plan.textbook[self.plan.sizes[-1]]))

    def _bearable(self, portal: Portal, stage: Stage) -> Stage:
        """The stage, above 1,000 screens with no more ballots than the size before could take in a while."""
        before = self.figures["runs"].get(portal.key, {}).get(str(JUDGED_SIZE))
        rate = look(before, "crowd", "per_second")
        if stage.watchers <= JUDGED_SIZE or not rate or stage.ballots / rate <= LONGEST_SECONDS:
            return stage
        return replace(stage, ballots=int(rate * LONGEST_SECONDS), scaled=True)

    def _in_time(self, stage: Stage) -> Stage:
        """The stage with as many ballots as the time left allows: at least ten, to tell something."""
        if self._left >= stage.expected:
            return stage
        ballots = max(10, int(stage.ballots * self._left / stage.expected))
        return replace(stage, ballots=ballots, drain=max(10.0, self._left / 2), scaled=True)

    @property
    def _left(self) -> float:
        """Seconds until the plan's limit."""
        return self.plan.limit - (time.monotonic() - self.began)

    def _has_time(self, what: str) -> bool:
        """Whether an extra still fits before the textbook's largest size, which the goals need."""
        self._say(what)
        if fits := self._left >= self.plan.reserve:
            return fits
        self.figures["notes"].append(f"left out on this slow or busy machine: {what}")
        return False

    def _take(self, candidate: Candidate, stage: Stage) -> None:
        self._say(f"{candidate.title}: {stage.watchers:,} screens")
        taken = attempt(candidate, stage)
        self.figures["runs"].setdefault(candidate.key, {})[str(stage.watchers)] = taken
        if "error" in taken:
            self.figures["errors"].append(f"{candidate.title}, {stage.watchers:,}: {taken['error']}")

    def _extras(self) -> None:
        plan, name = self.plan, str(FLOODED_SOCKETS)
        if self._has_time("flooded sockets"):
            self.figures["flood"] = {
                "floor": flood(self.floor, name, FLOODED_SOCKETS, plan.flood_seconds),
                "portal": flood(self.portal.changed(asgi=FLOOD_APP), name, FLOODED_SOCKETS, plan.flood_seconds),
            }
        if self._has_time("front page, cached and uncached"):
            self.figures["pages"] = pages(self.production or self.portal, plan.page_seconds)
        if self._has_time("a sheet into the roll, the electorate of a large one"):
            portals = [portal for portal in (self.portal, self.production) if portal]
            self._keep("rolls", {one.key: rolls(one, plan.sheet_rows, plan.roll_people) for one in portals})
        if self._has_time("rules among those of other villages"):
            self._keep("rules", {self.portal.key: rules(self.portal, plan.rules)})
        self._ballots()
        if self._has_time("a contest's vote at 10,000 ballots in ten minutes"):
            self._keep("contest_votes", {portal.key: self._contest(portal) for portal in self._portals})
        if self.production and plan.pair and self._has_time("two server processes against one"):
            self.figures["pair"] = {
                str(workers): attempt(self.production.changed(workers=workers), PAIR_STAGE, f"pair-{workers}")
                for workers in PAIR
            }

    @property
    def _portals(self) -> list[Portal]:
        return [portal for portal in (self.portal, self.production) if portal]

    def _contest(self, portal: Portal) -> Figures:
        plan = self.plan
        return votes(portal, there=plan.contest_there, seconds=plan.contest_seconds, crowd=plan.contest_crowd)

    def _ballots(self) -> None:
        """Secret casts beside recorded ones, sealing a box, checking a bulletin."""
        portals = [portal for portal in (self.portal, self.production) if portal]
        if self._has_time("secret casts beside recorded ones"):
            self._keep("casts", {portal.key: casts(portal, self.plan.cast_voters) for portal in portals})
        if self._has_time("sealing of a full box"):
            self._keep("sealing", {portal.key: sealing(portal, self.plan.sealed) for portal in portals})
        if self._has_time("checking of a large bulletin"):
            self.figures["checking"] = check_bulletin(self.plan.checked, rounds=1)

    def _keep(self, name: str, taken: dict[str, Figures]) -> None:
        self.figures[name] = taken
        for key, figures in taken.items():
            if "error" in figures:
                self.figures["errors"].append(f"{name}, {key}: {figures['error']}")

    def _say(self, what: str) -> None:
        print(f"[{time.monotonic() - self.began:4.0f} s] {what}", file=sys.stderr, flush=True)


def machine(folder: Path) -> Figures:
    """Where the figures were taken; `sync_ms` is one small write carried through to the disk."""
    with (folder / "sync").open("wb") as file:
        began = time.perf_counter()
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "python": platform.python_version(),
        "system": platform.system(),
        "sync_ms": round((time.perf_counter() - began) / 50 * 1000, 2),
    }


@contextlib.contextmanager
def workshop() -> Iterator[tuple[Path, contextlib.ExitStack]]:
    """A folder and a stack for servers, both gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, contextlib.ExitStack() as servers:
        yield Path(folder), servers


def main() -> int:
    end_children_on_exit()
    files = raise_open_files()
    plan = QUICK if os.environ.get("QUICK", "") not in ("", "0") else FULL
    if files < max(plan.sizes) + SPARE_FILES:
        print(f"Only {files} open files are allowed here; the largest size needs more.", file=sys.stderr)
    with workshop() as (folder, servers):
        bench = Bench(plan, folder, servers)
        bench._say("rules of ten thousand villages, kept for the next time")
        bench.seed()
        bench._say("databases, static files, rehearsals")
        bench.prepare()
        bench.measure()
        figures = bench.figures
    figures["seconds"] = round(time.monotonic() - bench.began)
    print(figures_table(figures, plan))
    print(goals_table(figures, plan))
    for remark in figures["notes"] + figures["errors"]:
        print(f"! {remark}")
    if kept := os.environ.get("BENCH_JSON"):
        Path(kept).write_text(json.dumps(figures, ensure_ascii=False, indent=1))
    return 1 if figures["errors"] else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
