"""`make test`: every part of the suite against the servers it needs, with one line for what could not run.

The first two run side by side: neither keeps two cores busy. The browser has them for itself.

Parts: the whole suite but the browser on SQLite; the rules and sockets again on a real PostgreSQL and a real Redis or
Valkey (`--long`: whatever else asks a database, too); the journeys in a browser. `--coverage` instead measures which
branches of the ballots' modules the rules' own tests take: all of them, or it fails.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from tests.servers import PostgresServer, ServerUnavailable, ValkeyServer, find_browser

ROOT = Path(__file__).resolve().parents[1]
WORKERS, WORKERS_BESIDE = "4", "3"  # for two cores: much of the time tests wait for a server or another process
ON_POSTGRES = [
    "tests/consultation", "tests/faults", "tests/secrecy", "tests/live", "tests/audit", "tests/residents",
    "tests/home/test_merging.py", "tests/home/test_searching.py",
    "tests/contest/test_votes_at_once.py", "tests/contest/test_voting.py", "tests/contest/test_quarantine.py",
]  # fmt: skip
# Pure rules, pages and sheets: they ask nothing of a database that the rules do not. Again in the long suite.
ON_POSTGRES_LONG = [
    *(
        f"tests/consultation/test_{name}.py"
        for name in (
            "addenda", "agenda_times", "all_channels", "balance", "belenios", "bulletin_pages", "calendar_file",
            "check_bulletin", "continuing", "dashboard", "documents", "doors", "follow_up_doors", "follow_ups",
            "full_disk", "heard", "key_store", "ledger", "minutes", "moves", "odd_bodies", "official_papers",
            "options", "paper_doors", "participants", "petition_doors", "petition_notices", "petitions",
            "photos", "places", "printed", "proxies",
            "questions", "quorum", "ranked", "reminders", "replies", "reserved", "results_sheet", "second_factor_doors",
            "secret_doors", "signing", "slips", "speaking", "tally", "told", "topic_doors", "topic_meetings",
            "topic_recordings", "topics",
        )
    ),
    *(
        f"tests/residents/test_{name}.py"
        for name in (
            "join", "names", "own_data", "phone_sign_in", "phones", "register", "rights", "roll_doors",
            "second_factor", "seeding", "sms", "weixin",
        )
    ),
    "tests/secrecy/test_pages.py",
    "tests/audit/test_no_choice.py",
    "tests/residents/sheets/test_import_properties.py",
    "tests/residents/sheets/test_parsing.py",
    "tests/residents/sheets/test_reading.py",
    "tests/villagerules/test_life_cycle.py",
    "tests/villagerules/test_making.py",
]  # fmt: skip


# What asks the database by statements of its own.
BRANCHES_OF_POSTGRES = [f"tests/consultation/test_{name}.py" for name in ("voting", "secret_ballots", "two_hands")]


class _Part:
    """One run of pytest that has begun; `aside` keeps what it says until the end, so that two do not talk at once."""

    def __init__(
        self,
        title: str,
        *arguments: str,
        place: Mapping[str, str] = MappingProxyType({}),
        measured: bool = False,
        aside: bool = False,
    ) -> None:
        self.title, self.began = title, time.monotonic()
        self.told = tempfile.TemporaryFile() if aside else None  # noqa: SIM115  closed with the part
        how = ["-m", "coverage", "run", "-m", "pytest"] if measured else ["-m", "pytest"]
        if not aside:
            print(f"\n== {title}", flush=True)
        self.process = subprocess.Popen(
            [sys.executable, *how, *arguments],
            cwd=ROOT,
            env=os.environ | {"LOG_LEVEL": "ERROR"} | dict(place),
            stdout=self.told,
            stderr=subprocess.STDOUT if aside else None,
        )

    def passed(self) -> bool:
        """Once it has ended; a part in which nothing was to be run passes, too."""
        code = self.process.wait()
        seconds = time.monotonic() - self.began
        if self.told is not None:
            self.told.seek(0)
            print(f"\n== {self.title}\n{self.told.read().decode(errors='replace')}", flush=True)
        print(f"== {self.title}: {seconds:.0f} s", flush=True)
        return code in (0, 5)


def _install_browser() -> None:
    """By apt where this machine allows it."""
    if find_browser() is None and shutil.which("apt-get") and os.geteuid() == 0:
        print("正在安装浏览器（chromium）……", flush=True)
        subprocess.call(["apt-get", "update", "-qq"])
        subprocess.call(
            ["apt-get", "install", "-y", "-qq", "chromium", "fonts-noto-cjk"],
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            stdout=subprocess.DEVNULL,
        )


def coverage() -> int:
    """The branches that the tests take in the modules that pyproject.toml names: 0 where they are all."""
    tool = [sys.executable, "-m", "coverage"]
    subprocess.check_call([*tool, "erase"], cwd=ROOT)
    parts = ["-n", "2", "-m", "not browser and not long"]
    passed = _Part("SQLite", "tests/consultation", *parts, measured=True).passed()
    with PostgresServer() as postgres:
        place = {"DATABASE_URL": postgres.url}
        passed &= _Part("PostgreSQL", *BRANCHES_OF_POSTGRES, *parts, place=place, measured=True).passed()
    subprocess.check_call([*tool, "combine", "--quiet"], cwd=ROOT)
    return subprocess.call([*tool, "report"], cwd=ROOT) if passed else 1


def main() -> int:
    if "--coverage" in sys.argv:
        return coverage()
    strict = os.environ.get("CI") == "true"
    long = "--long" in sys.argv
    which = "long" if long else "not long"
    missing = []
    parts = []
    chosen = ["-m", f"not browser and ({which})"]
    with contextlib.ExitStack() as stack:
        try:
            postgres = stack.enter_context(PostgresServer())
            valkey = stack.enter_context(ValkeyServer())
        except ServerUnavailable as error:
            missing.append(f"PostgreSQL 和 Redis/Valkey 的测试没有运行：{error}")
        else:
            servers = {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url}
            without = [f"--ignore={path}" for path in ON_POSTGRES_LONG if not long]
            beside = _Part(
                "PostgreSQL + Valkey", *ON_POSTGRES, *without, *chosen, "-n", WORKERS_BESIDE, place=servers, aside=True
            )
            stack.callback(beside.process.kill)
            if long:  # what measures and kills wants the machine for itself
                parts.append((beside, beside.passed()))
        sqlite = _Part("SQLite", "tests", *chosen, "-n", WORKERS)
        parts.append((sqlite, sqlite.passed()))
        if not missing and not long:
            parts.append((beside, beside.passed()))
    _install_browser()
    if find_browser() is None:
        missing.append("浏览器测试没有运行：请安装 chromium，或者用 BROWSER= 指明浏览器的路径。")
    else:
        browser = _Part("浏览器", "tests/journeys", "-n", "2", "-m", f"browser and ({which})")
        parts.append((browser, browser.passed()))
    failed = [part.title for part, passed in parts if not passed]
    for line in missing:
        print(line)
    if failed:
        print("没有通过：" + "、".join(failed))
    return 1 if failed or (missing and strict) else 0


if __name__ == "__main__":
    sys.exit(main())
