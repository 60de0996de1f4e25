"""`python -m tests.mutation.run [module …]`: how many small wrongs in the ballots' modules the tests notice.

Each mutant is met by the module's own test files, which stop at the first failure, in a forked process that finds it
in place of the file; two run at a time. Less than 90 in 100 noticed is a failure; who survives is printed, and
explained in docs/mutation.md.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Taken in once, before the forks; nothing of the portal, whose modules each fork imports for itself.
import pytest

from .mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
DUE, AT_ONCE, PATIENCE = 90, 2, 300  # percent, processes, seconds
_BALLOTS = ["secret_ballots", "voting", "two_hands", "all_channels"]
# The quickest first: they notice most.
PURE = ("quorum", "tally", "balance")
TESTS: dict[str, list[str]] = {
    "quorum": ["quorum", "tally"],
    "tally": ["tally"],
    "balance": ["balance"],
    "slips": ["secret_ballots"],
    "bulletin_text": ["check_bulletin", "secret_ballots"],
    "moves": ["moves"],
    "secret_ballots": ["secret_ballots", "all_channels", "kiosk"],
    "voting": [*_BALLOTS, "kiosk"],
    "sealing": [*_BALLOTS, "paper_sheets", "belenios"],
    "bulletins": [*_BALLOTS, "bulletin_pages"],
    "ballot_box": [*_BALLOTS, "proxies", "doors"],
    "sheets": ["paper_sheets", "hands", "belenios", "all_channels"],
    "paper": ["paper", "paper_sheets", "all_channels"],
    "settling": [*_BALLOTS, "paper_sheets"],
    "locks": ["voting", "papers_at_once"],
}


class _InPlace(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives out one source for one module."""

    def __init__(self, name: str, source: str) -> None:
        self.name, self.source = name, source

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> Any:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def exec_module(self, module: Any) -> None:
        exec(compile(self.source, f"mutant of {self.name}", "exec"), module.__dict__)  # noqa: S102  our own, made anew


def _fork(module: str, source: str) -> int:
    """The process that meets this mutant; it ends with pytest's code."""
    process = os.fork()
    if process:
        return process
    signal.alarm(PATIENCE)  # what hangs is noticed, too
    sys.meta_path.insert(0, _InPlace(f"consultation.{module}", source))
    os.environ["LOG_LEVEL"] = "CRITICAL"
    sys.dont_write_bytecode = True
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    code = 1
    try:
        tests = [f"tests/consultation/test_{name}.py" for name in TESTS[module]]
        # The pure ones need neither Django nor our fixtures, and start in a tenth of the time.
        bare = ["-c", os.devnull, "--rootdir", str(ROOT), "--noconftest", "-p", "no:django"] if module in PURE else []
        code = pytest.main(["-x", "-m", "not long", "-p", "no:cacheprovider", "-p", "no:xdist", *bare, *tests])
    finally:
        os._exit(code)


def judge(module: str) -> bool:
    """Whether enough of the module's mutants are noticed; prints those that are not."""
    source = (ROOT / "consultation" / f"{module}.py").read_text(encoding="utf-8")
    began = time.monotonic()
    running: dict[int, Mutant | None] = {_fork(module, source): None}  # first the module as it is: that must pass
    waiting = list(mutants(source))
    total, alive = len(waiting), []
    while running:
        process, status = os.wait()
        mutant = running.pop(process)
        if mutant is None and status != 0:
            raise SystemExit(f"{module}: its tests fail without any mutant")
        if mutant is not None and status == 0:
            alive.append(mutant)
        while waiting and len(running) < AT_ONCE:
            following = waiting.pop()
            running[_fork(module, following.source)] = following
    killed = total - len(alive)
    enough = 100 * killed >= DUE * total
    print(f"{module}: {killed} of {total}, {time.monotonic() - began:.0f} s{'' if enough else ', too few'}", flush=True)
    for mutant in sorted(alive):
        print(f"  {module}.py:{mutant.line}: {mutant.what}", flush=True)
    return enough


def main() -> int:
    os.chdir(ROOT)
    return 0 if all([judge(module) for module in sys.argv[1:] or TESTS]) else 1  # noqa: C419  each is judged


if __name__ == "__main__":
    sys.exit(main())
