"""`python -m tests.mutation.learning FILE TEST…`: which test runs which lines of the rules, and what each costs."""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import coverage
import pytest

from .session import ROOT, run

RULES = ROOT / "consultation"


class Learning:
    """Keeps, for every test, its seconds and the lines by module."""

    def __init__(self) -> None:
        self.measure = coverage.Coverage(data_file=None, config_file=False, include=[f"{RULES}/*.py"])
        self.seconds: dict[str, float] = {}
        self.context = ""

    def _switch(self, context: str) -> str:
        before, self.context = self.context, context
        self.measure.switch_context(context)
        return before

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._switch(item.nodeid)
        began = time.process_time()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = round(time.process_time() - began, 3)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """What a module's tests all start from is run under the first of them, and belongs to all."""
        if fixturedef.scope == "function":
            return (yield)
        before = self._switch(request.node.nodeid)
        try:
            return (yield)
        finally:
            self._switch(before)

    def lines(self) -> dict[str, dict[str, list[int]]]:
        """By test (or file of tests), by module."""
        met: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        data = self.measure.get_data()
        for path in data.measured_files():
            for line, contexts in data.contexts_by_lineno(path).items():
                for context in filter(None, contexts):
                    met[context][Path(path).stem].append(line)
        return met


def main() -> int:
    told, *tests = sys.argv[1:]
    learning = Learning()
    learning.measure.start()
    code = run(learning, *tests)
    learning.measure.stop()
    if code == 0:
        found = {"seconds": learning.seconds, "lines": learning.lines()}
        Path(told).write_text(json.dumps(found), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
