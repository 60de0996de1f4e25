"""`python -m tests.mutation.judging LEARNT FOUND MODULE…`: every mutant meets the tests that run its line.

Where EARLIER holds what was found before, only those that were not noticed then.

The process that pytest has collected in, with Django and all of the portal in memory, forks for each mutant. The fork
puts the mutant's code into the functions that are there, takes a fresh copy of the database and runs the tests, those
that noticed most and take least first, up to the first failure.
"""

from __future__ import annotations

import gc
import inspect
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import pytest
from _pytest.runner import runtestprotocol

from .mutants import Mutant, mutants
from .session import ROOT, run

AT_ONCE = int(os.environ.get("AT_ONCE", "2"))
PATIENCE = 180  # seconds; what hangs is noticed, too
ENOUGH = 25  # seconds of tests: a mutant that the quickest of these do not notice is given up
WARMING = "tests/consultation/test_doors.py"
ALIVE, KILLED = 0, 1


def inner_codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from inner_codes(constant)


def functions_by_file() -> dict[str, list[FunctionType]]:
    found: dict[str, list[FunctionType]] = defaultdict(list)
    for thing in gc.get_objects():
        if type(thing) is FunctionType and thing.__code__.co_filename.startswith(str(ROOT / "consultation")):
            found[thing.__code__.co_filename].append(thing)
    return found


class Known:
    """What was learnt: which tests run a line, and how long each takes."""

    def __init__(self, path: Path) -> None:
        learnt = json.loads(path.read_text(encoding="utf-8"))
        self.seconds: dict[str, float] = learnt["seconds"]
        self._of_file: dict[str, list[str]] = defaultdict(list)
        for test in self.seconds:
            self._of_file[test.partition("::")[0]].append(test)
        self._met: dict[tuple[str, int], set[str]] = defaultdict(set)
        for context, modules in learnt["lines"].items():
            tests = [context] if "::" in context else self._of_file[context]
            for module, lines in modules.items():
                for line in lines:
                    self._met[module, line].update(tests)

    def tests_for(self, module: str, mutant: Mutant) -> set[str]:
        """Those that run the statement; for what is run while the module is taken in, those that run any function."""
        if mutant.code is not None:
            return set().union(*(self._met[module, line] for line in mutant.statement))
        own = set(self._of_file[f"tests/consultation/test_{module}.py"])
        return own.union(*(tests for (name, _line), tests in self._met.items() if name == module))


