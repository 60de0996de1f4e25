"""The file itself: a plain tar whose last member, the manifest, knows the size and SHA-256 of every other.

`database/…` is the database, `media/…` and `private/…` the files. Nothing is unpacked by its own name: only members
that the manifest lists and whose names are of this shape are read.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import re
import stat
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.utils.translation import gettext as _

FORMAT = "village-portal-backup"
VERSION = 1
MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 64 * 1024 * 1024
_CHUNK = 1024 * 1024
_NAME = re.compile(r"(database|media|private)(/[^/\0]+)+")


class BackupError(Exception):
    """A backup that cannot be made or brought back; one plain sentence that says what to do."""


class Writer:
    """Writes members one after another into `file`, and the manifest at the end."""

    def __init__(self, file: BinaryIO) -> None:
        self._tar = tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115  closed by finish
        self._members: dict[str, dict[str, object]] = {}

    def add(self, name: str, path: Path) -> bool:
        """Add a regular file; False, and nothing is written, when it is not one (any more). Links are not followed."""
        if not _fits(name):
            raise BackupError(_("文件名不能备份：%(name)s。请改名后再试。") % {"name": name})
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return False
            self._write(name, file, status.st_size, status.st_mtime)
        return True

    def finish(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Write the manifest with `facts` (JSON values) and close the tar; returns it."""
        manifest = {"format": FORMAT, "version": VERSION, **facts, "members": self._members}
        manifest["field_key"] = key_print()
        manifest["digest"] = _digest(manifest)
        manifest["seal"] = _seal(manifest)
        content = json.dumps(manifest, indent=1, sort_keys=True).encode()
        self._write(MANIFEST, io.BytesIO(content), len(content), time.time())
        self._tar.close()
        return manifest

    def _write(self, name: str, file: BinaryIO, size: int, mtime: float) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = size, 0o600, int(mtime)
        counted = _Counted(file)
        self._tar.addfile(entry, cast(BinaryIO, counted))  # it needs no more than read
        self._members[name] = {"size": size, "sha256": counted.digest.hexdigest()}


class Archive:
    """A backup that has been read through and found whole. Raises BackupError when it is not one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._places: dict[str, tuple[int, int]] = {}
        try:
            with path.open("rb") as file:
                self.manifest = self._read(file)
        except FileNotFoundError as error:
            raise BackupError(_("没有这个文件：%(path)s。请核对文件名。") % {"path": path}) from error
        except (OSError, tarfile.TarError, EOFError, ValueError, KeyError, TypeError) as error:
            raise BackupError(_NOT_WHOLE() % {"path": path}) from error

    @property
    def names(self) -> list[str]:
        return list(self.manifest["members"])

    @property
    def same_field_key(self) -> bool:
        """Whether this machine has the key that phones were sealed with."""
        return hmac.compare_digest(str(self.manifest["field_key"]), key_print())

    def size(self, name: str) -> int:
        return self._places[name][1]

    def chunks(self, name: str) -> Iterator[bytes]:
        """A member's bytes. Raises BackupError when they are no longer those that were checked."""
        start, left = self._places[name]
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            file.seek(start)
            while left and (chunk := file.read(min(left, _CHUNK))):
                left -= len(chunk)
                digest.update(chunk)
                yield chunk
        if left or digest.hexdigest() != self.manifest["members"][name]["sha256"]:
            raise BackupError(_NOT_WHOLE() % {"path": self.path})

    def extract(self, name: str, target: Path) -> None:
        """A member as a new file of its own, 0600, on the disk before this returns."""
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for chunk in self.chunks(name):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())

    def _read(self, file: BinaryIO) -> dict[str, Any]:
        digests: dict[str, str] = {}
        content = b""
        with tarfile.open(fileobj=file, mode="r:") as tar:
            while (entry := tar.next()) is not None:
                if not entry.isreg() or entry.name in digests or not (_fits(entry.name) or entry.name == MANIFEST):
                    raise ValueError(entry.name)
                if content:
                    raise ValueError("something follows the manifest")
                self._places[entry.name] = (entry.offset_data, entry.size)
                digests[entry.name] = _hash_member(file, entry)
                if entry.name == MANIFEST:
                    content = _manifest_bytes(file, entry)
                cast(Any, tar).members.clear()  # a county has many files
        manifest: dict[str, Any] = json.loads(content)
        if manifest.get("format") != FORMAT:
            raise ValueError("not a backup of this portal")
        if manifest.get("version") != VERSION:
            raise BackupError(_("这份备份是更新的程序做的。请先把程序升级到做备份时的版本，再恢复。"))
        del digests[MANIFEST]
        if manifest["digest"] != _digest(manifest):
            raise ValueError("the manifest was changed")
        if digests != {name: member["sha256"] for name, member in manifest["members"].items()}:
            raise ValueError("members were changed")
        if manifest["field_key"] == key_print() and not hmac.compare_digest(manifest["seal"], _seal(manifest)):
            raise ValueError("the seal is broken")
        return manifest


class _Counted:
    """Hashes what is read through it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self.digest.update(content)
        return content


def key_print() -> str:
    """Tells whether two machines have the same FIELD_KEY, and nothing else about it."""
    return _keyed(b"which")[:16]


def _keyed(words: bytes) -> str:
    return hmac.new(settings.FIELD_KEY.encode(), b"backup:" + words, hashlib.sha256).hexdigest()


def _digest(manifest: dict[str, Any]) -> str:
    told = {key: value for key, value in manifest.items() if key not in ("digest", "seal")}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _seal(manifest: dict[str, Any]) -> str:
    """Only who has the site's FIELD_KEY can write a backup that is taken for the site's own."""
    return _keyed(_digest(manifest).encode())


def _fits(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and not {".", ".."} & set(name.split("/"))


def _hash_member(file: BinaryIO, entry: tarfile.TarInfo) -> str:
    digest = hashlib.sha256()
    file.seek(entry.offset_data)
    left = entry.size
    while left:
        chunk = file.read(min(left, _CHUNK))
        if not chunk:
            raise EOFError(entry.name)
        left -= len(chunk)
        digest.update(chunk)
    return digest.hexdigest()


def _manifest_bytes(file: BinaryIO, entry: tarfile.TarInfo) -> bytes:
    if entry.size > _LARGEST_MANIFEST:
        raise ValueError("no manifest is that large")
    file.seek(entry.offset_data)
    return file.read(entry.size)


def _NOT_WHOLE() -> str:  # noqa: N802  a sentence, in the language of who asks
    return _("%(path)s 不是本门户的备份，或者已经损坏、不完整。什么也没有改动。请换另一份备份再试。")
