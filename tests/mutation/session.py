"""How the tests of the rules are run for mutants."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The rules' own tests, and the few elsewhere that stand for a rule.
TESTS = [
    "tests/consultation",
    "tests/portal/test_backup.py",
    "tests/residents/test_rights.py",
]


class SameEveryTime:
    """What hypothesis makes up is the same for each mutant, and a failure is not made simpler."""

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        import hypothesis

        hypothesis.settings.register_profile(
            "mutants",
            max_examples=20,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
        )
        hypothesis.settings.load_profile("mutants")


def run(plugin: object, *tests: str) -> int:
    """Run these tests."""
    os.environ["LOG_LEVEL"] = "CRITICAL"
    plain = ["-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not long and not browser"]
    return pytest.main(["-x", "-s", *plain, *tests], plugins=[plugin, SameEveryTime()])
