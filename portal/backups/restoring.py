"""Bring a backup back: all is looked at before anything is touched, and votes that ran then stand still."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from pathlib import Path

from django.core.cache import caches
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from audit import guards
from audit.log import record
from consultation.models import Motion
from consultation.recovery import end_tablets, has_key, interrupt_running

from .archive import Archive, BackupError
from .common import is_empty, migrate_on, require_known
from .files import Staged
from .making import database_part


@dataclass
class Restored:
    made_at: datetime.datetime
    # Each with whether its key is there; None for a recorded one.
    interrupted: list[tuple[Motion, bool | None]] = field(default_factory=list)


def restore_backup(path: Path, *, replace: bool = False, other_field_key: bool = False) -> Restored:
    """Put the site back to the moment of the backup; everybody is signed out.

    `replace` lets it take the place of a database that is in use; `other_field_key` goes on although this machine's
    FIELD_KEY is not the one that phones were sealed with. Raises BackupError, and then nothing has changed.
    """
    archive = Archive(path)
    _require_fit(archive, other_field_key=other_field_key)
    if not replace and not _is_empty():
        raise BackupError(
            _("数据库里已经有内容，什么也没有改动。确实要用备份替换它，请先停下网站、备份现在的内容，再加 --yes。")
        )
    restored = Restored(datetime.datetime.fromisoformat(archive.manifest["made_at"]))

    def finish() -> None:
        migrate_on()
        guards.put_up(connection)
        with transaction.atomic():
            motions = interrupt_running(backed_up_at=restored.made_at)
            end_tablets()
            record(
                action="restore_backup",
                subject=path.name,
                backed_up_at=restored.made_at.isoformat(),
                interrupted=len(motions),
            )
        restored.interrupted = [(motion, has_key(motion)) for motion in motions]

    try:
        with Staged(archive) as staged:
            database_part().load_database(archive, finish)
            staged.put_in_place()
    except OSError as error:
        raise BackupError(
            _("文件写不进去：%(reason)s。请检查磁盘的空间和权限，然后加 --yes 再恢复一次。")
            % {"reason": error.strerror or error}
        ) from error
    for cache in caches.all():
        cache.clear()
    return restored


def _is_empty() -> bool:
    try:
        return is_empty()
    except DatabaseError as error:
        raise BackupError(
            _("数据库打不开，什么也没有改动。请检查 DATABASE_URL；是 SQLite 的文件坏了，就把它移到别处再恢复。")
        ) from error


def _require_fit(archive: Archive, *, other_field_key: bool) -> None:
    manifest = archive.manifest
    if manifest["database"]["vendor"] != connection.vendor:
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        raise BackupError(
            _("这份备份来自 %(from)s，这里用的是 %(to)s，不能互相恢复。请把 DATABASE_URL 改成同一种数据库。")
            % {
                "from": names.get(manifest["database"]["vendor"], manifest["database"]["vendor"]),
                "to": names.get(connection.vendor, connection.vendor),
            }
        )
    require_known(manifest["database"]["migrations"])
    if not archive.same_field_key and not other_field_key:
        raise BackupError(
            _(
                "这台机器的 FIELD_KEY 和做备份时的不一样，恢复以后电话号码会打不开。"
                "请先把原来的 site.env（或者环境变量 FIELD_KEY）放回来。原来的确实找不到了，再加 --other-field-key。"
            )
        )
