"""The site's files: pictures and documents, and the private photographs of sheets and grants."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from .archive import Archive, Writer

_STAGE = ".restoring-"


def roots() -> dict[str, Path]:
    """The first word of a member's name, and the directory it stands for."""
    return {"media": Path(settings.MEDIA_ROOT), "private": Path(settings.PRIVATE_ROOT)}


def add_files(writer: Writer) -> int:
    """Every regular file below the roots; how many. One that goes away meanwhile is left out, as is any link."""
    added = 0
    for word, root in roots().items():
        for path in _below(root):
            added += writer.add(f"{word}/{path.relative_to(root).as_posix()}", path)
    return added


class Staged:
    """The archive's files beside those in use, complete before any of them is touched. A context manager."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._stages = {word: root / f"{_STAGE}{secrets.token_hex(4)}" for word, root in roots().items()}

    def __enter__(self) -> Staged:
        try:
            for word, stage in self._stages.items():
                stage.mkdir(mode=0o700, parents=True)
                for name in self._names(word):
                    target = stage / name
                    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    self._archive.extract(f"{word}/{name}", target)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        for stage in self._stages.values():
            shutil.rmtree(stage, ignore_errors=True)

    def put_in_place(self) -> None:
        """Let the staged files be the only ones. Safe to repeat by restoring once more."""
        for word, root in roots().items():
            wanted = set(self._names(word))
            for name in wanted:
                target = root / name
                target.parent.mkdir(parents=True, exist_ok=True)
                staged = self._stages[word] / name
                # Pictures are handed out by the web server, which is another user on many machines.
                staged.chmod(settings.FILE_UPLOAD_PERMISSIONS or 0o644)
                staged.replace(target)
            for path in list(_below(root)):
                if path.relative_to(root).as_posix() not in wanted:
                    path.unlink(missing_ok=True)

    def _names(self, word: str) -> list[str]:
        return [name.removeprefix(f"{word}/") for name in self._archive.names if name.startswith(f"{word}/")]


def _below(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(_STAGE))
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path
