"""`make test`: every part of the suite against the servers it needs, with one line for what could not run.

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
import time
from pathlib import Path

from tests.servers import PostgresServer, ServerUnavailable, ValkeyServer, find_browser

ROOT = Path(__file__).resolve().parents[1]
WORKERS = "4"  # for two cores: half of the time tests wait for a server or another process
ON_POSTGRES = [
    "tests/consultation", "tests/faults", "tests/secrecy", "tests/live", "tests/audit", "tests/residents",
    "tests/home/test_merging.py",
]  # fmt: skip
# Pure rules, pages and sheets: they ask nothing of a database that the rules do not. Again in the long suite.
ON_POSTGRES_LONG = [
    *(
        f"tests/consultation/test_{name}.py"
        for name in (
            "all_channels", "balance", "belenios", "bulletin_pages", "calendar_file", "check_bulletin", "documents",
            "doors", "follow_up_doors", "full_disk", "key_store", "ledger", "moves", "odd_bodies", "official_papers",
            "paper_doors", "photos", "quorum", "second_factor_doors", "secret_doors", "tally", "topic_doors",
            "topic_recordings",
        )
    ),
    *(
        f"tests/residents/test_{name}.py"
        for name in (
            "join", "names", "own_data", "phone_sign_in", "phones", "register", "rights", "roll_doors", "second_factor",
            "sms", "weixin",
        )
    ),
    "tests/secrecy/test_pages.py",
    "tests/audit/test_no_choice.py",
    "tests/residents/sheets/test_import_properties.py",
    "tests/residents/sheets/test_parsing.py",
    "tests/residents/sheets/test_reading.py",
]  # fmt: skip


# What asks the database by statements of its own.
BRANCHES_OF_POSTGRES = [f"tests/consultation/test_{name}.py" for name in ("voting", "secret_ballots", "two_hands")]


def _pytest(title: str, *arguments: str, measured: bool = False, **environment: str) -> int:
    print(f"\n== {title}", flush=True)
    began = time.monotonic()
    how = ["-m", "coverage", "run", "-m", "pytest"] if measured else ["-m", "pytest"]
    code = subprocess.call([sys.executable, *how, *arguments], cwd=ROOT, env=os.environ | environment)
    print(f"== {title}: {time.monotonic() - began:.0f} s", flush=True)
    return code


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
    failed = _pytest("SQLite", "tests/consultation", *parts, measured=True, LOG_LEVEL="ERROR")
    with PostgresServer() as postgres:
        failed |= _pytest(
            "PostgreSQL", *BRANCHES_OF_POSTGRES, *parts, measured=True, LOG_LEVEL="ERROR", DATABASE_URL=postgres.url
        )
    subprocess.check_call([*tool, "combine", "--quiet"], cwd=ROOT)
    return failed or subprocess.call([*tool, "report"], cwd=ROOT)


def main() -> int:
    if "--coverage" in sys.argv:
        return coverage()
    strict = os.environ.get("CI") == "true"
    long = "--long" in sys.argv
    which = "long" if long else "not long"
    failed = []
    missing = []
    environment = {"LOG_LEVEL": "ERROR"}
    if _pytest("SQLite", "tests", "-n", WORKERS, "-m", f"not browser and ({which})", **environment) not in (0, 5):
        failed.append("SQLite")
    with contextlib.ExitStack() as stack:
        try:
            postgres = stack.enter_context(PostgresServer())
            valkey = stack.enter_context(ValkeyServer())
        except ServerUnavailable as error:
            missing.append(f"PostgreSQL 和 Redis/Valkey 的测试没有运行：{error}")
        else:
            servers = {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url}
            arguments = [*ON_POSTGRES, *(f"--ignore={path}" for path in ON_POSTGRES_LONG if not long)]
            if _pytest(
                "PostgreSQL + Valkey",
                *arguments,
                "-n",
                WORKERS,
                "-m",
                f"not browser and ({which})",
                **environment,
                **servers,
            ) not in (0, 5):
                failed.append("PostgreSQL + Valkey")
    _install_browser()
    if find_browser() is None:
        missing.append("浏览器测试没有运行：请安装 chromium，或者用 BROWSER= 指明浏览器的路径。")
    elif _pytest("浏览器", "tests/journeys", "-n", "2", "-m", f"browser and ({which})", **environment) not in (0, 5):
        failed.append("浏览器")
    for line in missing:
        print(line)
    if failed:
        print("没有通过：" + "、".join(failed))
    return 1 if failed or (missing and strict) else 0


if __name__ == "__main__":
    sys.exit(main())
