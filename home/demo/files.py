"""The demo content's own files and the one clock they share."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

FOLDER = Path(__file__).parent
ZONE = ZoneInfo("Asia/Shanghai")
# The day the content was written for: its fixed dates move with the distance from it, so the demo never looks old.
WRITTEN_FOR = datetime.date(2026, 11, 20)


def read(name: str) -> dict[str, Any]:
    """One YAML file below the demo folder."""
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def rules_files() -> list[dict[str, Any]]:
    """Every rules document of a village, in the order of file names."""
    documents = [read(f"rules/{path.name}") for path in sorted((FOLDER / "rules").glob("*.yaml"))]
    return [document for document in documents if document["village"]]


class Days:
    """Moves the content's dates to the demo day."""

    def __init__(self, today: datetime.date) -> None:
        self.today = today
        # Whole weeks, so that a meeting on a Saturday stays on one.
        self.shift = datetime.timedelta(days=(today - WRITTEN_FOR).days // 7 * 7)

    def date(self, value: datetime.date | None) -> datetime.date | None:
        return value + self.shift if value else None

    def after(self, number: int) -> datetime.date:
        """So many days after the demo day (before it, when below zero)."""
        return self.today + datetime.timedelta(days=number)

    def moment(self, day: datetime.date, clock: str) -> datetime.datetime:
        """That day at "HH:MM" in the village's time; "24:00" is the next day's midnight."""
        hours, minutes = (int(part) for part in clock.split(":"))
        return datetime.datetime.combine(day, datetime.time(), ZONE) + datetime.timedelta(hours=hours, minutes=minutes)
