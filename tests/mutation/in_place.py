"""`python -m tests.mutation.in_place MODULE SOURCE TEST…`: these tests, with a module that reads as SOURCE does."""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .session import run


class InPlace(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives out one source for one module."""

    def __init__(self, name: str, source: str) -> None:
        self.name, self.source = name, source

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> Any:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def exec_module(self, module: Any) -> None:
        exec(compile(self.source, f"mutant of {self.name}", "exec"), module.__dict__)  # noqa: S102  our own, made anew


if __name__ == "__main__":
    name, source, *tests = sys.argv[1:]
    finder = InPlace(name, Path(source).read_text(encoding="utf-8"))
    sys.meta_path.insert(0, finder)
    sys.exit(min(run(finder, *tests), 1))