class Judge:
    """In place of pytest's loop over the tests."""

    def __init__(self, learnt: Path, found: Path, wanted: list[str]) -> None:
        self.known, self.found, self.wanted = Known(learnt), found, wanted
        self.earlier = json.loads(os.environ.get("EARLIER", "{}"))
        self.noticed: Counter[str] = Counter()
        self.folder = Path(tempfile.mkdtemp(prefix="mutants-"))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        from django.db import connections

        self.items = {item.nodeid: item for item in session.items}
        warming = [item for item in session.items if item.nodeid.startswith(WARMING)][:3] or session.items[:1]
        elsewhere = next(item for item in session.items if item.path != warming[0].path)
        for item, following in zip(warming, [*warming[1:], elsewhere], strict=True):
            if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
                raise SystemExit(f"{item.nodeid} fails without any mutant")
        connections.close_all()
        gc.unfreeze()  # conftest.py hid everything from the search
        self.functions = functions_by_file()
        gc.freeze()
        try:
            found = {module: self.judge(module) for module in self.wanted}
        finally:
            shutil.rmtree(self.folder)
        self.found.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
        return True

    def judge(self, name: str) -> dict[str, object]:
        """Every mutant of `module`, or of one line of it where `name` is `module:line`."""
        module, _colon, only = name.partition(":")
        path = ROOT / "consultation" / f"{module}.py"
        began = time.monotonic()
        functions = self.functions[str(path)]
        own = self.own_tests(f"consultation.{module}")
        waiting = [mutant for mutant in mutants(path) if not only or mutant.line == int(only)]
        if name in self.earlier:
            unnoticed = {(line, what) for line, what, _why in self.earlier[name]["alive"]}
            waiting = [mutant for mutant in waiting if (mutant.line, mutant.what) in unnoticed]
        self.control(module, path, functions, own)
        total, late = len(waiting), 0
        alive: list[tuple[int, str, str]] = []
        running: dict[int, tuple[Mutant, int]] = {}
        slots = list(range(AT_ONCE))
        waiting.reverse()
        while waiting or running:
            while waiting and slots:
                mutant = waiting.pop()
                tests = self.in_order(self.known.tests_for(module, mutant), own)
                if not tests:
                    alive.append((mutant.line, mutant.what, "no test comes here"))
                    continue
                slot = slots.pop()
                running[self.fork(module, mutant, tests, functions, slot)] = mutant, slot
            if not running:
                break
            process, status = os.wait()
            mutant, slot = running.pop(process)
            slots.append(slot)
            told = self.folder / str(process)
            if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
                late += 1
            elif status == ALIVE:
                alive.append((mutant.line, mutant.what, ""))
            elif os.waitstatus_to_exitcode(status) != KILLED:
                why = told.read_text() if told.exists() else f"status {status}"
                raise SystemExit(f"{module}:{mutant.line} {mutant.what}: {why}")
            elif told.exists():
                self.noticed[told.read_text()] += 1
            throw_away(process)
        seconds = round(time.monotonic() - began)
        print(f"{name}: {total - len(alive)} of {total} ({late} by the clock), {seconds} s", flush=True)
        for line, what, why in sorted(alive):
            print(f"  {module}.py:{line}: {what} {why}", flush=True)
        return {"total": total, "late": late, "seconds": seconds, "alive": sorted(alive)}

    def control(self, module: str, path: Path, functions: list[FunctionType], own: set[str]) -> None:
        """The module as it is passes its likeliest tests, as many times at once as mutants are judged; or what they
        notice is not the mutants."""
        nothing = Mutant(0, "as it is", range(0), "", None, None)
        tests = self.in_order(self.known.tests_for(module, nothing), own)[:10]
        if not tests:
            return
        nothing = nothing._replace(code=compile(path.read_text(encoding="utf-8"), str(path), "exec"))
        for process in [self.fork(module, nothing, tests, functions, slot) for slot in range(AT_ONCE)]:
            _process, status = os.waitpid(process, 0)
            throw_away(process)
            if status != ALIVE:
                told = self.folder / str(process)
                raise SystemExit(f"{module} as it is: {told.read_text() if told.exists() else 'no answer'} fails")

    def own_tests(self, module: str) -> set[str]:
        """Those whose file takes something of the module in by name: they are about it."""
        own = set()
        for item in self.items.values():
            taken = vars(item.getparent(pytest.Module).obj).values()
            if any(getattr(thing, "__module__", "") == module or thing is sys.modules[module] for thing in taken):
                own.add(item.nodeid)
        return own

    def in_order(self, tests: Iterable[str], own: set[str]) -> list[str]:
        """The likeliest ten first, the others file by file: its own before others', quick ones, and those that noticed
        mutants before."""
        seconds = self.known.seconds

        def rank(test: str) -> float:
            return (seconds[test] + 0.05) / (1 + self.noticed[test]) / (5 if test in own else 1)

        chosen: list[str] = []
        left = float(ENOUGH)
        for test in sorted(tests, key=rank):
            left -= seconds[test]
            if chosen and left < 0:
                break
            chosen.append(test)
        files = {test.partition("::")[0]: at for at, test in reversed(list(enumerate(chosen)))}
        return chosen[:10] + sorted(chosen[10:], key=lambda test: files[test.partition("::")[0]])

    def fork(self, module: str, mutant: Mutant, tests: list[str], functions: list[FunctionType], slot: int) -> int:
        """The process that meets this mutant."""
        process = os.fork()
        if process:
            return process
        code = 3
        told = self.folder / str(os.getpid())
        try:
            signal.alarm(PATIENCE)
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            if mutant.code is not None:
                put_in(functions, mutant.code)
            elif mutant.names is not None:
                put_names(sys.modules[f"consultation.{module}"], mutant.names)
            else:
                source = self.folder / f"{os.getpid()}.py"
                source.write_text(mutant.source, encoding="utf-8")
                whole = [sys.executable, "-m", "tests.mutation.in_place", f"consultation.{module}", str(source), *tests]
                os.execv(sys.executable, whole)  # noqa: S606  our own, made anew
            code = self.meet(tests, told, slot)
        except BaseException as error:  # noqa: BLE001  told to the parent
            told.write_text(repr(error), encoding="utf-8")
        finally:
            os._exit(code)

    def meet(self, tests: list[str], told: Path, slot: int) -> int:
        from tests import conftest

        # For tests that throw their database away, too: two mutants must not throw away each other's.
        restore, own = conftest._restore, f"mutant{slot}"
        conftest._restore = lambda _worker: restore(own)
        restore(own)
        items = [self.items[test] for test in tests]
        for item, following in zip(items, [*items[1:], None], strict=True):
            if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
                told.write_text(item.nodeid, encoding="utf-8")
                return KILLED
        return ALIVE


def throw_away(process: int) -> None:
    """The databases that this fork left behind."""
    for left in Path(tempfile.gettempdir()).glob(f"village-portal-test-{process}-*"):
        left.unlink(missing_ok=True)


def put_in(functions: Iterable[FunctionType], code: CodeType) -> None:
    """The code of each function that is there, whatever decorators hold it or modules took it in."""
    codes = {(inner.co_qualname, inner.co_firstlineno): inner for inner in inner_codes(code)}
    for function in functions:
        mutated = codes[function.__code__.co_qualname, function.__code__.co_firstlineno]
        if mutated != function.__code__:
            function.__code__ = mutated


def put_names(module: ModuleType, code: CodeType) -> None:
    """The constants and defaults, here and wherever a module took a constant in under its own name."""
    before, after = dict(vars(module)), dict(vars(module))
    exec(code, after)  # noqa: S102  our own, made anew
    for name, value in after.items():
        if name not in before or name.startswith("__") or value is before[name]:
            continue
        if isinstance(value, FunctionType):
            function = inspect.unwrap(before[name])
            function.__defaults__, function.__kwdefaults__ = value.__defaults__, value.__kwdefaults__
            continue
        for other in [other for at, other in sys.modules.items() if at.startswith(("consultation", "home", "tests"))]:
            if vars(other).get(name) is before[name]:
                setattr(other, name, value)


if __name__ == "__main__":
    learnt, found, *wanted = sys.argv[1:]
    judge = Judge(Path(learnt), Path(found), wanted)
    sys.exit(run(judge, *sorted({test.partition("::")[0] for test in judge.known.seconds})))
