"""What has to be done before serving, and whether it is done: a second start must not wait for the first's work."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings


def _digest(paths: list[Path], *words: str) -> str:
    digest = hashlib.sha256("\0".join(words).encode())
    for path in sorted(paths):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def migrations_stamp() -> str:
    """Changes with the database, our migrations and the pinned packages, which bring theirs."""
    root: Path = settings.BASE_DIR
    return _digest([*root.glob("*/migrations/*.py"), root / "requirements.txt"], settings.DATABASE_URL)


def demo_stamp(today: str) -> str:
    """Changes with the demo's content, its loader and the day."""
    root: Path = settings.BASE_DIR
    return _digest([*root.glob("home/demo/**/*.yaml"), *root.glob("home/demo/*.py")], today, settings.DATABASE_URL)


def index_stamp() -> str:
    """Changes with how texts are taken apart for the search, the pinned packages (the dictionary), and the database."""
    root: Path = settings.BASE_DIR
    ways = [*root.glob("portal/search/*.py"), root / "ui/chinese_words.py", root / "residents/names.py"]
    return _digest([*ways, root / "requirements.txt"], settings.DATABASE_URL)


def static_stamp() -> str:
    """Changes with our static files and the pinned packages, which bring theirs."""
    root: Path = settings.BASE_DIR
    return _digest([p for p in root.glob("*/static/**/*") if p.is_file()] + [root / "requirements.txt"])


def is_done(name: str, stamp: str) -> bool:
    path = settings.DATA_DIR / f".{name}"
    return path.exists() and path.read_text(encoding="utf-8") == stamp


def mark_done(name: str, stamp: str) -> None:
    (settings.DATA_DIR / f".{name}").write_text(stamp, encoding="utf-8")
