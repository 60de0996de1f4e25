"""Make a backup while the portal runs: database first, then the files, so that none is missing that a row names."""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from portal.checks import keys_apart

from . import postgres, sqlite
from .archive import Archive, BackupError, Writer
from .files import add_files

NAME = re.compile(r"portal-backup-\d{8}-\d{6}\.tar")
_WORKSHOP = ".portal-backup-"
_STALE_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Made:
    path: Path
    size: int  # bytes
    rows: int
    files: int
    removed: list[Path]


def default_folder() -> Path:
    return Path(settings.DATA_DIR) / "backups"


def make_backup(folder: Path, *, keep: int | None = None) -> Made:
    """One file in `folder`, whole and read through once more before it gets its name; `keep` newest ones stay.

    No ballot key and no key of the site is in it. Raises BackupError, and then nothing is left behind.
    """
    if keep is not None and keep < 1:
        raise BackupError(_("--keep 至少是 1，不然新做的备份也留不住。"))
    _require_apart(folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear_stale(folder)
        with _workshop(folder) as workshop:
            draft = workshop / "draft.tar"
            files = _write(draft, workshop)
            archive = Archive(draft)
            path = _give_name(draft, folder)
        removed = _remove_older(folder, keep) if keep is not None else []
        size = path.stat().st_size
    except OSError as error:
        raise BackupError(
            _("备份没有做成：%(reason)s。请检查 %(folder)s 的空间和权限，然后再做一次。")
            % {"reason": error.strerror or error, "folder": folder}
        ) from error
    except DatabaseError as error:
        raise BackupError(
            _("数据库读不出来，备份没有做成：%(reason)s。请看 /healthz/，等数据库正常了再做一次。")
            % {"reason": str(error).splitlines()[0][:200]}
        ) from error
    rows = sum(archive.manifest["database"]["counts"].values())
    with transaction.atomic():
        record(action="make_backup", subject=path.name, rows=rows, files=files, size=size)
    return Made(path, size, rows, files, removed)


def database_part() -> ModuleType:
    """How this site's kind of database is copied and brought back."""
    parts: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgres}
    if connection.vendor not in parts:
        raise BackupError(_("这种数据库不能用这个命令备份，请用 SQLite 或者 PostgreSQL。"))
    return parts[connection.vendor]


def _write(draft: Path, workshop: Path) -> int:
    made_at = timezone.now()
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        writer = Writer(file)
        database = database_part().add_database(writer, workshop)
        files = add_files(writer)
        writer.finish(
            {
                "made_at": made_at.isoformat(),
                "software": {name: version(name) for name in ("Django", "wagtail")},
                "database": {"vendor": connection.vendor, **database},
            }
        )
        file.flush()
        os.fsync(file.fileno())
    return files


def _require_apart(folder: Path) -> None:
    """A backup and the keys must not be stolen together, and nobody is served a backup."""
    if errors := keys_apart():
        raise BackupError(f"{errors[0].msg}{errors[0].hint}")
    real = Path(os.path.realpath(folder))
    for name in ("BALLOT_KEYS_DIR", "BALLOT_KEYS_COPY_DIR"):
        keys = Path(os.path.realpath(getattr(settings, name)))
        if keys == real or keys in real.parents or real in keys.parents:
            raise BackupError(_("备份不能和票箱的钥匙放在一起（%(keys)s）。请用 --out 换一个目录。") % {"keys": keys})
    for name in ("MEDIA_ROOT", "STATIC_ROOT", "PRIVATE_ROOT"):
        root = Path(os.path.realpath(getattr(settings, name)))
        if root == real or root in real.parents:
            raise BackupError(_("备份不能放在网站的文件里面（%(root)s）。请用 --out 换一个目录。") % {"root": root})


@contextlib.contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=_WORKSHOP, dir=folder) as name:
        yield Path(name)


def _give_name(draft: Path, folder: Path) -> Path:
    moment = timezone.localtime()
    while (path := folder / f"portal-backup-{moment:%Y%m%d-%H%M%S}.tar").exists():
        moment += datetime.timedelta(seconds=1)
    draft.rename(path)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return path


def _remove_older(folder: Path, keep: int) -> list[Path]:
    backups = sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name) and path.is_file())
    older = backups[:-keep]
    for path in older:
        path.unlink()
    return older


def _clear_stale(folder: Path) -> None:
    """What a backup that was killed left behind."""
    for path in folder.glob(f"{_WORKSHOP}*"):
        if path.is_dir() and time.time() - path.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


def describe(manifest: dict[str, Any]) -> str:
    """When it was made, in the site's time."""
    made_at = datetime.datetime.fromisoformat(manifest["made_at"])
    return f"{timezone.localtime(made_at):%Y-%m-%d %H:%M:%S}"
