"""Checking a bulletin of 100,000 ballots with the script that villagers run: `python -m bench.bulletins`.

Stands by itself: no database, no server. Prints one JSON object of seconds and bytes.
"""

from __future__ import annotations

import argparse
import json
import runpy
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.factories.bulletins import make_body, text_of

SCRIPT = Path(__file__).resolve().parents[1] / "consultation" / "data" / "check_bulletin.py"
BALLOTS = 100_000


def bulletin_of(ballots: int) -> str:
    """A bulletin of that many ballots by phone."""
    against, abstain = ballots * 3 // 10, ballots // 10
    return text_of(make_body((ballots - against - abstain, against, abstain), entitled=ballots * 5 // 4))


def check_once(content: bytes, *, code: str = "") -> float:
    """Seconds that the script's own checks take in this process; RuntimeError when one of them does not hold."""
    report = runpy.run_path(str(SCRIPT))["report"]
    began = time.perf_counter()
    lines = list(report(content, False, "", code))
    seconds = time.perf_counter() - began
    if not all(line[0] for line in lines):
        raise RuntimeError(str(lines))
    return seconds


def run_once(content: bytes) -> float:
    """Seconds from the command to its answer, with the start of Python and the reading of the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bulletin.json"
        path.write_bytes(content)
        began = time.perf_counter()
        subprocess.run([sys.executable, str(SCRIPT), str(path)], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - began


def measure(ballots: int = BALLOTS, rounds: int = 3) -> dict[str, Any]:
    """The best of `rounds`: checking alone, and the whole command."""
    content = bulletin_of(ballots).encode()
    return {
        "ballots": ballots,
        "bytes": len(content),
        "check_s": round(min(check_once(content) for _ in range(rounds)), 3),
        "command_s": round(min(run_once(content) for _ in range(rounds)), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ballots", type=int, default=BALLOTS)
    print(json.dumps(measure(parser.parse_args().ballots)))


if __name__ == "__main__":
    main()
