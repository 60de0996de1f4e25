"""`python -m tests.mutation.run [module …]`: how many small wrongs in the ballots' modules the tests notice.

First the tests are run once to learn which of them run which line (learning.py), then every mutant meets those
(judging.py) on SQLite, and what nobody noticed there on a PostgreSQL. Less than 90 in 100 noticed is a failure; who
survives is printed, and explained in docs/mutation.md.
`module:line` stands for the mutants of one line.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.servers import PostgresServer

from .session import ROOT, TESTS

DUE = 90  # percent
MODULES = [
    "tally", "quorum", "balance", "slips", "bulletin_text", "moves", "locks", "secret_ballots", "voting", "ballot_box",
    "sealing", "bulletins", "sheets", "paper", "settling", "recovery", "key_store", "proxies", "substitutes", "kiosk",
    "belenios", "options", "ranking", "choosing", "tabling",
]  # fmt: skip
TESTS_WITH_POSTGRES = [
    f"tests/consultation/test_{name}.py"
    for name in (
        "ballot_box", "quick_ballots", "locks", "casting_lock", "voting", "secret_ballots", "two_hands", "kiosk",
        "papers_at_once", "settling",
    )
]  # fmt: skip
CACHE = ROOT / ".pytest_cache" / "mutation"


def _python(script: str, *arguments: str, **environment: str) -> None:
    whole = [sys.executable, "-m", f"tests.mutation.{script}", *arguments]
    subprocess.run(whole, cwd=ROOT, env=os.environ | environment, check=True)


def learn(*tests: str, **environment: str) -> str:
    """The file of what these tests run; kept until a rule or a test changes."""
    told = hashlib.sha256(repr((tests, sorted(environment))).encode())
    for folder in ("consultation", "residents", "audit", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            told.update(path.read_bytes())
    kept = CACHE / f"learnt-{told.hexdigest()[:16]}.json"
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        _python("learning", str(kept), *tests, **environment)
    return str(kept)


def judge(modules: list[str]) -> dict[str, dict]:
    """What became of the mutants, by module."""
    told = CACHE / "found.json"
    _python("judging", learn(*TESTS), str(told), *modules)
    found = json.loads(told.read_text(encoding="utf-8"))
    again = [module for module in modules if found[module]["alive"]]
    if again:
        with PostgresServer() as postgres:
            place = {"DATABASE_URL": postgres.url}
            there = Path(learn(*TESTS_WITH_POSTGRES, **place))
            _python("judging", str(there), str(told), *again, EARLIER=json.dumps(found), **place)
        for module, judged in json.loads(told.read_text(encoding="utf-8")).items():
            found[module]["alive"] = judged["alive"]
    return found


def main() -> int:
    found = judge(sys.argv[1:] or MODULES)
    enough = True
    print("\n| module | mutants | noticed | % |\n|---|---:|---:|---:|")
    for module, judged in found.items():
        total, noticed = judged["total"], judged["total"] - len(judged["alive"])
        print(f"| {module} | {total} | {noticed} | {100 * noticed // max(total, 1)} |")
        enough &= 100 * noticed >= DUE * total
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
